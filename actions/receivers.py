"""What follows when an action is agreed or moves: the tasks of who is asked next, audience, index, notices."""

from collections.abc import Iterable
from typing import Any

from django.dispatch import receiver

from actions.lifecycle import State
from actions.models import Action, Task
from actions.signals import agreed
from core import catalog
from core.lifecycle import Move, moved
from core.models import CatalogEntry
from core.notices import tell
from core.safe.words import Said, gettext_noop
from core.saying import in_their_way

TOPIC = "actions"
ACT = gettext_noop("Do by %(day)s, %(code)s: %(title)s")
VERIFY = gettext_noop("Verify %(code)s: %(title)s")
TOLD = {
    "verify": gettext_noop("%(by)s verified %(code)s: %(title)s"),
    "send_back": gettext_noop("%(by)s sent %(code)s back: %(reason)s"),
    "extend": gettext_noop("%(by)s extended %(code)s to %(day)s: %(title)s"),
    "cancel": gettext_noop("%(by)s cancelled %(code)s: %(reason)s"),
    "reassign": gettext_noop("%(by)s gave you %(code)s: %(title)s"),
    "complete": gettext_noop("%(by)s marked %(code)s as done: %(title)s"),
}


def about(pattern: str, action: Action, **values: Any) -> Said:
    """A sentence about an action, by code and title."""
    day = in_their_way(action.due_on)
    return gettext_noop(pattern, code=action.code, title=action.title, day=day, **values)


def ask_for(action: Action, entry: CatalogEntry) -> None:
    """One open task for whoever is asked next: the owner of an open one, the verifier of a done one."""
    keys = {State.OPEN: f"act:{action.pk}", State.DONE: f"verify:{action.pk}"}
    for state, key in keys.items():
        if state != action.state:
            Task.objects.open().filter(key=key).finish()
    if action.state not in keys:
        return
    is_open = action.state == State.OPEN
    Task.ask(
        key=keys[State(action.state)],
        kind="act" if is_open else "verify_action",
        title=about(ACT if is_open else VERIFY, action, by=action.created_by if is_open else action.done_by),
        url=action.get_absolute_url(),
        entry=entry,
        person=action.owner if is_open else action.verifier,
        due_at=action.due_at if is_open else None,
    )


@receiver(agreed)
def ask_the_owner(action: Action, entry: CatalogEntry, by: Any, **kwargs: Any) -> None:
    ask_for(action, entry)
    _tell([action.owner], TOLD["reassign"], action, by=by, occasion="agreed", entry=entry)


@receiver(moved, sender=Action)
def action_moved(records: list[Action], move: Move, by: Any, comment: str = "", **kwargs: Any) -> None:
    for action in records:
        entry = catalog.entry_of(action)
        ask_for(action, entry)
        people = [action.verifier] if move.name == "complete" else [action.owner]
        if move.name == "cancel":
            people.append(action.verifier)
        occasion = f"{move.name}:{action.row_version}"
        _tell(people, TOLD[move.name], action, by=by, reason=comment, occasion=occasion, entry=entry)


def _tell(
    people: Iterable[Any],
    pattern: str,
    action: Action,
    *,
    by: Any,
    occasion: str,
    entry: CatalogEntry,
    reason: str = "",
) -> None:
    told = [person for person in people if by is None or person.pk != by.pk]
    text = about(pattern, action, by=by, reason=reason)
    tell(told, TOPIC, text, occasion=f"{action.pk}:{occasion}", url=action.get_absolute_url(), entry=entry)


@receiver(catalog.audience_changed)
def follow_the_audience_of_the_source(entries: list[CatalogEntry], **kwargs: Any) -> None:
    """An action is open to whoever sees the record that it comes from; when that becomes confidential, so does it."""
    for action in Action.objects.filter(source__in=entries).order_by("pk"):
        action.follow_source()
