"""FLT-17: the schema changes while people work; a run that was killed is begun again."""

import os
import signal
import time

import pytest

from tests.own_portal import OwnPortal, until

LOCKED_AT_MOST = 2
SLACK = 3  # seconds; the machine does other things too
BEFORE, TABLE = ("core", "0013"), "core_catalogentry"  # the change after it made an index on this table

# People who start documents and save, one after the other: how long each took.
SAVING = """
import time
from django.contrib.auth.models import Group
from documents.drafting import save_draft, start_document
from people.models import Department, Person

ann = Person.objects.filter(email="ann@example.org").first()
if ann is None:
    department = Department.objects.create(code="INB", name="Inbound")
    ann = Person.objects.create_user("ann@example.org", "x", name="Ann", department=department)
    ann.groups.set(Group.objects.filter(name__in=["staff", "officer", "owner"]))
for number in range(100_000):
    began = time.monotonic()
    draft = start_document(by=ann, owner=ann, kind="sop", title=f"Started {number}", department=ann.department,
                           body=b"<p>First words.</p>")
    save_draft(draft, by=ann, row_version=draft.row_version, body=f"<p>Words {number}.</p>".encode())
    print("saved", time.monotonic() - began, flush=True)
    time.sleep(0.05)
"""


@pytest.fixture
def portal(tmp_path):
    portal = OwnPortal(tmp_path / "data")
    portal.manage("migrate", *BEFORE, "--verbosity", "0")
    yield portal
    portal.close()


class Saving:
    """A process that saves all the time."""

    def __init__(self, portal):
        self.portal, self.process = portal, portal.begin_python(SAVING)
        until(lambda: len(self.taken()) > 3 or self.process.poll() is not None)

    def taken(self):
        lines = (line.split() for line in self.portal.said(self.process).splitlines())
        return [float(line[1]) for line in lines if len(line) == 2 and line[0] == "saved"]

    def end(self):
        assert self.process.poll() is None, self.portal.said(self.process)[-2000:]
        self.process.kill()
        self.process.wait()


def long_reader(portal):
    """Somebody whose transaction on the table lasts long: a report, a backup."""
    line = portal.line()
    line.cursor().execute(f"LOCK TABLE {TABLE} IN ROW EXCLUSIVE MODE")
    return line


def is_migrated(portal):
    return "[ ]" not in portal.manage("showmigrations", BEFORE[0])


@pytest.mark.faults
def test_flt_17_who_saves_does_not_wait_behind_a_change_that_waits_for_somebody_else(portal):
    saving, reader = Saving(portal), long_reader(portal)
    migrating = portal.begin("manage.py", "migrate", "--verbosity", "0")
    until(lambda: "trying again" in portal.said(migrating) or migrating.poll() is not None)
    time.sleep(6)
    assert migrating.poll() is None
    reader.close()
    assert migrating.wait(60) == 0, portal.said(migrating)
    saving.end()
    assert max(saving.taken()) < LOCKED_AT_MOST + SLACK
    assert is_migrated(portal)
    assert portal.verify() == {}


@pytest.mark.faults
def test_flt_17_a_change_that_was_killed_half_way_is_begun_again_and_what_was_saved_meanwhile_is_there(portal):
    saving, reader = Saving(portal), long_reader(portal)
    migrating = portal.begin("manage.py", "migrate", "--verbosity", "0")
    until(lambda: waiting_for_the_table(reader))
    os.killpg(migrating.pid, signal.SIGKILL)
    migrating.wait()
    saved = len(saving.taken())
    until(lambda: len(saving.taken()) > saved + 3, LOCKED_AT_MOST + 10)
    assert not is_migrated(portal)
    reader.close()
    portal.manage("migrate", "--verbosity", "0")
    saving.end()
    assert is_migrated(portal)
    assert portal.verify() == {}


def waiting_for_the_table(line):
    with line.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [TABLE])
        return cursor.fetchone()[0] > 0
