"""Two imports of the same sources at the same time: each comes in once, and whoever was slower is told the truth."""

import json

import pytest

from tests.own_portal import OwnPortal

OFFICERS = """
from django.contrib.auth.models import Group
from people.groups import ensure_groups
from people.models import Person
ensure_groups()
for name in ("ann", "omar"):
    Person.objects.create_user(f"{name}@example.org", name=name).groups.add(Group.objects.get(name="officer"))
"""
# Each waits for the other after it has looked at a batch: both have planned the same before either writes.
IMPORT = """
import sys, time
from pathlib import Path
from django.core.management import call_command
from sops.import_plan import Planner

folder, path, me, other, *options = {arguments!r}
looks, really = [], Planner.plan

def plan(self, reads):
    plans = really(self, reads)
    looks.append(1)
    Path(folder, f"{{me}}-{{len(looks)}}").touch()
    deadline = time.monotonic() + 60
    while not Path(folder, f"{{other}}-{{len(looks)}}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return plans

Planner.plan = plan
call_command("import_documents", path, "--json", "--by", f"{{me}}@example.org", *options)
"""
READ = 120


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    portal = OwnPortal(tmp_path_factory.mktemp("portal"))
    portal.python(OFFICERS)
    yield portal
    portal.close()


def book(tmp_path, prefix):
    """Procedures as a folder of files that link to one another, and the like as lines."""
    folder, lines = tmp_path / "book", tmp_path / "book.jsonl"
    folder.mkdir()
    rows = []
    for n in range(READ):
        number = f"number: SOP-{prefix}-{n:03d}\n" if n % 2 else ""
        properties = f"---\nversion: 2.0\neffective: 2024-03-01\n{number}---\n"
        text = f"{properties}# {prefix} {n}\n\n1. [Next](p{(n + 1) % READ}.md)\n"
        (folder / f"p{n}.md").write_text(text)
        rows.append(
            json.dumps({"id": f"{prefix}-{n}", "title": f"{prefix} row {n}", "body": f"1. Do {n}.", "version": "2"})
        )
    lines.write_text("\n".join(rows))
    backwards = tmp_path / "backwards.jsonl"
    backwards.write_text("\n".join(reversed(rows)))
    return folder, lines, backwards


def at_once(portal, tmp_path, one, other, *options):
    """What both said on their last line, summed up."""
    waiting = tmp_path / "waiting"
    waiting.mkdir()
    started = [
        portal.begin_python(IMPORT.format(arguments=[str(waiting), str(path), me, them, *options]))
        for path, me, them in ((one, "ann", "omar"), (other, "omar", "ann"))
    ]
    codes = [process.wait(timeout=300) for process in started]
    said = [portal.said(process) for process in started]
    assert codes == [0, 0], "\n".join(text[-3000:] for text in said)
    assert "Traceback" not in said[0] + said[1]
    counts = [json.loads(text.strip().splitlines()[-1]) for text in said]
    assert [count["read"] for count in counts] == [READ, READ]
    return {name: counts[0][name] + counts[1][name] for name in counts[0]}


def comes_in_once(portal, path, *, taken_up):
    in_force = portal.rows(
        "SELECT count(*), count(DISTINCT document_id) FROM documents_version WHERE state = 'approved'"
    )
    adopted = portal.rows("SELECT count(*) FROM core_ledgerline WHERE event = 'adopt'")
    assert in_force == [(taken_up, taken_up)]
    assert adopted == [(taken_up,)]
    assert portal.rows("SELECT count(*) FROM documents_document") == [(taken_up,)]
    assert portal.rows("SELECT count(*) FROM core_attachment") == [(taken_up,)]
    again = json.loads(portal.manage("import_documents", str(path), "--json", "--as-effective").splitlines()[-1])
    assert again == {"read": READ, "created": 0, "updated": 0, "unchanged": READ, "refused": 0}
    assert portal.verify() == {}


@pytest.mark.faults
def test_the_same_drafts_take_effect_once_and_the_same_new_lines_come_in_once(portal, tmp_path):
    folder, lines, backwards = book(tmp_path, "AA")
    portal.manage("import_documents", str(folder))
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    both = at_once(portal, drafts, folder, folder, "--as-effective")
    assert both == {"read": 2 * READ, "created": 0, "updated": READ, "unchanged": READ, "refused": 0}
    comes_in_once(portal, folder, taken_up=READ)
    both = at_once(portal, tmp_path, lines, backwards, "--as-effective")
    assert both["created"] + both["updated"] + both["unchanged"] == 2 * READ
    assert both["refused"] == 0
    comes_in_once(portal, lines, taken_up=2 * READ)
