from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.history import FieldHistory
from kpis.fields import NumericField
from kpis.models.kpi import Kpi


class Target(models.Model):
    """What a KPI should reach from a day on, with the band around it. A period is judged by the row valid then."""

    kpi = models.ForeignKey(Kpi, models.CASCADE, related_name="targets")
    valid_from = models.DateField(_("valid from"))
    target = NumericField(_("target"), null=True, blank=True)
    lower = NumericField(_("lower limit"), null=True, blank=True)
    upper = NumericField(_("upper limit"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    history = FieldHistory()

    class Meta:
        ordering = ["kpi", "valid_from"]
        default_permissions = ()
        verbose_name = _("target")
        constraints = [
            models.UniqueConstraint(fields=["kpi", "valid_from"], name="one_target_a_day_per_kpi"),
            models.CheckConstraint(
                condition=Q(target__isnull=False) | Q(lower__isnull=False) | Q(upper__isnull=False),
                name="target_row_says_something",
            ),
            models.CheckConstraint(
                condition=(Q(lower__isnull=True) | Q(upper__isnull=True) | Q(lower__lte=F("upper")))
                & (Q(lower__isnull=True) | Q(target__isnull=True) | Q(lower__lte=F("target")))
                & (Q(upper__isnull=True) | Q(target__isnull=True) | Q(target__lte=F("upper"))),
                name="target_lies_between_its_limits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.valid_from} {self.target}"

    def clean(self) -> None:
        problems: dict[str, Any] = {}
        if self.target is None and self.lower is None and self.upper is None:
            problems["target"] = _("Enter a target or a limit.")
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            problems["upper"] = _("The upper limit must not be below the lower limit.")
        elif self.target is not None:
            if self.lower is not None and self.lower > self.target:
                problems["lower"] = _("The lower limit must not be above the target.")
            if self.upper is not None and self.upper < self.target:
                problems["upper"] = _("The upper limit must not be below the target.")
        if problems:
            raise ValidationError(problems)


def target_at(targets: list[Target], period: date) -> Target | None:
    """The row by which a period is judged: the last that was valid on its first day."""
    begun = [row for row in targets if row.valid_from <= period]
    return max(begun, key=lambda row: row.valid_from) if begun else None


def verdict(value: Decimal | None, target: Target | None, direction: str) -> str:
    """ "met", "near" (short of the target, inside its limit), "missed", or "" where there is nothing to compare."""
    if value is None or target is None:
        return ""
    if direction == Kpi.Direction.WITHIN:
        return "met" if _inside(value, target.lower, target.upper) else "missed"
    higher = direction == Kpi.Direction.HIGHER
    goal, limit = (target.target, target.lower) if higher else (target.target, target.upper)
    if goal is None:
        goal, limit = limit, None
    if goal is None:
        return ""
    if value >= goal if higher else value <= goal:
        return "met"
    if limit is not None and (value >= limit if higher else value <= limit):
        return "near"
    return "missed"


def _inside(value: Decimal, lower: Decimal | None, upper: Decimal | None) -> bool:
    return (lower is None or value >= lower) and (upper is None or value <= upper)
