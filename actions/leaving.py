"""What somebody who leaves holds of tasks. Decisions on documents go over with their route, not here."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from actions.models import Task
from core.ledger import record_line
from people.leaving import Held, Holding
from people.models import Person

WITH_THEIR_ROUTE = ("decide",)


def _open_tasks(person: Person, seen_by: Any) -> QuerySet[Task]:
    """Open tasks addressed to the person, on records that ``seen_by`` may see."""
    tasks = Task.objects.open().visible_to(seen_by).filter(person=person)
    return tasks.exclude(kind__in=WITH_THEIR_ROUTE).select_related("entry")


def _tasks(person: Person, seen_by: Any) -> list[Held]:
    return [Held(task.words, task.url, task.entry.code) for task in _open_tasks(person, seen_by)]


def _give_tasks(person: Person, *, to: Person, by: Any) -> int:
    moved = 0
    for task in _open_tasks(person, by):
        task.person = to
        task.save(update_fields=["person"])
        record_line(task, "task_handed_over", by=by, data={"from": str(person), "to": str(to), "task": task.title})
        moved += 1
    return moved


TASKS = Holding("tasks", _("Tasks that wait for them"), _tasks, _give_tasks, 30)
