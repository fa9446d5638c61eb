"""The states of a process and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.lifecycle import Move


class ProcessState(models.TextChoices):
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")


MOVES = (
    Move(
        "retire",
        {ProcessState.ACTIVE},
        ProcessState.RETIRED,
        "processes.retire_process",
        _("Retire"),
        needs_reason=True,
        icon="archive",
        style="danger",
    ),
    Move(
        "merge",
        {ProcessState.ACTIVE},
        ProcessState.RETIRED,
        "processes.merge_process",
        _("Merge into another process"),
        needs_reason=True,
        icon="swap",
    ),
    Move(
        "reactivate",
        {ProcessState.RETIRED},
        ProcessState.ACTIVE,
        "processes.reactivate_process",
        _("Reactivate"),
        needs_reason=True,
        icon="undo",
    ),
)
