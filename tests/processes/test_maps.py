"""A map is a controlled document: stored byte for byte, read as drawing and text, taken along, told of its process."""

from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from core.lifecycle import Refused
from core.models import CatalogEntry
from documents.drafting import open_draft, save_draft, start_document
from documents.models import KindSettings, Part, Version
from documents.pdf import render_version
from people.models import Person
from processes.map_pages import map_of_process
from processes.map_roles import give_role, start_to_be
from processes.models import MapComparison, Process, ProcessMap
from tests.cast import approve, signed_in
from tests.processes.bpmn.conftest import bpmn, edge, shape
from tests.processes.conftest import Grower

STEPS = (
    '<startEvent id="s" name="Vehicle arrives"/><userTask id="t" name="Check seal"/>'
    '<exclusiveGateway id="g" name="Seal intact?"/><endEvent id="e" name="Load refused"/>'
    '<task id="u" name="Unload"/><sequenceFlow id="f1" sourceRef="s" targetRef="t"/>'
    '<sequenceFlow id="f2" sourceRef="t" targetRef="g"/><sequenceFlow id="f3" name="No" sourceRef="g" targetRef="e"/>'
    '<sequenceFlow id="f4" name="Yes" sourceRef="g" targetRef="u"/>'
)
PLANE = (
    shape("s", 0, 22, 36, 36)
    + shape("t", 90, 0)
    + shape("g", 240, 15, 50, 50)
    + shape("e", 400, 122, 36, 36)
    + shape("u", 350, 0)
    + edge("f1", (36, 40), (90, 40))
    + edge("f2", (190, 40), (240, 40))
    + edge("f3", (265, 65), (265, 140), (400, 140))
    + edge("f4", (290, 40), (350, 40))
)
LATIN = (
    bpmn(STEPS.replace("Unload", "Entladen für Süd"), PLANE).decode().replace("UTF-8", "ISO-8859-1").encode("latin-1")
)


@pytest.fixture
def drawn(author: Person) -> Version:
    return start_document(kind="map", by=author, title="Receive cold goods", body=bpmn(STEPS, PLANE))


def facts(author: Person, **more: object) -> dict[str, object]:
    return {"kind": "map", "title": "Receiving", "owner": author.email, "audience": "everyone"} | more


def test_upload_is_stored_byte_for_byte(author: Person, client: Client) -> None:
    client.force_login(author)
    client.post(reverse("documents:new"), facts(author, file=SimpleUploadedFile("receiving.bpmn", LATIN)))
    version = Version.objects.get()
    assert version.body_bytes() == LATIN
    assert version.document.code.startswith("MAP-")
    answer = client.get(reverse("processes:map-bpmn", args=[version.document.code, 1]))
    assert answer.content == LATIN
    assert "Entladen für Süd" in client.get(version.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"<a>\n<b>", "not well formed"), (b'<!DOCTYPE a [<!ENTITY b "c">]><a/>', "DOCTYPE"), (b"<html/>", "BPMN 2.0")],
)
def test_bad_file_is_answered_at_its_place(author: Person, client: Client, data: bytes, words: str) -> None:
    client.force_login(author)
    answer = client.post(reverse("documents:new"), facts(author, file=SimpleUploadedFile("bad.bpmn", data)))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Version.objects.exists()


def test_reading_page_names_elements_in_flow_order(drawn: Version, reader: Person, author: Person) -> None:
    page = signed_in(author).get(drawn.get_absolute_url()).content.decode()
    names = [
        "Start event Vehicle arrives, leads to Check seal",
        "User task Check seal, leads to Seal intact?",
        "Decision Seal intact?, leads to No: Load refused; Yes: Unload",
    ]
    places = [page.index(f"<title>{name}</title>") for name in names]
    assert places == sorted(places)
    assert "The same process as text" in page
    assert signed_in(reader).get(drawn.get_absolute_url()).status_code == 404


