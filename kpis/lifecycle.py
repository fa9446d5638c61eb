"""The states of a KPI and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.lifecycle import Move


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_USE = "in_use", _("In use")
    RETIRED = "retired", _("Retired")


MOVES = (
    Move("use", {State.DRAFT}, State.IN_USE, "kpis.change_kpi", _("Put in use"), icon="check", style="primary"),
    Move(
        "retire",
        {State.IN_USE},
        State.RETIRED,
        "kpis.change_kpi",
        _("Retire"),
        needs_reason=True,
        icon="archive",
        style="danger",
    ),
    Move("resume", {State.RETIRED}, State.IN_USE, "kpis.change_kpi", _("Use again"), needs_reason=True, icon="undo"),
)
