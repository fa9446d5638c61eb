"""Reminding people of what waits for them: one sweep over open tasks, each rung of each ladder once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _t

from actions.ladder import Ladder, Rung, due_rungs, latest, next_moment
from actions.models import Task
from core.digests import still_written
from core.moments import day_of, exact_words, whole_day
from core.notices import Told, tell_each
from core.permissions import sees
from core.rhythm import zone_named

TOPIC = "reminders"
BATCH = 200
NEVER_AGAIN = timedelta(days=3650)

# Kind of task → function (kind of record) → ladder; the app that makes the tasks registers it.
_ladders: dict[str, Callable[[str], Ladder]] = {}


def ladder_for(*task_kinds: str) -> Callable[[Callable[[str], Ladder]], Callable[[str], Ladder]]:
    """Register the decorated function as what says how tasks of these kinds are reminded of."""

    def register(function: Callable[[str], Ladder]) -> Callable[[str], Ladder]:
        for kind in task_kinds:
            _ladders[kind] = function
        return function

    return register


@dataclass
class Sweep:
    """One walk over what is due; asks for each ladder once, and for a person's keys once in each batch."""

    known: dict[tuple[str, str], Ladder] = field(default_factory=dict)
    people: dict[int, Any] = field(default_factory=dict)

    def ladder(self, task: Task) -> Ladder:
        key = (task.kind, task.entry.kind)
        if key not in self.known:
            asked = _ladders.get(task.kind)
            self.known[key] = asked(task.entry.kind) if asked else Ladder()
        return self.known[key]

    def sees(self, person: Any, task: Task) -> bool:
        """Whether the person may see what the task is about."""
        known = self.people.setdefault(person.pk, person)
        return sees(known, task.entry)


def remind() -> int:
    """Write the reminders that are due; returns how many people were reminded of something new.

    Each batch is a transaction: a killed worker's rest is done by the next sweep, and a key for each task, rung and
    person makes twice once.
    """
    sweep = Sweep()
    told = 0
    while batch := _next_batch():
        with transaction.atomic():
            tasks = Task.objects.select_for_update(no_key=True, skip_locked=True, of=["self"]).filter(
                pk__in=batch, done_at=None
            )
            tasks = list(tasks.select_related("person__manager", "role", "entry__owner").order_by("pk"))
            sweep.people.clear()
            told += tell_each([one for task in tasks for one in _remind(task, sweep)], TOPIC)
            Task.objects.bulk_update(tasks, ["remind_at"])
        if not tasks:
            break  # another sweep holds them
    return told


def _to_look_at() -> QuerySet[Task]:
    due = Q(remind_at=None) | Q(remind_at__lte=timezone.now())
    return Task.objects.open().exclude(due_at=None).filter(due)


def _next_batch() -> list[int]:
    found = _to_look_at().order_by(F("remind_at").asc(nulls_first=True), "pk")
    return list(found.values_list("pk", flat=True)[:BATCH])


@still_written(TOPIC)
def people_to_remind() -> set[int]:
    """Whom a sweep that is not at its end may still remind of something."""
    ids: set[int | None] = set()
    for row in _to_look_at().values_list("person", "person__manager", "entry__owner", "role__people").distinct():
        ids.update(row)
    return {pk for pk in ids if pk}


def _remind(task: Task, sweep: Sweep) -> list[Told]:
    """What is due of the task's ladder, for whom; the next look is set."""
    now = timezone.now()
    ladder = sweep.ladder(task)
    zone = zone_named(task.person.time_zone if task.person else timezone.get_default_timezone_name())
    due = whole_day(task.due_at)
    task.remind_at = next_moment(due, now, ladder, zone) or now + NEVER_AGAIN
    rungs = latest(due_rungs(due, now, ladder, zone))
    return [one for rung in rungs for one in _told(task, rung, sweep)]


def _told(task: Task, rung: Rung, sweep: Sweep) -> Iterator[Told]:
    occasion = f"{task.pk}:{task.due_at:%Y%m%d%H%M}:{rung.name}"
    for person in _addressees(task, rung):
        if person.is_active and sweep.sees(person, task):
            with translation.override(person.language), timezone.override(zone_named(person.time_zone)):
                text = _words(task, person)
            # The task's own page is for who is asked; others are led to the record.
            yield Told(
                person, text, occasion, task.entry.url if _is_somebody_elses(task, person) else task.url, task.entry
            )


def _addressees(task: Task, rung: Rung) -> list[Any]:
    people: dict[int, Any] = {}
    doers = [task.person] if task.person else list(task.role.people.active())
    for addressee in rung.to:
        if addressee == "person":
            found = doers
        elif addressee == "owner":
            found = [task.entry.owner]
        else:
            found = [person.manager for person in doers]
        people |= {person.pk: person for person in found if person}
    return list(people.values())


def _is_somebody_elses(task: Task, person: Any) -> bool:
    return task.person_id not in (None, person.pk)


def _words(task: Task, person: Any) -> str:
    when = exact_words(day_of(whole_day(task.due_at)))
    late = task.due_at <= timezone.now()
    if _is_somebody_elses(task, person):
        names = {"who": task.person, "title": task.words, "when": when}
        return _t("Overdue since %(when)s, waits for %(who)s: %(title)s") % names
    names = {"title": task.words, "when": when}
    return (_t("Overdue since %(when)s: %(title)s") if late else _t("Due %(when)s: %(title)s")) % names
