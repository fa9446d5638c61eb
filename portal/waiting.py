"""What waits for a person: asked once per page, in three groups by how much time is left."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OrderBy, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.models import Task
from actions.models.task import addressed_by
from core.questions import Question, Slot

SOON = timedelta(days=7)
SHOWN = 8  # of each group, on the home page

_WAITING = Question(lambda person: Task.objects.waiting_for(person).order_by())
_LATE_IN_TEAM = Question(lambda person: Task.objects.late_with_reports_of(person, Slot("now")).order_by())

LATE, NEAR, LATER = 0, 1, 2
TITLES = {LATE: _("Late"), NEAR: _("Due within a week"), LATER: _("Later")}


@dataclass
class Group:
    """Tasks with about the same time left: those shown, and how many there are."""

    key: int
    title: Any
    tasks: list[Task] = field(default_factory=list)
    count: int = 0

    @property
    def is_late(self) -> bool:
        return self.key == LATE

    @property
    def hidden(self) -> int:
        return self.count - len(self.tasks)


def by_time(tasks: QuerySet[Task], now: datetime | Slot, soon: datetime | Slot) -> QuerySet[Task]:
    """Tasks with the group they belong to."""
    group = Case(
        When(due_at__lt=now, then=Value(LATE)),
        When(due_at__lt=soon, then=Value(NEAR)),
        default=Value(LATER),
        output_field=IntegerField(),
    )
    return tasks.annotate(group=group)


def _first_of_each_group(order: list[OrderBy]) -> Question:
    return Question(
        lambda person: (
            by_time(Task.objects.waiting_for(person), Slot("now"), Slot("soon"))
            .annotate(
                in_group=Window(Count("id"), partition_by=[F("group")]),
                place=Window(RowNumber(), partition_by=[F("group")], order_by=order),
            )
            .filter(place__lte=SHOWN)
            .select_related("entry", "person", "role")
            .order_by("group", "place")
        )
    )


_DUE_FIRST = _first_of_each_group([F("due_at").asc(nulls_last=True), F("id").asc()])
_NEWEST_FIRST = _first_of_each_group([F("created_at").desc()])


def groups_for(person: Any, *, newest_first: bool = False) -> list[Group]:
    """The first tasks of each group with the count of all, in one query."""
    now = timezone.now()
    question = _NEWEST_FIRST if newest_first else _DUE_FIRST
    tasks = question.rows(person, now=now, soon=now + SOON, **addressed_by(person.keys()))
    groups = {key: Group(key, title) for key, title in TITLES.items()}
    for task in tasks:
        groups[task.group].tasks.append(task)
        groups[task.group].count = task.in_group
    person.waiting_count = sum(group.count for group in groups.values())
    return [group for group in groups.values() if group.count]


def in_order(person: Any) -> QuerySet[Task]:
    """All of them, what is late before what is near."""
    now = timezone.now()
    tasks = by_time(Task.objects.waiting_for(person), now, now + SOON)
    return tasks.select_related("entry", "person", "role").order_by("group", "due_at", "id")


def count_for(person: Any) -> int:
    """How many tasks wait; a page that asked for the tasks themselves already knows."""
    if not hasattr(person, "waiting_count"):
        person.waiting_count = _WAITING.count(person, **addressed_by(person.keys()))
    return person.waiting_count


def late_in_team(person: Any) -> QuerySet[Task]:
    """What is overdue with the people who report to this person, the longest first."""
    tasks = Task.objects.late_with_reports_of(person, timezone.now())
    return tasks.select_related("entry", "person", "role").order_by("due_at", "id")


def count_late_in_team(person: Any) -> int:
    """How much is overdue with the people who report to this person."""
    return _LATE_IN_TEAM.count(person, now=timezone.now())


def done_by(person: Any) -> QuerySet[Task]:
    """What this person finished, the newest first, as far as they may still see the record."""
    mine = Q(done_by=person) | Q(done_by=None, person=person)
    return (
        Task.objects.visible_to(person)
        .filter(mine)
        .exclude(done_at=None)
        .select_related("entry", "person", "role")
        .order_by("-done_at", "-id")
    )
