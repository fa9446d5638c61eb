"""The API: the same rights as the pages, errors that programs can read, never a 500."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core import catalog
from core.kinds import all_kinds
from core.models import LedgerLine
from documents.models import Document, RouteTemplate, RouteTemplateStep
from documents.submission import StepPlan, submit
from people.models import ApiToken
from tests.cast import PASSWORD, new_draft, released


class Program:
    """A client that sends a token and speaks JSON."""

    def __init__(self, token):
        self.client, self.headers = Client(), {"Authorization": f"Bearer {token}"}

    def get(self, path, **query):
        return self.client.get(f"/api{path}", query, headers=self.headers)

    def post(self, path, data, **headers):
        return self.client.post(f"/api{path}", data, content_type="application/json", headers=self.headers | headers)

    def patch(self, path, data):
        return self.client.patch(f"/api{path}", data, content_type="application/json", headers=self.headers)


def program(person, scope="write", **fields):
    return Program(ApiToken.make(person, name="test", scope=scope, **fields)[1])


def test_a_document_lives_its_whole_life_over_the_api(author, owner, approver):
    template = RouteTemplate.objects.create(name="All")
    RouteTemplateStep.objects.create(template=template, meaning="Approved").people.add(approver)
    writer, decider = program(author), program(approver)
    started = writer.post("/documents", {"kind": "sop", "title": "Weighing", "body": "<p>Weigh.</p>"})
    assert started.status_code == 201, started.content
    version = started.json()
    path = f"/documents/{version['code']}/versions/{version['sequence']}"
    changed = writer.patch(path, {"row_version": version["row_version"], "body": "<p>Weigh twice.</p>"})
    assert "Weigh twice." in changed.json()["body"]
    stale = writer.patch(path, {"row_version": version["row_version"], "body": "<p>Old.</p>"})
    assert stale.status_code == 409
    submitted = writer.post(f"{path}/moves/submit", {"comment": "First"}).json()
    assert submitted["state"] == "in_review"
    decision = {"verdict": "approve", "seen_hash": submitted["manifest_hash"]}
    assert decider.post(f"{path}/decide", {**decision, "password": "wrong"}).status_code == 422
    decided = decider.post(f"{path}/decide", {**decision, "password": PASSWORD})
    assert decided.json()["state"] == "effective"


def test_who_sends_no_proof_is_told_what_signs_here_and_it_is_no_wrong_try(author, owner, approver):
    version = new_draft(author, owner)
    submit(version, by=author, plan=[StepPlan("Approved", people=[approver])])
    version.refresh_from_db()
    path, decider = f"/documents/{version.document.code}/versions/1/decide", program(approver)
    decision = {"verdict": "approve", "seen_hash": version.manifest_hash}
    for _try in range(6):
        answer = decider.post(path, decision)
        assert answer.status_code == 422
        assert "send `password` or `code`" in answer.json()["detail"]
    assert not LedgerLine.objects.filter(event="signature_failed").exists()
    assert decider.post(path, {**decision, "password": PASSWORD}).json()["state"] == "effective"


def test_a_repeat_with_the_same_key_starts_one_document(author):
    writer = program(author)
    for _ in range(2):
        answer = writer.post("/documents", {"kind": "sop", "title": "Once"}, **{"Idempotency-Key": "abc"})
        assert answer.status_code == 201
    assert Document.objects.filter(title="Once").count() == 1


def test_a_key_belongs_to_who_sent_it_and_counts_to_its_last_letter(author, owner):
    def start(person, title, key):
        return program(person).post("/documents", {"kind": "sop", "title": title}, **{"Idempotency-Key": key})

    long = "a key of a program that names its run " * 3
    answers = [start(author, "One", "1"), start(owner, "Two", "1")]
    answers += [start(author, "Three", f"{long}1"), start(author, "Four", f"{long}2"), start(author, "Five", "ü")]
    assert [answer.status_code for answer in answers] == [201] * 5
    assert len({answer.json()["code"] for answer in answers}) == 5


def test_a_key_that_came_with_something_else_is_refused(author):
    writer, key = program(author), {"Idempotency-Key": "abc"}
    writer.post("/documents", {"kind": "sop", "title": "Once"}, **key)
    answer = writer.post("/documents", {"kind": "sop", "title": "Something else"}, **key)
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json()["detail"]
    assert Document.objects.count() == 1


def test_a_next_version_is_opened_once_for_its_key(author, owner, approver):
    path = f"/documents/{released(author, owner, approver).document.code}/versions"
    answers = [program(author).post(path, {}, **{"Idempotency-Key": "next"}) for _ in range(2)]
    assert [(answer.status_code, answer.json()["sequence"]) for answer in answers] == [(201, 2), (201, 2)]
    assert program(author).post(path, {}).status_code == 409


def test_a_move_needs_no_body(author, owner):
    path = f"/documents/{new_draft(author, owner).document.code}/versions/1/moves/discard"
    answer = program(author).client.generic("POST", f"/api{path}", headers=program(author).headers)
    assert answer.json()["state"] == "discarded"


def test_neg_07_what_is_invisible_is_missing_and_what_is_not_allowed_is_refused(
    author, owner, approver, reader, outsider
):
    document = released(author, owner, approver, audience="department").document
    stranger, colleague = program(outsider), program(reader)
    path = f"/documents/{document.code}"
    assert stranger.get(path).status_code == 404
    assert stranger.get(path).content == stranger.get("/documents/NONE-1").content
    assert stranger.post(f"{path}/versions/1/moves/withdraw", {}).status_code == 404
    assert stranger.get("/documents").json()["count"] == 0
    assert colleague.get(f"{path}/versions/1").status_code == 200
    assert colleague.post(f"{path}/versions", {}).status_code == 403
    assert colleague.post("/documents", {"kind": "sop", "title": "Mine"}).status_code == 403


def test_neg_12_fields_that_do_not_exist_are_errors(author):
    sent = {"kind": "sop", "title": "X", "state": "approved", "owner_id": 1, "is_staff": 1}
    assert program(author).post("/documents", sent).status_code == 422
    assert not Document.objects.exists()


def test_a_title_is_one_line_that_can_be_seen(author, owner):
    writer = program(author)
    assert writer.post("/documents", {"kind": "sop", "title": "\u200b\u2060"}).json()["detail"] == "Enter a title."
    version = writer.post("/documents", {"kind": "sop", "title": "Two\nlines \u202eand more\u200b"}).json()
    assert version["title"] == "Two lines and more"
    path = f"/documents/{version['code']}/versions/1"
    unseen = writer.patch(path, {"row_version": version["row_version"], "title": "\u200b"}).json()
    assert unseen["title"] == "Two lines and more"


@pytest.mark.parametrize("spoil", ["expired", "revoked", "deactivated", "query", "nonsense"])
def test_neg_36_a_token_that_does_not_count_opens_nothing(author, spoil):
    expires_at = timezone.now() - timedelta(seconds=1) if spoil == "expired" else None
    token, text = ApiToken.make(author, name="t", expires_at=expires_at)
    if spoil == "revoked":
        token.revoke()
    if spoil == "deactivated":
        author.is_active = False
        author.save()
    if spoil == "query":
        assert Client().get(f"/api/documents?token={text}").status_code == 401
        return
    assert Program(text if spoil != "nonsense" else "pp_ü").get("/documents").status_code == 401


def test_neg_36_a_reading_token_does_not_write_and_bad_input_is_never_a_500(author, owner):
    reads = program(author, scope="read")
    assert reads.post("/documents", {"kind": "sop", "title": "X"}).status_code == 403
    assert reads.get("/documents", page_size="10000").status_code == 422
    assert reads.get("/documents", page_size="-1").status_code == 422
    assert reads.get("/documents", nonsense="1").status_code in (200, 422)
    assert reads.get("/documents", q="\x00").status_code == 200
    assert reads.get(f"/documents/{new_draft(author, owner).document.code}/versions/99999999999").status_code == 404
    broken = Client().post(
        "/api/documents", b"\xff\xfe{", content_type="application/json", headers=program(author).headers
    )
    assert broken.status_code in (400, 422)
    assert program(author).post("/documents", {"kind": "nonsense", "title": "X"}).status_code == 422


def test_search_finds_what_the_person_may_see(author, owner, approver, reader, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        document = released(author, owner, approver, title="Weighing pallets").document
    released(author, owner, approver, title="Weighing secrets", audience="named")
    found = program(reader, scope="read").get("/search", q="weighing").json()
    assert [hit["code"] for hit in found["results"]] == [document.code]
    assert found["count"] == 1
    assert found["facets"]["kind"] == {"sop": 1}
    assert program(reader).get("/search", q="wieghing").json()["did_you_mean"] == "weighing"
    assert program(reader).get("/search", q="\x00").status_code == 200


def test_a_page_behind_the_last_is_empty_so_that_reading_on_ends(author, owner):
    for number in range(3):
        new_draft(author, owner, title=f"Page {number}")
    reader, seen, page = program(author, "read"), [], 1
    while results := reader.get("/documents", page_size=2, page=page).json()["results"]:
        seen += [one["code"] for one in results]
        page += 1
        assert page < 9
    assert len(seen) == len(set(seen)) == 3
    assert reader.get("/documents", page=999).json() == {"count": 3, "page": 999, "results": []}


def test_a_document_is_found_by_any_spelling_of_its_number_and_by_its_number_of_old(author, owner, approver, reader):
    document = released(author, owner, approver, code="SOP-014").document
    document.rename_code("SOP-INB-014", by=owner)
    catalog.refresh(document)
    for code in ("SOP-INB-014", "sop inb 14", "SOP-014"):
        assert program(reader).get(f"/documents/{code}").json()["code"] == "SOP-INB-014"
        assert program(reader).get(f"/documents/{code}/versions/1").json()["code"] == "SOP-INB-014"
    hidden = released(author, owner, approver, code="SOP-099", audience="named").document
    missing = program(reader).get("/documents/SOP-XYZ-1")
    for code in (hidden.code, "sop 99"):
        answer = program(reader).get(f"/documents/{code}")
        assert (answer.status_code, answer.content) == (404, missing.content)


def test_who_sends_no_token_is_told_how(reader):
    for answer in (Client().get("/api/documents"), Program("nope").get("/documents")):
        assert answer.status_code == 401
        assert "Authorization: Bearer" in answer.json()["detail"]
        assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/nonsense", 404),
        ("get", "/documents/", 404),
        ("delete", "/documents", 405),
        ("options", "/documents", 405),
        ("put", "/documents/SOP-1/versions/1", 405),
        ("get", "/search?q=a&kind=%00", 400),
    ],
)
def test_neg_36_every_refusal_is_something_a_program_can_read(reader, method, path, status):
    answer = getattr(Client(), method)(f"/api{path}", headers=program(reader, "read").headers)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert answer.json()["detail"]
    assert (answer.get("Allow") is not None) == (status == 405)


def test_head_tells_what_get_would_without_the_body(author, owner, approver, reader):
    path = f"/api/documents/{released(author, owner, approver).document.code}"
    headers = program(reader, "read").headers
    told, given = Client().head(path, headers=headers), Client().get(path, headers=headers)
    assert (told.status_code, told.content) == (200, b"")
    assert told["Content-Length"] == given["Content-Length"] == str(len(given.content))
    assert Client().head("/api/documents/NONE-1", headers=headers).status_code == 404
    assert Client().head(path).status_code == 401


def test_the_description_tells_how_each_address_refuses_and_where_a_repeat_is_harmless(client):
    described = client.get("/api/openapi.json").json()
    operations = {(path, method): one for path, ways in described["paths"].items() for method, one in ways.items()}
    assert all("4XX" in operation["responses"] for operation in operations.values())
    with_key = {place for place, one in operations.items() if "Idempotency-Key" in str(one["parameters"])}
    of_kinds = {
        place for place in with_key if place[0].startswith(tuple(f"/api/{one.base_path}" for one in all_kinds()))
    }
    assert with_key - of_kinds == {("/api/documents", "post"), ("/api/documents/{code}/versions", "post")}
    assert client.get("/api/openapi.json").json() == described
