"""NEG-02, NEG-06, NEG-10, NEG-17: what is hidden is reached by no detour, and a permission opens what it should."""

import pytest
from django.test import Client
from django.urls import reverse

from core.catalog import entry_of
from core.models import Attachment, CatalogEntry, Comment, Watch
from documents.drafting import open_draft
from documents.models import Document, DocumentRoleGrant, RouteSeat, Version
from documents.submission import StepPlan, submit
from people.models import ApiToken
from tests.cast import new_draft, released, retired, retype, signed_in
from tests.security.world import CANARY, make_secret

pytestmark = pytest.mark.django_db
VERSION_PAGES = ("version-page", "print", "edit", "submit", "version-decide")


@pytest.fixture
def secret(author, owner, make_person):
    return make_secret(author, owner, make_person("Quentin Decider", "staff", "manager"))


def ask_api(person, path):
    _token, text = ApiToken.make(person, name="t", scope="write")
    return Client().get(f"/api{path}", headers={"Authorization": f"Bearer {text}"})


def assert_missing(answer):
    assert answer.status_code == 404, f"{answer.request['PATH_INFO']} → {answer.status_code}"
    assert CANARY not in answer.content.decode()


def test_neg_02_history_and_compare_of_a_hidden_document_are_missing(secret, reader):
    client = signed_in(reader)
    for name in ("history", "compare"):
        address = reverse(f"documents:{name}", args=[secret["code"]])
        missing = client.get(reverse(f"documents:{name}", args=["NO-SUCH-1"]))
        for query in ("", "?a=1&b=2", "?a=1&b=1", "?a=x&b=1", "?a=²&b=1", f"?a=1&b={'9' * 5000}"):
            answer = client.get(address + query)
            assert_missing(answer)
            assert len(answer.content) == len(missing.content)


def test_neg_02_a_version_of_one_document_is_not_found_under_another(secret, author, owner, approver, reader):
    mine = released(author, owner, approver).document
    hidden = secret["document"]
    assert hidden.versions.filter(sequence=2).exists()
    foreign = [2, *hidden.versions.values_list("pk", flat=True)]
    assert mine.versions.count() == 1
    client = signed_in(reader)
    for sequence in foreign:
        if sequence == 1:
            continue
        for name in VERSION_PAGES:
            assert_missing(client.get(reverse(f"documents:{name}", args=[mine.code, sequence])))
        for query in (f"?a=1&b={sequence}", f"?a={sequence}&b=1", "?a=1&b=²", f"?a=1&b={'9' * 5000}"):
            assert_missing(client.get(reverse("documents:compare", args=[mine.code]) + query))
        assert_missing(ask_api(reader, f"/documents/{mine.code}/versions/{sequence}"))


def test_neg_02_a_version_that_may_be_seen_is_not_compared_under_another_document(author, owner, approver):
    mine = released(author, owner, approver, title="One").document
    other = released(author, owner, approver, title="Another").document
    open_draft(other, by=author, reason="new")
    client, address = signed_in(owner), reverse("documents:compare", args=[mine.code])
    assert client.get(reverse("documents:compare", args=[other.code]) + "?a=1&b=2").status_code == 200
    for query in ("?a=1&b=2", "?a=2&b=1", "?a=2&b=2"):
        assert_missing(client.get(address + query))


def test_neg_02_a_draft_is_compared_with_nothing_by_readers(author, owner, approver, reader):
    document = released(author, owner, approver).document
    draft = open_draft(document, by=author, reason="new")
    retype(draft, author, f"<p>{CANARY}</p>".encode())
    address = reverse("documents:compare", args=[document.code])
    assert_missing(signed_in(reader).get(f"{address}?a=1&b=2"))
    assert CANARY not in signed_in(reader).get(address).content.decode()
    assert CANARY in signed_in(owner).get(f"{address}?a=1&b=2").content.decode()


def test_neg_02_parts_of_a_hidden_record_are_not_reached_through_an_own_one(secret, make_person, author, approver):
    keeper = make_person("Kim Keeper", "staff", "officer")
    mine = submit(
        new_draft(keeper, keeper, title="Own"), by=keeper, plan=[StepPlan("Approved", people=[approver])]
    ).version
    client, entry = signed_in(keeper), entry_of(mine.document)
    seat = RouteSeat.objects.get(pk=secret["seat_id"])
    sent = {"to": keeper.email, "reason": "x"}
    reassign = reverse("documents:reassign", args=[mine.document.code, mine.sequence, seat.pk])
    assert_missing(client.get(reassign))
    assert_missing(client.post(reassign, sent))
    assert_missing(client.post(reverse("documents:share-end", args=[mine.document.code, secret["grant"].key])))
    assert_missing(client.post(reverse("core:comment-resolve", args=[entry.pk, secret["comment"].pk])))
    assert_missing(
        client.post(reverse("core:comments", args=[entry.pk]), {"text": "x", "thread": secret["comment"].pk})
    )
    assert RouteSeat.objects.filter(pk=seat.pk, person_id=seat.person_id).exists()
    assert DocumentRoleGrant.objects.filter(pk=secret["grant"].pk).exists()
    assert Comment.objects.get().resolved_at is None


