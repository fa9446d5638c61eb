"""Words, icon and tone of what stands in the ledger. A kind of record adds its own events; the rest is the same for
every record."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.models import LedgerLine
from core.state_labels import state_label


@dataclass(frozen=True)
class EventWords:
    """One event: the rest of a sentence that begins with the person's name, its icon, and its tone."""

    words: Any
    icon: str = "circle"
    tone: str = ""


EVENTS: dict[str, EventWords] = {
    "created": EventWords(_("created it"), "plus"),
    "changed": EventWords(_("changed it"), "pencil"),
    "shared": EventWords(_("shared it with %(with)s"), "users"),
    "unshared": EventWords(_("ended sharing it with %(with)s"), "users"),
    "attached": EventWords(_("attached %(file)s"), "clip"),
    "attachment_removed": EventWords(_("removed the file %(file)s"), "x"),
    "comment_resolved": EventWords(_("resolved a comment"), "check-circle"),
    "comment_reopened": EventWords(_("opened a comment again"), "undo"),
}
STATE_CHANGED = _("changed the state from %(from_state)s to %(to_state)s")
# (the ledger's name of a model, event) → words of that model alone
_of_models: dict[tuple[str, str], EventWords] = {}
_states: dict[str, dict[str, Any]] = {}


def register_event(record_kind: str, event: str, words: EventWords) -> None:
    """Say how an event of one model reads; ``record_kind`` is its label in lower case ("kpis.kpi")."""
    _of_models[record_kind, event] = words


def register_state_words(record_kind: str, words: dict[str, Any]) -> None:
    """Say how the states of one model are called."""
    _states[record_kind] = words


def event_of(line: LedgerLine) -> EventWords:
    """How a line reads: in the words of its model, else in those for every record."""
    known = _of_models.get((line.record_kind, line.event)) or EVENTS.get(line.event)
    return known or EventWords(line.event.replace("_", " ").replace(":", ": "))


class _Details(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return ""


def words_of(line: LedgerLine) -> str:
    """What happened, as the rest of a sentence that begins with the person's name."""
    states = {name: _state_word(line, getattr(line, name)) for name in ("from_state", "to_state")}
    return str(event_of(line).words) % _Details({"code": line.record_code, **states, **line.data})


def _state_word(line: LedgerLine, state: str) -> str:
    return f"“{_states.get(line.record_kind, {}).get(state) or state_label(state).word}”" if state else ""
