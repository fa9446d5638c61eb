"""Pasting or uploading an outline: preview, new map, into a draft, and what is refused where."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import CatalogEntry
from documents.drafting import start_document
from documents.models import Document, Version
from people.models import Person
from processes.models import Process, ProcessMap
from tests.cast import flat, signed_in
from tests.processes.conftest import Grower
from tests.processes.test_outline_table import ORDERED, VISIO

pytestmark = pytest.mark.django_db
NEW = {"title": "Receive goods", "process": "P3.1", "purpose": "as_is", "table": ORDERED}
PATH = "/maps/outline/"


def test_preview_stores_nothing(inbound: Process, author: Person) -> None:
    page = flat(signed_in(author).post(PATH, NEW | {"preview": "yes"}).content.decode())
    assert "<svg" in page
    assert "Check seal" in page
    assert "Create the map" in page
    assert not Document.objects.exists()


def test_an_outline_becomes_a_map_of_its_process(inbound: Process, author: Person) -> None:
    answer = signed_in(author).post(PATH, NEW | {"form_token": "one"})
    version = Version.objects.get()
    assert answer["Location"] == version.get_absolute_url()
    assert ProcessMap.objects.get().process == inbound
    assert version.document.parts.filter(label__contains="Check seal").exists()
    assert CatalogEntry.objects.get(kind="map").title == "Receive goods"
    assert signed_in(author).post(PATH, NEW | {"form_token": "one"}).status_code == 302
    assert Version.objects.count() == 1
    assert "Check seal" in signed_in(author).get("/processes/P3.1/").content.decode()


def test_a_file_stands_in_the_text_afterwards(inbound: Process, author: Person) -> None:
    file = SimpleUploadedFile("steps.csv", VISIO.replace("\t", ";").encode(), "text/csv")
    page = signed_in(author).post(PATH, NEW | {"table": "", "file": file, "preview": "yes"}).content.decode()
    assert "P100\tStart\tP200" in page
    assert "Take order" in page


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"table": ""}, "Paste a table or choose a file"),
        ({"table": "Order,Activity\n1,Pick\n2,goto 9\n"}, "Line 3: There is no step"),
        ({"table": "nothing"}, "must name the columns"),
        ({"title": ""}, "Enter a title"),
        ({"process": "P77"}, "There is no process"),
        ({"purpose": "magic"}, "not one of the available choices"),
        ({"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04broken")}, "Error:"),
    ],
)
def test_bad_input_is_said_at_its_place(inbound: Process, author: Person, sent: dict, words: str) -> None:
    answer = signed_in(author).post(PATH, NEW | sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Document.objects.exists()


def test_a_second_as_is_map_stores_nothing(inbound: Process, author: Person) -> None:
    client = signed_in(author)
    client.post(PATH, NEW)
    answer = client.post(PATH, NEW | {"title": "Again"})
    assert answer.status_code == 422
    assert "has an As-Is map already" in answer.content.decode()
    assert Document.objects.count() == 1


def test_hidden_processes_are_not_offered(grow: Grower, author: Person, owner: Person) -> None:
    grow("Prepare the merger", audience="named", owner=author, code="P8")
    answer = signed_in(owner).post(PATH, NEW | {"process": "P8"})
    assert "There is no process" in answer.content.decode()
    assert "merger" not in signed_in(owner).get(f"{PATH}?process=P8").content.decode()


def test_only_who_draws_maps_may(reader: Person) -> None:
    assert signed_in(reader).get(PATH).status_code == 403
    assert signed_in(reader).post(PATH, NEW).status_code == 403


def test_an_outline_goes_into_an_open_draft(inbound: Process, author: Person, reader: Person) -> None:
    version = start_document(kind="map", by=author, title="Receive", body=b"")
    path = f"/documents/{version.document.code}/versions/1/map/outline/"
    client = signed_in(author)
    assert "/map/outline/" in client.get(version.get_absolute_url()).content.decode()
    assert signed_in(reader).get(path).status_code == 404
    stale = client.post(path, {"table": ORDERED, "row_version": version.row_version + 1})
    assert stale.status_code == 422
    assert client.post(path, {"table": ORDERED, "row_version": version.row_version}).status_code == 302
    version.refresh_from_db()
    assert b"Check seal" in version.body_bytes()
