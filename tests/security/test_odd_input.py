"""NEG-36: what no browser of ours would send is answered in words at every page, and nothing falls over it."""

import json
import threading

import pytest
from django.db import connections
from django.urls import reverse

from documents.models import Content, Document, Version
from tests.cast import new_draft, released, signed_in
from tests.documents.test_api import program

pytestmark = pytest.mark.django_db
LONG = "9" * 5_000  # more digits than Python reads as a number


def at(version, name):
    return reverse(f"documents:{name}", args=[version.document.code, version.sequence])


@pytest.mark.parametrize("number", [LONG, "9" * 30, "²", "१"])
def test_neg_36_a_number_that_is_none_is_nothing(author, owner, approver, number):
    client, version = signed_in(author), released(author, owner, approver)
    assert client.post(reverse("core:notices-read"), {"notice": number}).status_code == 302
    end = reverse("documents:share-end", args=[version.document.code, f"p{number}"])
    assert client.post(end).status_code == 404


@pytest.mark.parametrize("address", ["//[", "http://[::1", "https://[evil/comments/1/"])
def test_neg_36_an_address_that_is_none_is_no_fragment(reader, address):
    answer = signed_in(reader).get(reverse("core:together"), {"ask": address}, headers={"HX-Request": "true"})
    assert answer.json() == {"fragments": [None]}


@pytest.mark.parametrize("header", ["Origin", "Referer"])
def test_neg_36_a_sender_that_is_no_address_is_a_foreign_one(reader, header):
    client = signed_in(reader, enforce_csrf_checks=True)
    answer = client.post(reverse("core:notices-read"), {"text": "what I typed"}, headers={header: "http://["})
    assert answer.status_code == 403
    assert "what I typed" not in answer.content.decode()


@pytest.mark.parametrize(
    "sent",
    [
        '{"body": "<p>a</p>", "row_version": Infinity}',
        '{"body": "<p>a</p>", "row_version": 1e999}',
        "[" * 100_000,
        '{"body": ' * 50_000,
        "[]",
        '{"body": "%s", "row_version": 1}' % ("&" * 90_000),
    ],
)
def test_neg_36_what_the_editor_never_sends_is_refused_and_stores_nothing(author, owner, sent):
    version = new_draft(author, owner)
    answer = signed_in(author).post(at(version, "autosave"), sent, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert Version.objects.get().row_version == version.row_version
    assert signed_in(author).post(at(version, "presence"), sent, content_type="application/json").status_code == 200


def test_neg_36_half_a_sign_is_stored_as_a_question_mark(author, owner):
    """Who deletes half of an emoji must not lose the rest of the text."""
    version = new_draft(author, owner)
    sent = json.dumps({"body": "<p>Half \ud83d</p>", "title": "Half \ud83d", "row_version": version.row_version})
    answer = signed_in(author).post(at(version, "autosave"), sent, content_type="application/json")
    assert answer.status_code == 200
    stored = Version.objects.get()
    assert (stored.title, stored.body_bytes()) == ("Half ?", b"<p>Half ?</p>")


TOO_LONG = "<p>" + "< " * 90_000 + "</p>"  # each sign is written as four


def test_neg_36_a_text_that_could_not_be_shown_any_more_is_not_stored(author, owner):
    """It is cleaned each time it is shown, so what is stored must be within the same bounds."""
    version = new_draft(author, owner)
    draft = {"title": "Cold", "body": TOO_LONG, "row_version": version.row_version}
    answer = signed_in(author).post(at(version, "edit"), draft)
    assert answer.status_code == 422
    assert "The text is too long" in answer.content.decode()
    assert answer.context["form"]["body"].value() == TOO_LONG
    path = f"/documents/{version.document.code}/versions/1"
    change = {"row_version": version.row_version, "body": TOO_LONG}
    assert program(author).patch(path, change).status_code == 422
    assert program(author).post("/documents", {"kind": "sop", "title": "Cold", "body": TOO_LONG}).status_code == 422
    assert Version.objects.get().content_id == version.content_id


def test_neg_36_a_text_of_before_that_is_too_long_is_shown_as_words(author, owner, approver, reader):
    version = new_draft(author, owner)
    written = f"<p>Keep it cold {'&lt; ' * 90_000}</p><ul><li>Always.</li></ul>"
    content = Content.of(written.encode(), "text/html")
    content.keep()
    Version.objects.filter(pk=version.pk).update(content=content)
    page = signed_in(author).get(at(version, "version-page"))
    assert page.status_code == 200
    assert "<p>Always.</p>" in page.content.decode()


def test_neg_36_the_same_key_of_two_programs_is_two_documents(author, owner):
    new = {"kind": "sop", "title": "Once"}
    for person in (author, owner):
        answers = [program(person).post("/documents", new, **{"Idempotency-Key": "1"}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()
    assert Document.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_neg_36_the_same_key_at_one_moment_is_one_document(author):
    answers, start = [], threading.Barrier(3)

    def send():
        start.wait()
        answers.append(program(author).post("/documents", {"kind": "sop", "title": "X"}, **{"Idempotency-Key": "1"}))
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({json.dumps(answer.json()["code"]) for answer in answers}) == 1
    assert Document.objects.count() == 1
