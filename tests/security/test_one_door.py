"""NEG-18: whatever way a text comes in, it is stored clean, who sent it is told, and it is cleaned again when shown."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from core.safe.html import Cleaned
from documents.models import Document, Version
from people.models import ApiToken
from tests.cast import new_draft, released, signed_in

pytestmark = pytest.mark.django_db
HOSTILE = (
    "<p>Keep it cold.</p><script>alert(1)</script><img src=x onerror=alert(1)>"
    '<a href="java&#10;script:alert(1)">here</a><svg onload=alert(1)></svg><iframe src="//evil.example"></iframe>'
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>"
    "<form action=//evil.example><button formaction=javascript:alert(1)>Go</button></form>"
    '<p style="position:fixed" onclick="alert(1)">Below five.</p><img src="http://evil.example/pixel.png">'
)
FORBIDDEN = re.compile(
    r"(?i)<(script|svg|iframe|math|style|form|button|object|embed)|\son\w+\s*=|style\s*=|script:|evil\.example"
)


def the_form(author, owner):
    version = new_draft(author, owner)
    sent = {"title": "Typed", "body": HOSTILE, "row_version": version.row_version}
    page = signed_in(author).post(reverse("documents:edit", args=place(version)), sent, follow=True)
    return page.content.decode()


def saved_by_itself(author, owner):
    version = new_draft(author, owner)
    sent = json.dumps({"title": "Typed", "body": HOSTILE, "row_version": version.row_version})
    address = reverse("documents:autosave", args=place(version))
    return signed_in(author).post(address, sent, content_type="application/json").content.decode()


def started_by_a_program(author, owner):
    sent = {"kind": "sop", "title": "Sent", "owner": owner.email, "body": HOSTILE}
    return (
        Client().post("/api/documents", sent, content_type="application/json", headers=token(author)).content.decode()
    )


def changed_by_a_program(author, owner):
    version = new_draft(author, owner)
    sent = {"row_version": version.row_version, "body": HOSTILE}
    address = f"/api/documents/{version.document.code}/versions/1"
    return Client().patch(address, sent, content_type="application/json", headers=token(author)).content.decode()


def place(version):
    return [version.document.code, version.sequence]


def token(person):
    _token, text = ApiToken.make(person, name="t", scope="write")
    return {"Authorization": f"Bearer {text}"}


@pytest.mark.parametrize("way", [the_form, saved_by_itself, started_by_a_program, changed_by_a_program])
def test_neg_18_a_hostile_text_is_stored_clean_whatever_way_it_comes_in(author, owner, way):
    way(author, owner)
    stored = Version.objects.get().body_bytes().decode()
    assert "Keep it cold." in stored
    assert "Below five." in stored
    assert not FORBIDDEN.search(stored), stored


@pytest.mark.parametrize("way", [the_form, saved_by_itself])
def test_neg_18_who_typed_it_is_told_what_was_removed(author, owner, way):
    answer = way(author, owner)
    assert "a script, an image that is not" in answer.replace('"', "")
    assert "a drawing (SVG)" in answer


def test_neg_18_what_lies_there_from_before_is_cleaned_when_it_is_shown(author, owner, approver, reader, monkeypatch):
    """The rules may have become stricter since it was stored."""
    with monkeypatch.context() as lax:
        lax.setattr("sops.kinds.clean", lambda html: Cleaned(html, []))
        version = released(author, owner, approver, body=HOSTILE.encode())
    assert FORBIDDEN.search(version.body_bytes().decode())
    document = version.document
    client = signed_in(reader)
    for address in (
        document.get_absolute_url(),
        reverse("documents:version-page", args=[document.code, 1]),
        reverse("documents:print", args=[document.code, 1]),
    ):
        page = client.get(address).content.decode()
        assert "Keep it cold." in page
        shown = page[page.index("Keep it cold.") : page.index("Below five.")]
        assert not FORBIDDEN.search(shown), (address, shown)
    told = Client().get(f"/api/documents/{Document.objects.get().code}/versions/1", headers=token(reader)).json()
    assert not FORBIDDEN.search(told["body"])
