"""Fragments that come into view together come in one answer, each under its own rule."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import catalog, comments
from documents.models import Document
from tests.cast import new_draft, released

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


def asked(client: Client, *addresses: str) -> list[str | None]:
    query = urlencode([("ask", address) for address in addresses])
    answer = client.get(f"/together/?{query}", headers=SCRIPT)
    assert answer.status_code == 200
    return answer.json()["fragments"]


def beside(document: Document) -> list[str]:
    """What a record page asks for."""
    entry = catalog.entry_of(document)
    panel = reverse("documents:panel", args=[document.code, "used-by"])
    return [panel, reverse("core:attachments", args=[entry.pk]), reverse("core:comments", args=[entry.pk])]


@pytest.fixture
def document(author: Any, owner: Any, approver: Any) -> Document:
    return released(author, owner, approver).document


def test_each_fragment_is_what_its_own_address_gives(client: Client, reader: Any, author: Any, document: Any) -> None:
    comments.add(catalog.entry_of(document), by=author, text="Which gate is meant?")
    client.force_login(reader)
    panel, files, talk = asked(client, *beside(document))
    assert panel == ""
    assert files == client.get(beside(document)[1], headers=SCRIPT).content.decode()
    assert "Which gate is meant?" in talk
    assert "<html" not in talk


def test_what_the_person_may_not_see_is_missing_like_what_is_not_there(
    client: Client, reader: Any, author: Any, owner: Any, document: Any
) -> None:
    hidden = new_draft(author, owner).document
    client.force_login(reader)
    seen = asked(client, *beside(hidden), beside(document)[1], "/comments/987654321/", "/nowhere/")
    assert [one is None for one in seen] == [True, True, True, False, True, True]


def test_only_fragments_come(client: Client, owner: Any, document: Any) -> None:
    client.force_login(owner)
    others = [
        "/",
        document.get_absolute_url(),
        f"/documents/{document.code}/new-version/",
        "/together/?ask=/comments/1/",
    ]
    assert asked(client, *others, "//elsewhere.example/comments/1/", "") == [None] * 6


def test_somebody_who_lost_the_right_gets_nothing_the_next_time(client: Client, reader: Any, document: Any) -> None:
    client.force_login(reader)
    assert asked(client, beside(document)[1]) != [None]
    entry = catalog.entry_of(document)
    type(entry).objects.filter(pk=entry.pk).update(audience_keys=["group:nobody"])
    assert asked(client, beside(document)[1]) == [None]


def test_it_is_for_scripts_and_for_who_is_signed_in(client: Client, reader: Any, document: Any) -> None:
    assert client.get("/together/?ask=/comments/1/", headers=SCRIPT).status_code == 302
    client.force_login(reader)
    assert client.get("/together/?ask=/comments/1/").status_code == 404
    assert client.post("/together/?ask=/comments/1/", headers=SCRIPT).status_code == 405


def test_three_fragments_ask_the_database_as_often_as_they_must(client: Client, reader: Any, document: Any) -> None:
    client.force_login(reader)
    addresses = beside(document)
    asked(client, *addresses)
    with CaptureQueriesContext(connection) as queries:
        asked(client, *addresses)
    # Session, person, where they are signed in, rights; then document and panel, entry and files, entry and talk.
    assert len(queries) <= 12
