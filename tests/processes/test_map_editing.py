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
