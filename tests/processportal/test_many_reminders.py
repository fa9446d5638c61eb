"""FLT-14: ten thousand reminders come due at once while people work."""

import os
import signal
import threading
import time

import pytest

from tests.own_portal import SESSION, OwnPortal, until

PEOPLE, TASKS, READERS = 200, 10_000, 5
KILLED = 4  # workers on their way; what was written by then may leave in a mail of its own
SLOW = 0.5  # seconds at the 95th percentile …
BUSY = 4  # … or so many times what it was before, on a machine that does other things too

BEFOREHAND = f"""
from datetime import timedelta
from django.contrib.auth.models import Group
from django.utils import timezone
from actions.models import Task
from core.catalog import entry_of
from documents.drafting import start_document
from people.models import Department, Person
department = Department.objects.create(code="INB", name="Inbound")
everybody = Person.objects.bulk_create(
    Person(email=f"p{{n}}@example.org", name=f"Person {{n}}", department=department, password="!")
    for n in range({PEOPLE})
)
for name in ("staff", "officer", "owner"):
    Group.objects.get(name=name).user_set.add(*everybody)
ann = everybody[0]
entries = [
    entry_of(start_document(by=ann, owner=ann, kind="sop", title=f"Work {{n}}", department=department,
                            body=b"<p>x</p>").document)
    for n in range(20)
]
now = timezone.now()
Task.objects.bulk_create(
    [
        Task(key=f"t{{n}}", kind="do", title=f"Do {{n}}", url="/x/", entry=entries[n % 20],
             person=everybody[n % {PEOPLE}], due_at=now)
        for n in range({TASKS})
    ],
    batch_size=2000,
)
for person in everybody[:{READERS}]:
    {SESSION.replace(chr(10), chr(10) + "    ")}
    print(store.session_key)
"""
NOTICES = "SELECT count(*) FROM core_notice WHERE topic = 'reminders'"
MAILED = NOTICES + " AND mailed_at IS NOT NULL"
OUTCOME = """
from django.db.models import Count
from actions.models import Task
from core.models import Notice, OutboxMessage
reminders = Notice.objects.filter(topic="reminders")
print(reminders.count(), reminders.values("key").distinct().count(), reminders.filter(mailed_at=None).count())
mails = OutboxMessage.objects.values("person").annotate(n=Count("pk")).values_list("n", flat=True)
print(len(mails), max(mails))
"""


@pytest.fixture
def portal(tmp_path):
    portal = OwnPortal(tmp_path / "data")
    yield portal
    portal.close()


class Readers:
    """People who open their home again and again; how long each page took."""

    def __init__(self, web, sessions):
        self.taken, self.faults, self.stopped = [], [], threading.Event()
        self.threads = [threading.Thread(target=self._read, args=(web, one), daemon=True) for one in sessions]
        for thread in self.threads:
            thread.start()

    def _read(self, web, session):
        while not self.stopped.wait(0.5):
            page = web.ask("/", session)
            self.taken.append(page.seconds)
            if page.status != 200:
                self.faults.append(page.status)

    def p95(self):
        """Of all since it was asked last."""
        taken, self.taken = sorted(self.taken), []
        return taken[int(len(taken) * 0.95)]


@pytest.mark.faults
def test_flt_14_each_of_ten_thousand_reminders_is_in_one_mail_of_its_person_although_workers_are_killed(portal):
    web = portal.begin_web()
    sessions = portal.python(BEFOREHAND).split()
    readers = Readers(web, sessions)
    time.sleep(15)
    before = readers.p95()

    for task, count, all_of_them in (
        ("actions.tasks.remind", NOTICES, TASKS),
        ("core.tasks.mail_notices", MAILED, TASKS),
    ):
        for enough in (all_of_them // 5, all_of_them):
            worker = portal.begin_worker()
            portal.ring(task)
            until(lambda: portal.rows(count)[0][0] >= enough, 900)  # noqa: B023 - asked at once
            time.sleep(0 if enough < all_of_them else 3)
            os.killpg(worker.pid, signal.SIGKILL)
    meanwhile = readers.p95()
    readers.stopped.set()
    reminders, mails = portal.python(OUTCOME).splitlines()
    assert reminders == f"{TASKS} {TASKS} 0"
    assert mails.split()[0] == str(PEOPLE)
    assert int(mails.split()[1]) <= KILLED + 1
    assert readers.faults == []
    assert meanwhile < max(SLOW, BUSY * before), (before, meanwhile)
    assert portal.verify() == {}