def test_chosen_element_shows_its_facts(drawn: Version, author: Person) -> None:
    page = signed_in(author).get(drawn.get_absolute_url() + "?element=g").content.decode()
    assert "<h2>Seal intact?</h2>" in page
    assert 'class="mark picked"' in page
    assert 'aria-current="step"' in page
    assert signed_in(author).get(drawn.get_absolute_url() + "?element=nothing&view=v9").status_code == 200


def test_parts_are_the_elements_in_flow_order(drawn: Version) -> None:
    parts = list(Part.objects.order_by("pk").values_list("key", "label", "type"))
    assert parts[:3] == [
        ("s", "Vehicle arrives", "startEvent"),
        ("t", "Check seal", "userTask"),
        ("g", "Seal intact?", "exclusiveGateway"),
    ]
    assert len(parts) == 5


def test_words_of_a_map_are_found(drawn: Version, author: Person, approver: Person) -> None:
    approve(drawn, author, approver)
    answer = signed_in(approver).get("/search?q=seal+intact").content.decode()
    assert drawn.document.code in answer
    assert CatalogEntry.objects.filter(kind="map").exists()


def test_exports_give_picture_and_table(drawn: Version, author: Person, reader: Person) -> None:
    client, where = signed_in(author), [drawn.document.code, 1]
    picture = client.get(reverse("processes:map-svg", args=where))
    assert picture["Content-Type"] == "image/svg+xml"
    assert picture.content.startswith(b'<svg class="bpmn" xmlns=')
    table = client.get(reverse("processes:map-elements", args=[*where, "csv"])).content.decode("utf-8-sig")
    assert table.splitlines()[2].startswith("2,User task,Check seal,,,Seal intact?")
    assert client.get(reverse("processes:map-elements", args=[*where, "xlsx"])).content[:2] == b"PK"
    assert client.get(reverse("processes:map-elements", args=[*where, "exe"])).status_code == 404
    for name in ("map-bpmn", "map-svg"):
        assert signed_in(reader).get(reverse(f"processes:{name}", args=where)).status_code == 404


def test_empty_map_says_the_first_step_and_cannot_be_submitted(author: Person) -> None:
    version = start_document(kind="map", by=author, title="New")
    assert "Nothing is drawn yet" in signed_in(author).get(version.get_absolute_url()).content.decode()
    with pytest.raises(Refused, match="It is empty"):
        version.check_move(version.MOVES["submit"] if isinstance(version.MOVES, dict) else version.MOVES[0], by=author)


def test_process_has_one_as_is_map(drawn: Version, author: Person, inbound: Process, grow: Grower) -> None:
    give_role(drawn.document, by=author, process=inbound, purpose="as_is")
    other = start_document(kind="map", by=author, title="Another", body=bpmn(STEPS, PLANE))
    with pytest.raises(Refused, match="has an As-Is map already"):
        give_role(other.document, by=author, process=inbound, purpose="as_is")
    give_role(other.document, by=author, process=inbound, purpose="to_be", based_on=drawn)
    assert ProcessMap.objects.count() == 2
    page = signed_in(author).get(inbound.get_absolute_url()).content.decode()
    assert 'class="bpmn"' in page
    assert f"To-Be {other.document.code}" in page


def test_to_be_starts_from_the_version_it_names(drawn: Version, author: Person, inbound: Process) -> None:
    give_role(drawn.document, by=author, process=inbound, purpose="as_is")
    client = signed_in(author)
    answer = client.post(reverse("processes:map-to-be", args=[drawn.document.code, 1]))
    role = ProcessMap.objects.get(purpose="to_be")
    assert role.based_on == drawn
    assert role.process == inbound
    assert answer.status_code == 302
    assert client.post(reverse("processes:map-to-be", args=[drawn.document.code, 1])).url == answer.url
    assert ProcessMap.objects.filter(purpose="to_be").count() == 1
    with pytest.raises(Refused, match="To-Be map itself"):
        start_to_be(Version.objects.get(document=role.document), by=author)


