"""What somebody who leaves holds of tasks. Decisions on documents go over with their route, not here."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from actions.lifecycle import State
from actions.models import Action, Task
from actions.receivers import ask_for
from core import catalog
from core.ledger import record_line
from people.leaving import Held, Holding, in_sight
from people.models import Person

WITH_THEIR_RECORD = ("decide", "act", "verify_action")  # handed over with the route or the action itself


def _open_tasks(person: Person, seen_by: Any) -> QuerySet[Task]:
    """Open tasks addressed to the person, on records that ``seen_by`` may see."""
    tasks = in_sight(Task.objects.open(), seen_by).filter(person=person)
    return tasks.exclude(kind__in=WITH_THEIR_RECORD).select_related("entry")


def _tasks(person: Person, seen_by: Any) -> list[Held]:
    return [Held(task.words, task.url, task.entry.code) for task in _open_tasks(person, seen_by)]


def _give_tasks(person: Person, *, to: Person, by: Any) -> int:
    moved = 0
    for task in _open_tasks(person, None):
        task.person = to
        task.save(update_fields=["person"])
        record_line(task, "task_handed_over", by=by, data={"from": str(person), "to": str(to), "task": task.title})
        moved += 1
    return moved


TASKS = Holding("tasks", _("Tasks that wait for them"), _tasks, _give_tasks, 30)


def _unfinished(person: Person, seen_by: Any, **mine: Any) -> QuerySet[Action]:
    return in_sight(Action.objects.all(), seen_by).unfinished().filter(**mine).select_related("owner", "verifier")


def _owned(person: Person, seen_by: Any) -> list[Held]:
    found = _unfinished(person, seen_by, owner=person)
    return [Held(action.title, action.get_absolute_url(), action.code) for action in found]


def _verified(person: Person, seen_by: Any) -> list[Held]:
    found = _unfinished(person, seen_by, verifier=person)
    return [Held(action.title, action.get_absolute_url(), action.code) for action in found]


def _give_owned(person: Person, *, to: Person, by: Any) -> int:
    """Open actions whose verifier is somebody else go over; what is done stays with who did it."""
    found = list(_unfinished(person, None, owner=person, state=State.OPEN).exclude(verifier=to))
    for action in found:
        give(action, "owner", to, by=by)
    return len(found)


def _give_verified(person: Person, *, to: Person, by: Any) -> int:
    found = [one for one in _unfinished(person, None, verifier=person) if not one.had_a_hand_in(to)]
    for action in found:
        give(action, "verifier", to, by=by)
    return len(found)


def give(action: Action, role: str, to: Person, *, by: Any) -> None:
    """Let another person own or verify the action, because the one who did has left."""
    before = getattr(action, role)
    setattr(action, role, to)
    if role == "owner":
        action.owner_ids = list(dict.fromkeys([*action.owner_ids, to.pk]))
    action.save(by=by, reason="handed over")
    ask_for(action, catalog.entry_of(action))
    record_line(action, f"{role}_changed", by=by, data={"from": str(before), "to": str(to)})


ACTIONS = Holding("unfinished_actions", _("Unfinished actions they own"), _owned, _give_owned, 31)
VERIFICATIONS = Holding("verifications", _("Actions they verify"), _verified, _give_verified, 32)
