"""FLT-06: the database is away for a while. Shortened from ten minutes: what waits does not count the minutes."""

import time

import pytest

from tests.own_portal import SESSION, OwnPortal, until

AWAY = 20  # seconds

# Somebody with a session and a task whose reminder comes due while the database is away.
BEFOREHAND = f"""
from datetime import timedelta
from django.contrib.auth.models import Group
from django.utils import timezone
from actions.models import Task
from core.catalog import entry_of
from documents.drafting import start_document
from people.models import Department, Person
department = Department.objects.create(code="INB", name="Inbound")
person = Person.objects.create_user("ann@example.org", "x", name="Ann", department=department)
person.groups.set(Group.objects.filter(name__in=["staff", "officer", "owner"]))
draft = start_document(by=person, owner=person, kind="sop", title="Receiving", department=department, body=b"<p>x</p>")
moment = timezone.now() + timedelta(seconds={AWAY // 2})
task = Task.ask(key="t", kind="do", title="Do it", url="/x/", entry=entry_of(draft.document), person=person,
                due_at=moment)
Task.objects.filter(pk=task.pk).update(remind_at=moment)
{SESSION}
print(store.session_key)
"""
REMINDED = """SELECT (SELECT count(*) FROM core_notice WHERE topic = 'reminders'),
                     (SELECT count(*) FROM core_outboxmessage)"""


@pytest.fixture
def portal(tmp_path):
    portal = OwnPortal(tmp_path / "data")
    yield portal
    portal.close()


@pytest.mark.faults
def test_flt_06_while_the_database_is_away_pages_say_so_and_afterwards_what_was_missed_is_made_up_once(portal):
    web, worker = portal.begin_web(), portal.begin_worker()
    session = portal.python(BEFOREHAND)
    assert web.ask("/", session).status == 200
    portal.database.stop()
    away_since = time.monotonic()
    while time.monotonic() < away_since + AWAY:
        page = web.ask("/", session)
        assert (page.status, page.headers["Retry-After"]) == (503, "30")
        assert b"database does not answer" in page.body
        assert page.seconds < 10
        assert web.ask("/healthz/live").status == 200
        assert web.ask("/healthz/ready").status == 503
        portal.ring("actions.tasks.remind")
        time.sleep(1)
    assert (web.process.poll(), worker.poll()) == (None, None)
    portal.database.start()
    until(lambda: web.ask("/", session).status == 200)
    until(lambda: web.ask("/healthz/ready").status == 200)
    for task in ("actions.tasks.remind", "core.tasks.mail_notices") * 2:
        portal.ring(task)
    until(lambda: portal.rows(REMINDED) == [(1, 1)])
    for task in ("actions.tasks.remind", "core.tasks.mail_notices"):
        portal.ring(task)
    time.sleep(3)
    assert portal.rows(REMINDED) == [(1, 1)]
    assert worker.poll() is None
    assert portal.verify() == {}
