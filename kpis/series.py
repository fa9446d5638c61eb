"""The figures of KPIs period by period, with gaps: what pages, charts, reports and the API show.

A period without a value is a point without a value and with a state, never a zero.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kpis.aggregating import Totals, figure
from kpis.models import Kpi, Measurement
from kpis.periods import first_day, last_day, periods_between

# States of a point beside "reported".
REPORTED, DUE, LATE, MISSING, PARTIAL = "reported", "due", "late", "missing", "partial"
STATE_WORDS = {
    REPORTED: _("Reported"),
    DUE: _("Not yet due"),
    LATE: _("Late"),
    MISSING: _("Missing"),
    PARTIAL: _("Partial"),
}
STALE_AFTER = 2  # periods overdue
ALL = None  # every site, product, …


@dataclass(frozen=True)
class Point:
    """One period of a KPI.

    value: the stated figure, none in a gap · count: measurements behind it · expected: measurements of the period
    before, where fewer than those have arrived (partial), else 0 · due_on: when it is or was due.
    """

    period: date
    value: Decimal | None = None
    state: str = REPORTED
    totals: Totals = Totals()
    definition: int = 0  # number of the version of the definition
    revisions: int = 0  # corrections among the measurements
    left_out: int | None = None
    entered_at: datetime | None = None
    due_on: date | None = None
    expected: int = 0

    @property
    def numerator(self) -> Decimal | None:
        return self.totals.numerator if self.totals.ratio_count or self.totals.denominator else None

    @property
    def denominator(self) -> Decimal | None:
        return self.totals.denominator if self.totals.ratio_count or self.totals.denominator else None

    @property
    def subgroup(self) -> tuple[Decimal, ...]:
        return self.totals.subgroup

    @property
    def state_words(self) -> Any:
        return STATE_WORDS[self.state]


def series_of(
    kpi: Kpi,
    *,
    since: date | None = None,
    until: date | None = None,
    dimension_1: str | None = ALL,
    dimension_2: str | None = ALL,
    today: date | None = None,
) -> list[Point]:
    """The points of one KPI, oldest first; of one site or product where it is given."""
    found = series_of_many(
        [kpi], since=since, until=until, dimension_1=dimension_1, dimension_2=dimension_2, today=today
    )
    return found[kpi.pk]


def series_of_many(
    kpis: Iterable[Kpi],
    *,
    since: date | None = None,
    until: date | None = None,
    dimension_1: str | None = ALL,
    dimension_2: str | None = ALL,
    today: date | None = None,
) -> dict[int, list[Point]]:
    """The points of many KPIs by primary key, in three queries however many they are."""
    kpis = list(kpis)
    today = today or timezone.localdate()
    prefetch_related_objects(kpis, "definitions")
    rows = _totals_by_period([kpi.pk for kpi in kpis], since, until, dimension_1, dimension_2)
    subgroups = _subgroups([k.pk for k in kpis if k.kind == Kpi.Kind.SUBGROUP], since, until, dimension_1, dimension_2)
    return {
        kpi.pk: _points(
            kpi, rows[kpi.pk], subgroups, since=since, until=until, today=today, is_whole=dimension_1 is ALL
        )
        for kpi in kpis
    }


_SUMS = """
    SELECT kpi_id, period, count(*), coalesce(sum(value), 0), coalesce(sum(numerator), 0),
           coalesce(sum(denominator), 0), coalesce(sum(value * denominator), 0),
           coalesce(sum(numerator / nullif(denominator, 0)), 0),
           count(numerator) FILTER (WHERE denominator <> 0), sum(revision - 1), sum(left_out_count), max(entered_at),
           min(entered_at)
    FROM kpis_measurement
    WHERE is_current AND NOT is_withdrawn AND kpi_id = ANY(%(kpis)s)
      AND (%(since)s::date IS NULL OR period >= %(since)s) AND (%(until)s::date IS NULL OR period <= %(until)s)
      AND (%(first)s::text IS NULL OR dimension_1 = %(first)s)
      AND (%(second)s::text IS NULL OR dimension_2 = %(second)s)
    GROUP BY kpi_id, period ORDER BY kpi_id, period"""


def _totals_by_period(
    kpis: list[int], since: date | None, until: date | None, first: str | None, second: str | None
) -> dict[int, dict[date, tuple[Any, ...]]]:
    found: dict[int, dict[date, tuple[Any, ...]]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, {"kpis": kpis, "since": since, "until": until, "first": first, "second": second})
        for kpi, period, *sums in cursor.fetchall():
            found[kpi][period] = tuple(sums)
    return found


def _subgroups(
    kpis: list[int], since: date | None, until: date | None, first: str | None, second: str | None
) -> dict[tuple[int, date], tuple[Decimal, ...]]:
    if not kpis:
        return {}
    rows = Measurement.objects.current().between(since, until).filter(kpi__in=kpis)
    rows = rows if first is None else rows.filter(dimension_1=first)
    rows = rows if second is None else rows.filter(dimension_2=second)
    found: dict[tuple[int, date], tuple[Decimal, ...]] = defaultdict(tuple)
    for kpi, period, values in rows.order_by("dimension_1", "dimension_2").values_list("kpi", "period", "subgroup"):
        found[kpi, period] += tuple(values)
    return found


def _points(
    kpi: Kpi,
    rows: dict[date, tuple[Any, ...]],
    subgroups: dict[tuple[int, date], tuple[Decimal, ...]],
    *,
    since: date | None,
    until: date | None,
    today: date,
    is_whole: bool,
) -> list[Point]:
    expected = [
        period
        for period in kpi.expected_periods(today)
        if (since is None or period >= since) and (until is None or period <= until)
    ]
    periods = sorted({*expected, *rows})
    newest = max(rows) if rows else None
    points, before = [], 0
    for period in periods:
        if period in rows:
            count = rows[period][0]
            fewer = before if is_whole and period == newest and count < before else 0
            points.append(_reported(kpi, period, rows[period], subgroups.get((kpi.pk, period), ()), fewer))
            before = count
        else:
            points.append(_gap(kpi, period, newest, today))
    return points


def _reported(kpi: Kpi, period: date, row: tuple[Any, ...], subgroup: tuple[Decimal, ...], expected: int) -> Point:
    count, value, numerator, denominator, weighted, ratios, ratio_count, corrected, left_out, entered_at, first = row
    totals = Totals(count, value, numerator, denominator, weighted, ratios, ratio_count, value, subgroup)
    definition = kpi.definition_at(period) or kpi
    is_early = timezone.localdate(first) <= last_day(period, kpi.grain)
    return Point(
        period=period,
        value=figure(totals, kpi.kind, definition.aggregation, definition.per),
        state=PARTIAL if is_early or expected else REPORTED,
        totals=totals,
        definition=getattr(definition, "number", 0),
        revisions=corrected,
        left_out=left_out,
        entered_at=entered_at,
        due_on=kpi.due_on(period),
        expected=expected,
    )


def _gap(kpi: Kpi, period: date, newest: date | None, today: date) -> Point:
    due_on = kpi.due_on(period)
    is_between = newest is not None and period < newest
    state = MISSING if is_between else LATE if due_on < today else DUE
    return Point(period=period, state=state, due_on=due_on)


def overdue_periods(points: list[Point]) -> int:
    """How many periods after the last value are past their due day."""
    return sum(point.state == LATE for point in points)


def is_stale(points: list[Point]) -> bool:
    """Whether the latest value is so old that it says nothing about now."""
    return overdue_periods(points) >= STALE_AFTER


def latest(points: list[Point]) -> Point | None:
    """The newest point with a value."""
    return next((point for point in reversed(points) if point.value is not None), None)


def rolled_up(kpi: Kpi, points: list[Point], grain: str) -> list[Point]:
    """The same figures in a coarser grain, by the KPI's aggregation; a period that lacks a part is partial."""
    groups: dict[date, list[Point]] = defaultdict(list)
    for point in points:
        groups[first_day(point.period, grain, kpi.calendar)].append(point)
    return [_rolled(kpi, period, members, grain) for period, members in sorted(groups.items())]


def _rolled(kpi: Kpi, period: date, members: list[Point], grain: str) -> Point:
    totals = Totals()
    with_value = [point for point in members if point.totals.count]
    for point in with_value:
        totals = totals.followed_by(point.totals)
    definition = kpi.definition_at(members[-1].period) or kpi
    wanted = {
        part
        for part in periods_between(period, last_day(period, grain), kpi.grain, kpi.calendar)
        if first_day(part, grain, kpi.calendar) == period
    }
    is_whole = wanted <= {point.period for point in with_value}
    return Point(
        period=period,
        value=figure(totals, kpi.kind, definition.aggregation, definition.per),
        state=REPORTED if is_whole and all(point.state == REPORTED for point in members) else PARTIAL,
        totals=totals,
        definition=getattr(definition, "number", 0),
        revisions=sum(point.revisions for point in members),
        due_on=members[-1].due_on,
    )
