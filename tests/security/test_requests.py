"""NEG-22, NEG-23, NEG-31, NEG-35: requests that lie about where they go or are from, or that carry too much."""

import json
import re
import socket

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core import attachments, comments
from core.catalog import entry_of
from core.models import Comment, OutboxMessage, Watch
from core.upload_limit import limit_in_words
from documents.models import Document, Version
from people.invitations import send_link
from people.models import ApiToken
from tests.cast import new_draft, released, signed_in

FOREIGN = [
    "//evil.example",
    "https:///evil.example",
    "/\\evil.example",
    "\thttps://evil.example",
    "javascript:alert(1)",
    "https://testserver@evil.example/",
    "http://evil.example",
]


@pytest.mark.django_db
class TestNeg22:
    """Whatever a form says about where to go next, it is a page of this portal."""

    @pytest.fixture
    def forms(self, author, owner, approver):
        entry = entry_of(released(author, owner, approver).document)
        said = comments.add(entry, by=owner, text="Hello")
        kept = attachments.store(SimpleUploadedFile("list.txt", b"frozen peas"), entry, by=owner)
        return {
            reverse("core:comments", args=[entry.pk]): {"text": "Hello"},
            reverse("core:comment-resolve", args=[entry.pk, said.comment.pk]): {},
            reverse("core:attachment-remove", args=[kept.pk]): {},
            reverse("core:notices-read"): {},
            reverse("core:watch", args=[entry.pk]): {},
            "/look/": {"theme": "dark"},
            "/i18n/setlang/": {"language": "de"},
        }

    @pytest.mark.parametrize("target", FOREIGN)
    def test_a_foreign_address_is_not_followed(self, forms, owner, target):
        client = signed_in(owner)
        for address, sent in forms.items():
            answer = client.post(address, sent | {"next": target}, headers={"Referer": target})
            assert answer.status_code in (302, 303), f"{address} → {answer.status_code}"
            leads_to = answer["Location"] + answer.headers.get("HX-Redirect", "")
            assert re.match(r"/(?![/\\])", leads_to), f"{address} → {leads_to}"
            assert "evil" not in leads_to

    @pytest.mark.parametrize("word", ["9" * 30, "-1", "people", "[]", "🚀", "."])
    def test_a_word_that_is_no_address_is_no_fault_of_ours(self, forms, owner, word):
        for address, sent in forms.items():
            answer = signed_in(owner).post(address, sent | {"next": word})
            assert answer.status_code in (302, 303), f"{address} → {answer.status_code}"
            assert address == "/i18n/setlang/" or answer["Location"].startswith("/"), address

    def test_an_address_of_the_portal_is_followed(self, forms, owner):
        for address, sent in forms.items():
            answer = signed_in(owner).post(address, sent | {"next": "/people/"})
            assert answer["Location"].split("#")[0] == "/people/", address


@pytest.mark.django_db
class TestNeg23:
    """The name of the host comes from the settings, never from the request."""

    @pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/password/reset/", "/documents/"])
    def test_a_foreign_host_is_refused(self, client, reader, path):
        client.force_login(reader)
        for host in ("evil.example", "testserver.evil.example", "testserver@evil.example", "testserver:80@evil"):
            for method in (client.get, client.post):
                answer = method(path, {"email": reader.email}, headers={"Host": host}, SERVER_NAME=host)
                assert answer.status_code == 400
                assert b"evil" not in answer.content
        assert not OutboxMessage.objects.exists()

    def test_links_in_mails_come_from_the_base_address(self, client, reader, administrator, settings):
        settings.PORTAL_BASE_URL = "https://portal.example.org"
        forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "Origin": "null"}
        client.post(reverse("account_reset_password"), {"email": reader.email}, headers=forged)
        send_link(reader, by=administrator)
        mails = list(OutboxMessage.objects.filter(recipient=reader.email))
        assert len(mails) == 2
        for mail in mails:
            links = re.findall(r"https?://[^\s\"<>]+", mail.text + mail.html)
            assert links
            assert all(re.match(r"https://portal\.example\.org(/|$)", link) for link in links), links
            assert "evil" not in mail.text + mail.html + mail.subject


