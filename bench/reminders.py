"""10,000 reminders due at one moment: each in one mail for each person, once, although workers are killed meanwhile;
and what pages take while it goes on."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from django.db.models import Count
from django.utils import timezone

from actions.models import Task
from bench import stage
from bench.measuring import Taken, ask, client_of
from bench.report import Figure
from core.models import CatalogEntry, Notice, OutboxMessage
from people.models import Person

REMINDERS = 10_000
KEY = "bench-reminder:"


def figures() -> Iterator[Figure]:
    """How long both sweeps take, what came out, and the pages meanwhile."""
    people = list(Person.objects.filter(email__startswith="person").order_by("pk"))
    started = timezone.now()
    _clean()
    entries = list(CatalogEntry.objects.filter(audience_keys__contains=["everyone"]).order_by("pk")[:REMINDERS])
    Task.objects.bulk_create(
        (
            Task(
                key=f"{KEY}{number}",
                kind="review",
                title=f"Review {entry.code}",
                url=entry.url,
                entry=entry,
                person=people[number % len(people)],
                due_at=started,
            )
            for number, entry in enumerate(entries)
        ),
        batch_size=2_000,
    )
    notices = Notice.objects.filter(topic="reminders", created_at__gte=started, person__in=people)
    mails = OutboxMessage.objects.filter(created_at__gte=started, person__in=people)
    expected = len({number % len(people) for number in range(len(entries))})
    seconds, pages = _swept("remind", lambda: notices.count() >= REMINDERS // 3)
    yield Figure("10,000 reminders due at once, written in", seconds, None, "s")
    yield Figure("… home while they are written, p95", pages.p95(), 80, processor=pages.p50_of_processor())
    yield Figure("… tasks not reminded of, or twice", _not_once(entries, notices), 0, "")
    seconds, pages = _swept("mail", lambda: mails.count() >= expected // 3)
    yield Figure("… put into mails in", seconds, None, "s")
    yield Figure("… home while mails are made, p95", pages.p95(), 80, processor=pages.p50_of_processor())
    once = mails.values("person").annotate(n=Count("pk")).filter(n=1).count()
    yield Figure("… people without exactly one mail", expected - once, 0, "")
    yield Figure("… reminders in no mail", notices.filter(mailed_at=None).count(), 0, "")
    _clean()
    stage.forget(notices, mails)


def _clean() -> None:
    stage.forget(Task.objects.filter(key__startswith=KEY))


def _not_once(entries: list[CatalogEntry], notices: object) -> int:
    told = dict(notices.values_list("entry").annotate(n=Count("pk")))  # type: ignore[attr-defined]
    return sum(told.get(entry.pk, 0) != 1 for entry in entries)


def _swept(name: str, is_halfway: Callable[[], bool]) -> tuple[float, Taken]:
    """Run the sweep, kill it on the way, run it again to its end, and ask for pages all the time. Returns the
    seconds both took together."""
    pages, client = Taken(), client_of(Person.objects.get(pk=4_321))
    began = time.perf_counter()
    for is_killed in (True, False):
        worker = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "bench.sweep", name])
        while worker.poll() is None:
            found = ask(client, ["/"], warm=0)
            pages.whole += found.whole
            pages.processor += found.processor
            if is_killed and is_halfway():
                worker.kill()
            time.sleep(0.2)
        if not is_killed and worker.returncode:
            raise SystemExit(f"The sweep {name} failed")
    return time.perf_counter() - began, pages
