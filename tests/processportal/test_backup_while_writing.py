"""FLT-18: a backup taken while people write comes back whole on an empty machine."""

import json
import shutil
import subprocess
import sys
import time

import pytest

from processportal.services import locate
from tests.own_portal import ROOT, OwnPortal, until

# People who start documents, save texts, attach files and comment; the trail is sealed all the while, as by the worker.
WRITING = """
import itertools, sys, threading, time
from django.core.files.base import ContentFile
from core import ledger
from core.attachments import store
from core.catalog import entry_of
from core.comments import add
from documents.drafting import save_draft, start_document
from people.models import Department, Person
from django.contrib.auth.models import Group

department = Department.objects.create(code="INB", name="Inbound")
people = []
for name in ("ann", "omar"):
    person = Person.objects.create_user(f"{name}@example.org", "x", name=name, department=department)
    person.groups.set(Group.objects.filter(name__in=["staff", "officer", "owner"]))
    people.append(person)

def sealing():
    while True:
        ledger.seal()
        time.sleep(0.02)

def writing(person):
    for number in itertools.count(1):
        draft = start_document(by=person, owner=person, kind="sop", title=f"Written {number}", department=department,
                               body=b"<p>First words.</p>")
        entry = entry_of(draft.document)
        save_draft(draft, by=person, row_version=draft.row_version, body=f"<p>Words {number}.</p>".encode())
        store(ContentFile(f"file {number} ".encode() * 5000, name="evidence.txt"), entry, by=person)
        add(entry, by=person, text=f"Said {number}")
        print(draft.document.code, time.time(), flush=True)

for target, arguments in [(sealing, ()), *((writing, (person,)) for person in people)]:
    threading.Thread(target=target, args=arguments, daemon=True).start()
threading.Event().wait()
"""


@pytest.fixture
def portal(tmp_path):
    portal = OwnPortal(tmp_path / "old")
    yield portal
    portal.close()
    shutil.rmtree(locate(tmp_path / "new").home, ignore_errors=True)


@pytest.mark.faults
def test_flt_18_a_backup_taken_while_people_write_is_restored_to_a_portal_that_is_whole(portal, tmp_path):
    writer = portal.begin_python(WRITING)

    def written():
        return dict(line.split() for line in portal.said(writer).splitlines() if line.count(" ") == 1)

    until(lambda: len(written()) > 30 or writer.poll() is not None, 120)
    began = time.time()
    portal.manage("backup", str(tmp_path / "saved"))
    seconds = time.time() - began
    until(lambda: max(map(float, written().values())) > began + seconds or writer.poll() is not None)
    assert writer.poll() is None, portal.said(writer)[-2000:]
    before = {code for code, moment in written().items() if float(moment) < began}

    empty = portal.environment() | {"PORTAL_DATA": str(tmp_path / "new")}
    empty = {name: value for name, value in empty.items() if name not in ("REDIS_URL", "SECRET_KEY")}

    def manage(*command):
        return subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=empty, capture_output=True, text=True, check=False
        )

    began_again = time.time()
    restored = manage("restore", str(tmp_path / "saved"))
    assert restored.returncode == 0, restored.stderr
    recovered = time.time() - began_again
    found = json.loads(manage("verify", "--json").stdout)
    assert {name: words for name, words in found["checks"].items() if words} == {}
    told = manage(
        "shell", "-c", "from documents.models import Document as D; print(*D.objects.values_list('code', flat=True))"
    )
    there = set(told.stdout.split())
    assert before <= there, "what was committed before the backup began is lost"
    print(f"backup {seconds:.1f} s, restore {recovered:.1f} s, {len(there)} documents, {len(there - before)} new")