@pytest.mark.django_db(transaction=True)
def test_neg_23_two_hosts_in_one_request_are_refused(live_server):
    """Which of the two counts is a guess: none does."""
    place = live_server.url.removeprefix("http://")
    name, port = place.split(":")
    with socket.create_connection((name, int(port)), timeout=20) as line:
        line.sendall(f"GET /accounts/login/ HTTP/1.1\r\nHost: {place}\r\nHost: evil.example\r\n\r\n".encode())
        status = line.recv(200).split(b"\r\n")[0]
    assert b" 400 " in status


@pytest.mark.django_db
class TestNeg31:
    """What is too much is refused with the limit in words, and leaves nothing behind."""

    def test_too_many_fields_are_refused(self, author, owner, settings):
        version = new_draft(author, owner)
        fields = {f"steps-{number}-meaning": "x" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
        place = [version.document.code, version.sequence]
        answer = signed_in(author).post(reverse("documents:submit", args=place), fields)
        assert answer.status_code in (400, 413)
        assert b"Traceback" not in answer.content
        assert Version.objects.get().state == "draft"

    def test_a_text_above_the_limit_is_refused_with_a_page(self, author, owner, settings):
        version = new_draft(author, owner)
        sent = {"title": "x", "body": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), "row_version": 1}
        answer = signed_in(author).post(reverse("documents:edit", args=[version.document.code, 1]), sent)
        assert answer.status_code == 413
        assert b"too much for one form" in answer.content
        assert Version.objects.get().row_version == version.row_version

    def test_a_body_above_the_limit_is_not_read(self, author, settings):
        settings.PORTAL_UPLOAD_LIMIT = 1024**2
        file = SimpleUploadedFile("big.pdf", b"%PDF-1.4 " + b"x" * 3 * 1024**2)
        sent = {"kind": "sop", "title": "Big", "owner": author.email, "audience": "everyone", "file": file}
        answer = signed_in(author).post(reverse("documents:new"), sent)
        assert answer.status_code == 413
        assert limit_in_words() in answer.content.decode()
        assert not Document.objects.exists()

    def test_a_file_above_the_limit_starts_no_document(self, author, settings):
        settings.PORTAL_UPLOAD_LIMIT = 1024**2
        file = SimpleUploadedFile("big.pdf", b"%PDF-1.4 " + b"x" * (1024**2 + 1))
        sent = {"kind": "sop", "title": "Big", "owner": author.email, "audience": "everyone", "file": file}
        answer = signed_in(author).post(reverse("documents:new"), sent)
        assert answer.status_code == 422
        assert limit_in_words() in answer.content.decode()
        assert b'value="Big"' in answer.content
        assert not Document.objects.exists()
        assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