def test_form_says_which_process_a_map_shows(drawn: Version, author: Person, inbound: Process, reader: Person) -> None:
    url = reverse("processes:map-role", args=[drawn.document.code])
    wrong = signed_in(author).post(url, {"process": "P99", "purpose": "as_is"})
    assert wrong.status_code == 422
    assert "no process with this number" in wrong.content.decode()
    assert signed_in(author).post(url, {"process": inbound.code, "purpose": "as_is"}).status_code == 302
    assert map_of_process(inbound, author) is not None
    assert map_of_process(inbound, reader) is None
    assert signed_in(reader).get(url).status_code == 404


@pytest.mark.parametrize(
    "name", ["Reference/C.4.0.bpmn", "Reference/B.2.0.bpmn", "ARIS 10.2025.07/A.2.1-roundtrip.bpmn"]
)
def test_shared_files_live_as_documents(author: Person, shared_data: Path, name: str) -> None:
    data = (shared_data / "bpmn/miwg" / name).read_bytes()
    version = start_document(kind="map", by=author, title="Shared", body=data)
    page = signed_in(author).get(version.get_absolute_url())
    assert page.status_code == 200
    assert '<svg class="bpmn"' in page.content.decode()


def test_comparison_is_computed_once_and_stored(drawn: Version, author: Person, approver: Person) -> None:
    approve(drawn, author, approver)
    client = signed_in(author)
    draft = open_draft(drawn.document, by=author, reason="Faster")
    changed = STEPS.replace('name="Check seal"', 'name="Check seal and booking"').replace(
        '<task id="u" name="Unload"/>', ""
    )
    changed = changed.replace('<sequenceFlow id="f4" name="Yes" sourceRef="g" targetRef="u"/>', "")
    plane = PLANE.replace(shape("u", 350, 0), "").replace(edge("f4", (290, 40), (350, 40)), "")
    save_draft(draft, by=author, row_version=draft.row_version, body=bpmn(changed, plane))
    url = reverse("documents:compare", args=[drawn.document.code])
    page = client.get(url).content.decode()
    assert "1 changed" in page
    assert "2 removed" in page
    assert "<del>Check seal</del> <ins>Check seal and booking</ins>" in page
    assert MapComparison.objects.count() == 1
    assert client.get(url).status_code == 200
    assert MapComparison.objects.count() == 1


def test_to_be_is_compared_with_its_as_is(drawn: Version, author: Person, reader: Person, inbound: Process) -> None:
    give_role(drawn.document, by=author, process=inbound, purpose="as_is")
    started = start_to_be(drawn, by=author)
    changed = bpmn(STEPS.replace("Unload", "Unload by robot"), PLANE)
    save_draft(started, by=author, row_version=started.row_version, body=changed)
    url = reverse("processes:map-against-base", args=[started.document.code, 1])
    page = signed_in(author).get(url).content.decode()
    assert "1 changed" in page
    assert "Unload by robot" in page
    assert signed_in(reader).get(url).status_code == 404
    assert signed_in(author).get(url.replace(started.document.code, drawn.document.code)).status_code == 404


def test_retired_as_is_makes_room_for_another(
    drawn: Version, author: Person, approver: Person, inbound: Process
) -> None:
    give_role(drawn.document, by=author, process=inbound, purpose="as_is")
    settings = KindSettings.of("map")
    settings.signing = KindSettings.Signing.CLICK
    settings.save()
    approve(drawn, author, approver).move("retire", by=author, comment="Drawn anew")
    other = start_document(kind="map", by=author, title="Another", body=bpmn(STEPS, PLANE))
    give_role(other.document, by=author, process=inbound, purpose="as_is")
    assert ProcessMap.objects.get(document=drawn.document).is_retired


def test_pdf_holds_drawing_outline_and_table(drawn: Version, author: Person, approver: Person) -> None:
    data = render_version(approve(drawn, author, approver))
    assert data.startswith(b"%PDF")
    words = " ".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)
    for said in ("Check seal", "Seal intact?", "Elements"):
        assert said in words
