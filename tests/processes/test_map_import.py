"""Many files at once: counted exactly, refused with a line, started once."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from documents.models import Version
from people.models import Person
from tests.cast import signed_in
from tests.processes.bpmn.conftest import bpmn, shape

FIGURES = (
    "flow_nodes",
    "sequence_flows",
    "message_flows",
    "pools",
    "lanes",
    "shapes",
    "edges",
    "diagrams",
)


def lines(*arguments: str) -> list[dict[str, Any]]:
    said = io.StringIO()
    call_command("import_maps", *arguments, "--json", stdout=said)
    return [json.loads(line) for line in said.getvalue().splitlines()]


def test_dry_run_over_all_shared_files_equals_truth(shared_data: Path, bpmn_truth: dict[str, Any]) -> None:
    *files, totals = lines(str(shared_data / "bpmn/miwg"), "--dry-run")
    assert len(files) == 423
    for each in files:
        truth = bpmn_truth[each["file"]]
        if truth["parsable"]:
            assert {name: each[name] for name in FIGURES} == {name: truth[name] for name in FIGURES}
            assert isinstance(each["warnings"], list)
        else:
            assert set(each) == {"file", "error", "line"}
            assert each["line"] == 2
    assert totals["totals"]["refused"] == 2
    assert totals["totals"]["flow_nodes"] == 8949


@pytest.mark.django_db
def test_import_twice_is_once(author: Person, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/one.bpmn").write_bytes(bpmn('<task id="t" name="Check"/>', shape("t", 0, 0)))
    (tmp_path / "bad.bpmn").write_bytes(b"<a>")
    first = lines(str(tmp_path), "--as", author.email)
    assert [each.get("file") for each in first[:-1]] == ["bad.bpmn", "sub/one.bpmn"]
    assert Version.objects.count() == 1
    again = lines(str(tmp_path), "--as", author.email)
    assert again[1]["was_there"] is True
    assert again[-1]["totals"]["started"] == 0
    assert Version.objects.count() == 1


@pytest.mark.django_db
def test_import_needs_somebody_who_may_draw(reader: Person, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="who may draw maps"):
        lines(str(tmp_path), "--as", reader.email)
    with pytest.raises(CommandError, match="no file or folder"):
        lines(str(tmp_path / "nowhere"))


@pytest.mark.django_db
def test_files_from_a_browser_are_looked_at_then_started(author: Person, reader: Person) -> None:
    def files() -> dict[str, Any]:
        good = SimpleUploadedFile("one.bpmn", bpmn('<task id="t" name="Check"/>', shape("t", 0, 0)))
        return {"files": [good, SimpleUploadedFile("bad.bpmn", b"<a>\n<b>")]}

    url, client = reverse("processes:map-import"), signed_in(author)
    looked = client.post(url, files() | {"preview": "1"}).content.decode()
    assert "Can be imported" in looked
    assert "line 2" in looked
    assert not Version.objects.exists()
    done = client.post(url, files()).content.decode()
    assert Version.objects.get().document.code in done
    assert "was there already" in client.post(url, files()).content.decode()
    assert Version.objects.count() == 1
    assert client.post(url, {}).status_code == 422
    assert signed_in(reader).get(url).status_code == 403