@pytest.mark.django_db
class TestNeg35:
    """A form that does not prove where it comes from changes nothing, and nothing that was typed is lost."""

    TYPED = "Keep the goods below five degrees, and write down when they came."

    @pytest.fixture
    def entry(self, author, owner, approver):
        return entry_of(released(author, owner, approver).document)

    def strict(self, person):
        return signed_in(person, enforce_csrf_checks=True)

    def test_the_page_explains_and_keeps_what_was_typed(self, entry, reader):
        here = {"Origin": "http://testserver"}
        sent = {"text": self.TYPED, "password": "my secret words", "form_token": "one two", "csrfmiddlewaretoken": "x"}
        answer = self.strict(reader).post(reverse("core:comments", args=[entry.pk]), sent, headers=here)
        assert answer.status_code == 403
        page = answer.content.decode()
        assert "Please send it again" in page
        assert self.TYPED in page
        assert "my secret words" not in page
        assert not Comment.objects.exists()

    def test_a_foreign_page_chooses_no_words_of_ours(self, entry, reader):
        for origin in ({"Origin": "https://evil.example"}, {"Referer": "https://evil.example/"}, {}):
            answer = self.strict(reader).post(
                reverse("core:comments", args=[entry.pk]), {"text": self.TYPED}, headers=origin
            )
            assert answer.status_code == 403
            assert self.TYPED not in answer.content.decode()
        assert not Comment.objects.exists()

    def test_a_fragment_without_token_is_refused(self, entry, reader):
        htmx = {"HX-Request": "true", "Origin": "http://testserver"}
        client = self.strict(reader)
        assert client.post(reverse("core:comments", args=[entry.pk]), {"text": "x"}, headers=htmx).status_code == 403
        assert client.post(reverse("core:watch", args=[entry.pk]), headers=htmx).status_code == 403
        assert not Comment.objects.exists()
        assert not Watch.objects.filter(person=reader).exists()

    def test_json_sent_as_plain_text_is_refused(self, author, owner):
        version = new_draft(author, owner)
        sent = json.dumps({"body": "<p>x</p>", "row_version": version.row_version})
        address = reverse("documents:autosave", args=[version.document.code, 1])
        for kind in ("text/plain", "application/json", "application/x-www-form-urlencoded"):
            assert self.strict(author).post(address, sent, content_type=kind).status_code == 403
        assert Version.objects.get().row_version == version.row_version

    def test_the_api_does_not_listen_to_cookies(self, author):
        client = self.strict(author)
        new = json.dumps({"kind": "sop", "title": "Mine"})
        for kind in ("application/json", "text/plain"):
            assert client.post("/api/documents", new, content_type=kind).status_code == 401
        assert not Document.objects.exists()

    def test_nobody_is_signed_in_by_a_foreign_form(self, reader):
        client = Client(enforce_csrf_checks=True)
        sent = {"login": reader.email, "password": "correct horse battery"}
        answer = client.post("/accounts/login/", sent, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403
        assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_neg_36_a_character_the_database_cannot_keep_is_refused_at_every_page(author, owner, approver):
    document = released(author, owner, approver).document
    client, entry = signed_in(author), entry_of(document)
    for path in ("/documents/", "/search", "/search/suggest", "/people/", "/people/suggest", "/notices/", "/inbox/"):
        sent = dict.fromkeys(("q", "kind", "state", "department", "owner", "page", "sort"), "x\x00")
        assert client.get(path, sent).status_code in (200, 400, 404), path
    assert client.get("/documents/%00/").status_code in (400, 404)
    place, sent = {"text": "Hello", "place": "\x00"}, {"form_token": "\x00", "text": "Hello"}
    for data in (place, sent):
        assert client.post(reverse("core:comments", args=[entry.pk]), data).status_code in (302, 400)
    assert not Comment.objects.filter(place__gt="").exists()


@pytest.mark.django_db
def test_nothing_on_the_way_keeps_what_is_for_one_person(author, owner, approver):
    version = released(author, owner, approver)
    _token, text = ApiToken.make(author, name="t")
    client = signed_in(author)
    for address in (
        "/",
        version.get_absolute_url(),
        "/search?q=cold",
        "/documents/export.csv",
        "/people/",
        "/no-such-page/",
    ):
        assert client.get(address)["Cache-Control"].startswith("private"), address
    answer = client.get("/api/documents", headers={"Authorization": f"Bearer {text}"})
    assert answer["Cache-Control"].startswith("private")


def test_under_a_foreign_name_the_page_leads_to_the_portal(client, settings):
    settings.PORTAL_BASE_URL = "https://portal.example.org"
    answer = client.get("/accounts/login/", headers={"Host": "192.0.2.7:8000"})
    assert answer.status_code == 400
    assert 'href="https://portal.example.org/"' in answer.content.decode()
    assert "192.0.2.7" not in answer.content.decode()
