"""What a state looks like: icon, word and colour together, the same on every page, in mail and on paper.

Upper apps add theirs in `AppConfig.ready()`: `register_state("at_risk", "alert", "wait", _("At risk"))`.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class StateLabel:
    """Icon, tone (`ok wait late note gone` or empty) and word of one state."""

    icon: str
    tone: str
    word: str | Promise


STATES: dict[str, StateLabel] = {}


def register_state(name: str, icon: str, tone: str, word: str | Promise) -> None:
    """Say what a state looks like."""
    STATES[name] = StateLabel(icon, tone, word)


for _name, _icon, _tone, _word in (
    ("draft", "pencil", "", _("Draft")),
    ("in_review", "eye", "wait", _("In review")),
    ("changes_requested", "undo", "late", _("Changes requested")),
    ("approved", "sign", "note", _("Approved")),
    ("effective", "check-circle", "ok", _("Effective")),
    ("superseded", "archive", "gone", _("Superseded")),
    ("retired", "archive", "gone", _("Retired")),
    ("on_target", "check-circle", "ok", _("On target")),
    ("near_target", "alert", "wait", _("Near target")),
    ("off_target", "x-circle", "late", _("Off target")),
    ("data_late", "clock", "wait", _("Data late")),
    ("overdue", "alert", "late", _("Overdue")),
    ("due_soon", "clock", "wait", _("Due soon")),
    ("open", "circle", "note", _("Open")),
    ("in_progress", "half", "note", _("In progress")),
    ("done", "check-circle", "ok", _("Done")),
    ("withdrawn", "archive", "gone", _("Withdrawn")),
    ("verified", "shield", "ok", _("Verified")),
    ("failed", "x-circle", "late", _("Failed")),
    ("queued", "clock", "", _("Queued")),
    ("running", "half", "note", _("Running")),
    ("cancelled", "x-circle", "gone", _("Cancelled")),
):
    register_state(_name, _icon, _tone, _word)


def state_label(state: Any) -> StateLabel:
    """The look of a state given as text or as a choice; an unregistered one keeps its own word, in grey."""
    name = str(getattr(state, "value", state) or "")
    known = STATES.get(name.lower())
    return known or StateLabel("circle", "", getattr(state, "label", None) or name.replace("_", " ").capitalize())
