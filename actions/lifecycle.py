"""The states of an action and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.lifecycle import Move


class State(models.TextChoices):
    """Done is what the owner says; verified is what somebody else has seen."""

    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    VERIFIED = "verified", _("Verified")
    CANCELLED = "cancelled", _("Cancelled")


UNFINISHED = (State.OPEN, State.DONE)

MOVES = (
    Move("complete", {State.OPEN}, State.DONE, "actions.complete_action", _("Mark as done"), icon="check"),
    Move("verify", {State.DONE}, State.VERIFIED, "actions.verify_action", _("Verify"), icon="shield"),
    Move(
        "send_back",
        {State.DONE},
        State.OPEN,
        "actions.verify_action",
        _("Send back"),
        needs_reason=True,
        icon="undo",
    ),
    Move(
        "extend",
        {State.OPEN},
        State.OPEN,
        "actions.extend_action",
        _("Extend due date"),
        needs_reason=True,
        icon="clock",
    ),
    Move(
        "reassign",
        {State.OPEN},
        State.OPEN,
        "actions.change_action",
        _("Reassign"),
        needs_reason=True,
        icon="swap",
    ),
    Move(
        "cancel",
        {State.OPEN, State.DONE},
        State.CANCELLED,
        "actions.cancel_action",
        _("Cancel action"),
        needs_reason=True,
        icon="x-circle",
        style="danger",
    ),
)
