"""The states of a version and the moves between them. *Effective* and *superseded* are not stored: time decides."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.lifecycle import Move


class State(models.TextChoices):
    """What is stored. What people are shown is ``Version.shown_state``."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    APPROVED = "approved", _("Approved")
    RETIRED = "retired", _("Retired")
    DISCARDED = "discarded", _("Discarded")


EDITABLE = (State.DRAFT, State.CHANGES_REQUESTED)
OPEN = (*EDITABLE, State.IN_REVIEW)
RELEASED = (State.APPROVED, State.RETIRED)

MOVES = (
    Move("submit", {*EDITABLE}, State.IN_REVIEW, "documents.change_version", _("Submit for review"), icon="send"),
    Move(
        "withdraw",
        {State.IN_REVIEW},
        State.DRAFT,
        "documents.change_version",
        _("Withdraw from review"),
        needs_reason=True,
        icon="undo",
    ),
    Move(
        "request_changes",
        {State.IN_REVIEW},
        State.CHANGES_REQUESTED,
        "documents.decide_version",
        _("Request changes"),
        needs_reason=True,
        icon="undo",
    ),
    Move("approve", {State.IN_REVIEW}, State.APPROVED, "documents.decide_version", _("Approve"), icon="sign"),
    Move(
        "adopt", {State.DRAFT}, State.APPROVED, "documents.adopt_version", _("Take over as approved before the portal")
    ),
    Move("discard", {*EDITABLE}, State.DISCARDED, "documents.change_version", _("Discard the draft"), icon="x"),
    Move(
        "retire",
        {State.APPROVED},
        State.RETIRED,
        "documents.retire_version",
        _("Retire"),
        needs_reason=True,
        icon="archive",
        style="danger",
    ),
)
