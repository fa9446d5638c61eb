"""Figures that the portal takes of itself: KPIs whose source is the portal, filled when a period is over.

Each is made from rows that stay (tasks, versions), so that a night that was missed is made up for, also months later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.models import Task
from documents.models import Version
from documents.moments import start_of_day
from kpis.measuring import Entry, enter
from kpis.models import Aggregation, Kind, Kpi, Measurement, Way
from kpis.periods import shifted

MOST_PERIODS = 60  # made up for in one night
SECONDS_A_DAY = Decimal(86_400)


@dataclass(frozen=True)
class PortalFigure:
    """One figure: its name, the kind of KPI that holds it, and what it is in a period (first moment, moment after)."""

    key: str
    label: Any
    kind: str
    aggregation: str
    take: Callable[[datetime, datetime], dict[str, Any] | None]


def reviews_on_time(begin: datetime, end: datetime) -> dict[str, Any] | None:
    """Periodic reviews that were due in the period, and those of them that were done by then."""
    due = Task.objects.filter(kind="review", due_at__gt=begin, due_at__lte=end)
    counted = due.aggregate(all=Count("pk"), good=Count("pk", filter=Q(done_at__lte=F("due_at"))))
    return {"numerator": Decimal(counted["good"]), "denominator": Decimal(counted["all"])}


def days_to_decision(begin: datetime, end: datetime) -> dict[str, Any] | None:
    """Mean days from submission to approval of the versions approved in the period, weighted by their number."""
    approved = Version.objects.filter(approved_at__gte=begin, approved_at__lt=end, submitted_at__isnull=False)
    taken = ExpressionWrapper(F("approved_at") - F("submitted_at"), output_field=DurationField())
    counted = approved.aggregate(n=Count("pk"), mean=Avg(taken))
    if not counted["n"]:
        return None
    days = Decimal(str(counted["mean"].total_seconds())) / SECONDS_A_DAY
    return {"value": round(max(days, Decimal(0)), 4), "denominator": Decimal(counted["n"])}


def overdue_tasks(begin: datetime, end: datetime) -> dict[str, Any] | None:
    """Tasks that were open and past their due date when the period ended."""
    late = Task.objects.filter(created_at__lt=end, due_at__lt=end).filter(Q(done_at=None) | Q(done_at__gte=end))
    return {"value": Decimal(late.count())}


FIGURES = {
    figure.key: figure
    for figure in (
        PortalFigure(
            "reviews_on_time", _("Reviews done on time"), Kind.RATIO, Aggregation.RATIO_OF_SUMS, reviews_on_time
        ),
        PortalFigure(
            "days_to_decision",
            _("Days from submission to approval"),
            Kind.NUMBER,
            Aggregation.WEIGHTED,
            days_to_decision,
        ),
        PortalFigure("overdue_tasks", _("Overdue tasks"), Kind.NUMBER, Aggregation.LAST, overdue_tasks),
    )
}


def take_figures(today: date | None = None) -> int:
    """Fill finished periods of all KPIs that the portal measures; returns how many values were stored."""
    today = today or timezone.localdate()
    kpis = Kpi.objects.in_use().exclude(portal_figure="")
    return sum(_fill(kpi, today) for kpi in kpis)


def _fill(kpi: Kpi, today: date) -> int:
    figure = FIGURES.get(kpi.portal_figure)
    if figure is None or figure.kind != kpi.kind:
        return 0
    expected = kpi.expected_periods(today)[-MOST_PERIODS:]
    known = set(Measurement.objects.filter(kpi=kpi, is_current=True).values_list("period", flat=True))
    entries = []
    for period in expected:
        if period not in known:
            facts = figure.take(start_of_day(period), start_of_day(shifted(period, kpi.grain, 1)))
            if facts is not None:
                entries.append(Entry(period, **facts))
    if entries:
        enter(kpi, entries, by=None, way=Way.PORTAL, today=today)
    return len(entries)
