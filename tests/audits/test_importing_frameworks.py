"""Importing requirement libraries: once is once, a new edition stands beside the old, a baseline adds nothing."""

import json
import resource
import time

import pytest
from django.core.management import CommandError, call_command

from audits.models import Baseline, Framework, Requirement, RequirementLink
from core import catalog
from core.models import CatalogEntry, LedgerLine
from tests.cast import new_draft

pytestmark = pytest.mark.django_db
CATALOG = "nist_sp800-53_r5_catalog-min.json"
PROFILE = "nist_sp800-53_r5_moderate_baseline_profile.json"


def run(capsys, *arguments):
    call_command("import_framework", *map(str, arguments), "--json")
    return json.loads(capsys.readouterr().out.strip().splitlines()[-1])


def library(tmp_path, version, *controls, title="Cold rules"):
    listed = [{"id": key, "title": words, "parts": [{"name": "statement", "prose": words}]} for key, words in controls]
    data = {"metadata": {"title": title, "version": version}, "groups": [{"id": "g", "title": "G", "controls": listed}]}
    path = tmp_path / f"rules-{version}.json"
    path.write_text(json.dumps({"catalog": data}))
    return path


def test_sp_800_53_comes_in_once_within_its_figures(shared_data, capsys):
    path = shared_data / "frameworks" / CATALOG
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = run(capsys, path)
    took = time.monotonic() - began
    assert line == {
        "groups": 20,
        "requirements": 1189,
        "base": 322,
        "enhancements": 867,
        "withdrawn": 182,
        "active": 1007,
        "parts": 12587,
        "parameters": 1606,
        "created": 1189,
        "updated": 0,
        "unchanged": 0,
    }
    assert took < 15  # 5 s on a machine that does nothing else; bench measures it
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024
    lines, entries = LedgerLine.objects.count(), CatalogEntry.objects.count()
    again = run(capsys, path)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 1189)
    assert (LedgerLine.objects.count(), CatalogEntry.objects.count()) == (lines, entries)
    assert Requirement.history.count() == 1209
    assert Requirement.objects.called("AC-2(1)").get().label == "AC-02(01)"
    line = run(capsys, shared_data / "frameworks" / PROFILE)
    assert (line["requirements"], line["base"], line["enhancements"], line["created"]) == (287, 177, 110, 0)
    assert Requirement.objects.requirements().count() == 1189
    assert Baseline.objects.get().requirements.count() == 287


def test_a_dry_run_changes_nothing(shared_data, capsys):
    line = run(capsys, shared_data / "frameworks" / "owasp_asvs_5.0.0_en.csv", "--dry-run")
    assert (line["requirements"], line["created"]) == (345, 345)
    assert not Framework.objects.exists()


def test_a_profile_without_its_catalogue_is_refused(shared_data):
    with pytest.raises(CommandError, match="Import it first"):
        call_command("import_framework", str(shared_data / "frameworks" / PROFILE))


def test_a_changed_file_of_one_edition_updates_by_external_id(tmp_path, capsys):
    run(capsys, library(tmp_path, "1", ("a-1", "One"), ("a-2", "Two")))
    first = Requirement.objects.get(external_id="a-1")
    line = run(capsys, library(tmp_path, "1", ("a-1", "One, better"), ("a-3", "Three")))
    assert (line["created"], line["updated"], line["unchanged"]) == (1, 1, 0)
    assert Requirement.objects.get(pk=first.pk).text == "One, better"
    assert Requirement.objects.get(external_id="a-2").left_source_at
    assert Framework.objects.count() == 1


def test_a_new_edition_stands_beside_the_old_with_its_links(tmp_path, capsys, author, owner):
    run(capsys, library(tmp_path, "1", ("a-1", "One"), ("a-2", "Two"), ("a-3", "Three")))
    entry = catalog.entry_of(new_draft(author, owner).document)
    for key in ("a-1", "a-2", "a-3"):
        RequirementLink.objects.create(requirement=Requirement.objects.get(external_id=key), entry=entry)
    Requirement.objects.filter(external_id="a-1").update(applicability="not", justification="No such goods")
    call_command(
        "import_framework", str(library(tmp_path, "2", ("a-1", "One"), ("a-2", "Two, better"), ("a-4", "Four")))
    )
    said = capsys.readouterr().out
    assert "1 added: A-4" in said
    assert "1 changed: A-2" in said
    assert "1 withdrawn: A-3" in said
    assert "2 links carried over, 1 to be checked" in said
    old, new = Framework.objects.order_by("pk")
    assert (new.previous, old.edition, new.edition) == (old, "1", "2")
    carried = {
        link.requirement.external_id: link.needs_check
        for link in RequirementLink.objects.filter(requirement__framework=new)
    }
    assert carried == {"a-1": False, "a-2": True}
    assert new.requirements.get(external_id="a-1").justification == "No such goods"
    assert old.requirements.get(external_id="a-3").links.count() == 1


def test_an_unreadable_file_leaves_nothing(tmp_path):
    path = library(tmp_path, "1", ("a-1", "One"), ("a-1", "Two"))
    with pytest.raises(CommandError, match="groups 1 › controls 2: The id “a-1” is used already"):
        call_command("import_framework", str(path))
    assert not Framework.objects.exists()
    assert not Requirement.objects.exists()