def test_neg_02_what_took_the_place_of_a_document_is_named_to_who_sees_it(
    secret, owner, author, approver, reader, make_person
):
    """Who retires a document may see more than its readers do."""
    version = released(author, owner, approver, title="Old plans")
    document, hidden = version.document, secret["document"]
    retired(version, owner, make_person("Second Officer", "officer"), "Replaced", successor=hidden)
    pages = [document.get_absolute_url()]
    pages += [reverse(f"documents:{name}", args=[document.code]) for name in ("history", "compare")]
    officer = make_person("Olga Officer", "staff", "officer")  # reads the history of its facts as well
    for person in (reader, officer):
        for page in (*pages, version.get_absolute_url(), f"{version.get_absolute_url()}print/"):
            said = signed_in(person).get(page).content.decode()
            assert "Old plans" in said
            assert hidden.code not in said
            assert CANARY not in said
    assert hidden.code in signed_in(owner).get(pages[0]).content.decode()


def test_neg_06_nothing_is_hung_on_a_hidden_record(secret, outsider):
    client, pk = signed_in(outsider), secret["entry_id"]
    rows = [model.objects.count() for model in (Comment, Attachment, Watch)]
    for what in ("watch", "favourite"):
        assert_missing(client.post(reverse("core:watch", args=[pk]), {"what": what}))
    assert_missing(client.post(reverse("core:comments", args=[pk]), {"text": "Hello"}))
    for record in (pk, "", "x", 2**63, -1, "9" * 5000):
        assert_missing(client.post(reverse("core:attachment-new") + f"?record={record}", {"file": "x"}))
    assert [model.objects.count() for model in (Comment, Attachment, Watch)] == rows


def test_neg_10_a_draft_is_missing_for_readers_at_every_address(author, owner, approver, reader):
    fresh = new_draft(author, owner, title=f"{CANARY} title", body=f"<p>{CANARY}</p>".encode())
    document = released(author, owner, approver, title="Known").document
    second = open_draft(document, by=author, reason=CANARY)
    second = retype(second, author, f"<p>{CANARY}</p>".encode())
    client = signed_in(reader)
    for name in ("page", "history", "compare", "qr", "facts", "share", "review", "retire"):
        assert_missing(client.get(reverse(f"documents:{name}", args=[fresh.document.code])))
    for version in (fresh, second):
        place = [version.document.code, version.sequence]
        for name in VERSION_PAGES:
            assert_missing(client.get(reverse(f"documents:{name}", args=place)))
        for name in ("autosave", "presence"):
            assert_missing(client.post(reverse(f"documents:{name}", args=place), "{}", content_type="application/json"))
        assert_missing(client.post(reverse("documents:version-move", args=[*place, "discard"])))
        assert_missing(ask_api(reader, f"/documents/{place[0]}/versions/{place[1]}"))
        assert Version.objects.filter(pk=version.pk, state="draft").exists()
    for address in (document.get_absolute_url(), reverse("documents:history", args=[document.code]), "/documents/"):
        page = client.get(address)
        assert page.status_code == 200
        assert CANARY not in page.content.decode()


@pytest.fixture
def shelf(author, owner, approver, department, other_department):
    """One document of each audience, and one draft; and where they lie."""
    make = lambda title, **fields: released(author, owner, approver, title=title, **fields).document  # noqa: E731
    make("for everyone")
    make("for the department", audience="department")
    make("of finance", audience="department", department=other_department)
    make("confidential", audience="named")
    new_draft(author, owner, title="a draft")
    new_draft(author, owner, title="a confidential draft", audience="named")


EXACTLY = {
    "staff": {"for everyone", "for the department"},
    "manager": {"for everyone", "for the department"},
    "owner": {"for everyone", "for the department"},
    "administrator": {"for everyone", "for the department"},
    # keeps the repository: everything but what is confidential
    "officer": {"for everyone", "for the department", "of finance", "a draft"},
    # may read all
    "auditor": {
        *("for everyone", "for the department", "of finance", "confidential", "a draft", "a confidential draft"),
    },
}


def test_neg_17_a_group_sees_exactly_what_the_design_says(shelf, make_person):
    for group, titles in EXACTLY.items():
        person = make_person(f"Pat {group}", "staff", group)
        released_only = {title for title in titles if "draft" not in title}
        assert seen(Document, person) == titles, group
        assert seen(CatalogEntry, person, kind="sop") == titles, group
        assert seen(Version, person) == (titles if group in ("officer", "auditor") else released_only), group


def seen(model, person, **fields):
    return set(model.objects.visible_to(person).filter(**fields).values_list("title", flat=True))


def test_neg_17_a_superuser_sees_no_more_documents_than_staff(shelf, make_person):
    person = make_person("Ruth Root", "staff", is_superuser=True)
    assert set(Document.objects.visible_to(person).values_list("title", flat=True)) == EXACTLY["staff"]


def test_neg_17_who_is_inactive_sees_nothing_whatever_their_group(shelf, make_person):
    document = Document.objects.first()
    for group in EXACTLY:
        person = make_person(f"Pat {group}", "staff", group, is_active=False)
        for model in (Document, Version, CatalogEntry, type(person)):
            assert not model.objects.visible_to(person).exists(), group
        assert not person.has_perm("documents.keep_document", document)
        assert not person.has_perm("documents.keep_documents")
