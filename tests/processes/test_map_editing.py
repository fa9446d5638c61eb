"""The draft of a map: uploaded, started from an example, made from an outline, saved as XML."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents.drafting import start_document
from documents.models import Version
from people.models import Person
from processes.maps import model_of
from tests.cast import signed_in
from tests.processes.bpmn.conftest import bpmn, shape

DRAWN = bpmn('<task id="t" name="Check"/>', shape("t", 0, 0))
OUTLINE = "Order;Activity;Condition;Who\n1;Check order;;Desk\n2a;Ship;in stock;Warehouse\n2b;Refuse;not in stock;Desk"
VISIO = "Process Step ID\tProcess Step Description\tNext Step ID\nP1\tCheck\tP2\nP2\tShip\tP9"


@pytest.fixture
def empty(author: Person) -> Version:
    return start_document(kind="map", by=author, title="Orders")


def send(version: Version, person: Person, **more: Any) -> Any:
    version.refresh_from_db()
    sent = {"title": version.title, "body": "", "row_version": version.row_version} | more
    return signed_in(person).post(reverse("documents:edit", args=[version.document.code, 1]), sent)


def stored(version: Version) -> Any:
    return model_of(Version.objects.select_related("content").get(pk=version.pk).body_bytes())


def test_empty_draft_offers_five_examples(empty: Version, author: Person) -> None:
    page = signed_in(author).get(reverse("documents:edit", args=[empty.document.code, 1])).content.decode()
    assert page.count('name="start"') == 5
    for key in ("sequence", "lanes", "approval", "parties", "timer"):
        version = start_document(kind="map", by=author, title=key)
        assert send(version, author, start=key).status_code == 302
        assert stored(version).issues == ()
    assert send(empty, author, start="nonsense").status_code == 422


def test_outline_becomes_a_map_with_two_lanes(empty: Version, author: Person) -> None:
    assert send(empty, author, outline=OUTLINE).status_code == 302
    model = stored(empty)
    assert [lane.name for lane in model.lanes.values()] == ["Desk", "Warehouse"]
    assert {"Check order", "Ship", "Refuse"} <= {node.name for node in model.nodes.values()}
    assert len(model.views[0].shapes) == len(model.nodes) + 3


@pytest.mark.parametrize(
    ("outline", "words"),
    [
        (VISIO, "Row 3: step “P2” leads to “P9”, which is not in the table."),
        ("Step ID;Next Step ID\nA;B\nB;A", "Nothing starts the process"),
        ("Order;Activity\nx;Check", "Row 2: “x” is no order"),
        ("Order;Activity\n1;Check\n1;Ship", "used twice"),
        ("One;Two\n1;2", "The headings are not known"),
    ],
)
def test_bad_outline_is_answered_at_its_place(empty: Version, author: Person, outline: str, words: str) -> None:
    answer = send(empty, author, outline=outline)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert outline.splitlines()[1].split("\t")[0][:3] in page
    assert stored_is_empty(empty)


def stored_is_empty(version: Version) -> bool:
    return Version.objects.select_related("content").get(pk=version.pk).body_bytes() == b""


def test_uploaded_file_replaces_the_draft(empty: Version, author: Person) -> None:
    bad = send(empty, author, file=SimpleUploadedFile("a.bpmn", b"<a>"))
    assert bad.status_code == 422
    assert "not well formed" in bad.content.decode()
    assert stored_is_empty(empty)
    assert send(empty, author, file=SimpleUploadedFile("a.bpmn", DRAWN)).status_code == 302
    assert list(stored(empty).nodes) == ["t"]


def test_saving_unchanged_keeps_the_bytes(author: Person) -> None:
    latin = DRAWN.decode().replace("UTF-8", "ISO-8859-1").replace("Check", "Prüfen").encode("latin-1")
    version = start_document(kind="map", by=author, title="Orders", body=latin)
    text = latin.decode("latin-1").split("?>", 1)[1]
    assert send(version, author, body=text.replace("\n", "\r\n"), title="Other").status_code == 302
    version.refresh_from_db()
    assert version.title == "Other"
    assert version.body_bytes() == latin


def test_autosave_and_stale_save(author: Person) -> None:
    version = start_document(kind="map", by=author, title="Orders", body=DRAWN)
    url = reverse("documents:autosave", args=[version.document.code, 1])
    body = DRAWN.decode().split("?>", 1)[1].replace("Check", "Inspect")
    client = signed_in(author)
    sent = {"body": body, "title": "Orders", "row_version": version.row_version}
    first = client.post(url, json.dumps(sent), content_type="application/json")
    assert first.status_code == 200
    sent["body"] = body.replace("Inspect", "Count")
    stale = client.post(url, json.dumps(sent), content_type="application/json")
    assert stale.status_code == 409
    assert "Inspect" in stale.json()["body"]
    again = send(version, author, body=sent["body"], row_version=version.row_version - 1)
    assert again.status_code == 409
    assert "saved this draft since you opened it" in again.content.decode()
