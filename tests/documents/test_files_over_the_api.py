"""Files for programs: named with size and hash, given out by the same rules as on the pages, asked at each download."""

import hashlib
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import attachments
from core.catalog import entry_of
from documents.appendices import add_appendix
from documents.drafting import open_draft, start_document
from documents.files import taken_in
from documents.sharing import share
from people.models import ApiToken
from tests.cast import approve, released
from tests.documents.test_files import pdf, upload

pytestmark = pytest.mark.django_db
DATA = pdf("Keep it cold")


class Program:
    """A client with a token that may only read; it gets addresses as the API says them."""

    def __init__(self, person):
        _token, text = ApiToken.make(person, name="t", scope="read")
        self.headers = {"Authorization": f"Bearer {text}"}

    def get(self, address, **headers):
        return Client().get(address, headers=self.headers | headers)

    def version(self, document, sequence=1):
        return self.get(f"/api/documents/{document.code}/versions/{sequence}").json()


@pytest.fixture
def document(author, owner):
    file = taken_in(upload("Kühl­kette 1.pdf", DATA))
    return start_document(kind="sop", by=author, owner=owner, title="Cold chain", file=file).document


def read(answer):
    return b"".join(answer) if answer.streaming else answer.content


def test_a_version_names_its_file_and_a_reading_token_gets_it(document, author, approver, reader, browse):
    approve(document.versions.get(), author, approver)
    program = Program(reader)
    told = program.version(document)
    assert told["body"] == ""
    file = told["file"]
    assert (file["size"], file["content_type"]) == (len(DATA), "application/pdf")
    assert file["name"] == told["file_name"] == document.versions.get().file_name
    given = program.get(file["url"])
    assert given.status_code == 200
    assert hashlib.sha256(given.content).hexdigest() == file["sha256"] == hashlib.sha256(DATA).hexdigest()
    page = browse(reader).get(reverse("documents:file", args=[document.code, 1]))
    for header in ("Content-Type", "Content-Disposition", "Content-Security-Policy", "X-Content-Type-Options"):
        assert given[header] == page[header], header
    assert given["Cache-Control"] == page["Cache-Control"] == "private, no-store"


def test_a_draft_that_is_a_file_is_for_who_works_on_it(document, author, reader):
    address = Program(author).version(document)["file"]["url"]
    assert Program(author).get(address).content == DATA
    missing = Program(reader).get("/api/documents/SOP-NONE-1/versions/1/file")
    hidden = Program(reader).get(address)
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert Client().get(address).status_code == 401


def test_rights_are_those_of_the_moment_of_the_download(document, author, owner, approver, outsider):
    approve(document.versions.get(), author, approver)
    program = Program(outsider)
    address = program.version(document)["file"]["url"]
    assert program.get(address).status_code == 200
    document.refresh_from_db()
    document.audience = "named"
    document.save(by=owner)
    document.refresh_audience()
    assert program.get(address).status_code == 404
    share(document, by=owner, person=outsider, reason="Audit", until=timezone.localdate() + timedelta(days=1))
    assert program.get(address).status_code == 200
    outsider.is_active = False
    outsider.save()
    assert program.get(address).status_code == 401


def test_a_text_has_no_file(author, owner, approver, reader):
    version = released(author, owner, approver)
    assert Program(reader).version(version.document)["file"] is None
    assert Program(reader).get(f"/api/documents/{version.document.code}/versions/1/file").status_code == 404
    for odd in ("0", "99999999999", "x"):
        assert Program(reader).get(f"/api/documents/{version.document.code}/versions/{odd}/file").status_code in (
            404,
            422,
        )


def test_what_is_attached_and_what_is_an_appendix_are_named_and_given_with_the_token(
    document, author, owner, approver, reader
):
    version = document.versions.get()
    add_appendix(version, ContentFile(b"a,b\n1,2\n", "List.csv"), by=author)
    approve(version, author, approver)
    attachments.store(ContentFile(b"Seen beside it", "Note.txt"), entry_of(document), by=owner)
    program = Program(reader)
    [beside] = program.get(f"/api/documents/{document.code}").json()["attachments"]
    [appendix] = program.version(document)["appendices"]
    for file, name, data in ((beside, "Note.txt", b"Seen beside it"), (appendix, "List.csv", b"a,b\n1,2\n")):
        given = program.get(file["url"])
        assert (file["name"], read(given)) == (name, data)
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
        assert given["Content-Type"].startswith(file["content_type"])
        assert given["Content-Disposition"].startswith("attachment")
        assert program.get(file["url"], **{"If-None-Match": given["ETag"]}).status_code == 304


def test_a_file_is_found_under_its_own_document_only(document, author, owner, approver, reader):
    approve(document.versions.get(), author, approver)
    hidden = released(author, owner, approver, audience="named").document
    kept = attachments.store(ContentFile(b"Secret", "Note.txt"), entry_of(hidden), by=owner)
    for code in (document.code, hidden.code):
        assert Program(reader).get(f"/api/documents/{code}/attachments/{kept.pk}").status_code == 404
    assert Program(owner).get(f"/api/documents/{document.code}/attachments/{kept.pk}").status_code == 404
    assert Program(owner).get(f"/api/documents/{hidden.code}/attachments/{kept.pk}").status_code == 200
    assert Program(owner).get(f"/api/documents/{hidden.code}/attachments/nonsense").status_code == 422


def test_an_appendix_of_a_draft_is_for_who_works_on_it(document, author, reader, approver):
    version = document.versions.get()
    approve(version, author, approver)
    draft = open_draft(document, by=author)
    add_appendix(draft, ContentFile(b"a,b\n1,2\n", "List.csv"), by=author)
    [appendix] = Program(author).version(document, 2)["appendices"]
    assert Program(author).get(appendix["url"]).status_code == 200
    assert Program(reader).get(appendix["url"]).status_code == 404


def test_the_description_says_that_bytes_come(reader):
    paths = Program(reader).get("/api/openapi.json").json()["paths"]
    for path in (
        "/api/documents/{code}/versions/{sequence}/file",
        "/api/documents/{code}/attachments/{attachment_id}",
    ):
        answers = paths[path]["get"]["responses"]
        assert answers["200"]["content"]["application/octet-stream"]["schema"]["format"] == "binary"
