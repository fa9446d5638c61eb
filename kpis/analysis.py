"""From stored measurements, targets, limits and markers to a judged series, for one KPI or for many at once.

However many KPIs are judged together, the number of queries stays the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal

from django.utils import timezone

from kpis.models import (
    ChangeMarker,
    ChartMethod,
    ExcludedPoint,
    Judgement,
    Kpi,
    LimitVersion,
    Target,
)
from kpis.models.target import target_at, verdict
from kpis.periods import first_day, year_before
from kpis.series import DUE, LATE, PARTIAL, Point, series_of_many
from kpis.spc.constants import Constants
from kpis.spc.judged import (
    Chart,
    Choice,
    JudgedPoint,
    JudgedSeries,
    Method,
    Observation,
    Rebase,
    choose,
    judge,
    judge_spread,
)
from kpis.spc.judgement import Assurance, Direction, Variation
from kpis.spc.rules import Marking, RuleSet

CHUNK = 200
NEWEST = 24  # values in a sparkline

KEPT = Decimal("1e-9")
WIDE = Context(prec=60)

ATTENTION = {
    "concern": 32,
    "fail": 16,
    "missed": 8,
    "proposal": 4,
    "near": 2,
}
LATE_ATTENTION = 24


@dataclass
class Rows:
    """What is stored about the judging of one KPI besides its measurements."""

    targets: list[Target] = field(default_factory=list)
    method: ChartMethod | None = None
    limits: list[LimitVersion] = field(default_factory=list)
    excluded: dict[date, ExcludedPoint] = field(default_factory=dict)
    markers: list[ChangeMarker] = field(default_factory=list)


@dataclass(frozen=True)
class Analysis:
    """One KPI with its points, as counted and as judged (same order, same length)."""

    kpi: Kpi
    points: list[Point]
    series: JudgedSeries
    rows: Rows
    method: Method
    choice: Choice
    """What the portal would choose; `method.chart` is what is used."""
    observations: list[Observation]
    rebases: list[Rebase]

    @property
    def is_chosen_by_owner(self) -> bool:
        return bool(self.rows.method and self.rows.method.chart)

    @property
    def latest_place(self) -> int | None:
        """Number of the newest point with a value."""
        return next((n for n in range(len(self.points) - 1, -1, -1) if self.points[n].value is not None), None)

    def spread(self) -> tuple[JudgedPoint, ...]:
        """The lower half of the chart, where it has one: computed for the page that shows it."""
        return judge_spread(self.observations, self.method, self.rebases)

    def target(self, period: date) -> Target | None:
        return target_at(self.rows.targets, period)

    def marker_place(self, marker: ChangeMarker) -> int | None:
        """Number of the first period that lies wholly after the change; None while there is none."""
        return next((n for n, point in enumerate(self.points) if point.period >= marker.on), None)


def analyse(kpi: Kpi, *, today: date | None = None) -> Analysis:
    """The judged series of one KPI."""
    return analyse_many([kpi], today=today)[kpi.pk]


def analyse_many(kpis: Iterable[Kpi], *, today: date | None = None) -> dict[int, Analysis]:
    """The judged series of many KPIs by primary key."""
    kpis = list(kpis)
    points = series_of_many(kpis, today=today)
    rows = rows_of_many([kpi.pk for kpi in kpis])
    return {kpi.pk: _analysis(kpi, points[kpi.pk], rows[kpi.pk]) for kpi in kpis}


def rows_of_many(kpis: Sequence[int]) -> dict[int, Rows]:
    """Targets, method, limits, excluded points and markers by KPI."""
    found = {key: Rows() for key in kpis}
    for target in Target.objects.filter(kpi__in=kpis).order_by("valid_from"):
        found[target.kpi_id].targets.append(target)
    for limits in LimitVersion.objects.filter(kpi__in=kpis, withdrawn_at=None).order_by("since"):
        found[limits.kpi_id].limits.append(limits)
    for excluded in ExcludedPoint.objects.filter(kpi__in=kpis, lifted_at=None):
        found[excluded.kpi_id].excluded[excluded.period] = excluded
    for marker in ChangeMarker.objects.filter(kpi__in=kpis, removed_at=None).order_by("on", "id"):
        found[marker.kpi_id].markers.append(marker)
    for method in ChartMethod.objects.filter(kpi__in=kpis).order_by("kpi_id", "-id").distinct("kpi_id"):
        found[method.kpi_id].method = method
    return found


def _analysis(kpi: Kpi, points: list[Point], rows: Rows) -> Analysis:
    observations = [_observation(kpi, point, rows) for point in points]
    choice = choose(_kind_of(kpi), observations)
    method = method_of(kpi, rows.method, choice)
    rebases = [Rebase(row.since, row.base_from, row.base_until) for row in rows.limits]
    series = judge(observations, method, Direction(kpi.direction), rebases)
    return Analysis(kpi, points, series, rows, method, choice, observations, rebases)


def _kind_of(kpi: Kpi) -> str:
    """A mean of ratios is one number a period: it has no denominator to judge it by."""
    return Kpi.Kind.NUMBER if kpi.has_parts and kpi.aggregation == Kpi.Aggregation.MEAN else kpi.kind


def method_of(kpi: Kpi, row: ChartMethod | None, choice: Choice) -> Method:
    """How the KPI is judged: what somebody chose, and what the portal chooses for the rest."""
    if row is None:
        return Method(chart=choice.chart, per=float(kpi.per))
    return Method(
        chart=Chart(row.chart) if row.chart else choice.chart,
        rules=RuleSet(row.rules),
        run_length=row.run_length,
        marking=Marking(row.marking),
        constants=Constants(row.constants),
        uses_medians=row.uses_medians,
        screens_ranges=row.screens_ranges,
        per=float(kpi.per),
    )


def _observation(kpi: Kpi, point: Point, rows: Rows) -> Observation:
    low, high = target_bounds(target_at(rows.targets, point.period), kpi.direction)
    return Observation(
        period=point.period,
        value=_float(point.value),
        numerator=_float(point.numerator) if point.value is not None else None,
        denominator=_float(point.denominator) if point.value is not None else None,
        subgroup=tuple(float(value) for value in point.subgroup),
        is_excluded=point.period in rows.excluded or point.state == PARTIAL,
        target_low=_float(low),
        target_high=_float(high),
    )


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def target_bounds(target: Target | None, direction: str) -> tuple[Decimal | None, Decimal | None]:
    """Between what a value is on target: at least, at most, or both."""
    if target is None:
        return None, None
    if direction == Kpi.Direction.WITHIN:
        return target.lower, target.upper
    if direction == Kpi.Direction.HIGHER:
        return (target.target if target.target is not None else target.lower), None
    return None, (target.target if target.target is not None else target.upper)


# --- the stored judgement ------------------------------------------------------------------------------


def judgement_of(analysis: Analysis, *, has_proposal: bool) -> Judgement:
    """The row of an overview for one KPI, not yet saved."""
    kpi, points, series = analysis.kpi, analysis.points, analysis.series
    row = Judgement(kpi=kpi, computed_at=timezone.now(), is_outdated=False, has_proposal=has_proposal)
    row.chart = analysis.method.chart
    row.variation, row.assurance = series.variation, series.assurance
    row.newest_values = [_float(point.value) for point in points[-NEWEST:]]
    row.missing_count = sum(point.value is None for point in points)
    place = analysis.latest_place
    row.next_due_on = _next_due(kpi, points, place)
    if place is None:
        row.attention = 0
        return row
    latest, judged = points[place], series.points[place]
    values = {point.period: point.value for point in points}
    target = analysis.target(latest.period)
    row.period, row.value, row.is_partial = latest.period, _storable(latest.value), latest.state == PARTIAL
    row.previous_value = _storable(next((p.value for p in reversed(points[:place]) if p.value is not None), None))
    row.last_year_value = _storable(values.get(year_before(latest.period, kpi.grain, kpi.calendar)))
    row.target_low, row.target_high = target_bounds(target, kpi.direction)
    row.verdict = verdict(latest.value, target, kpi.direction)
    row.center, row.lower, row.upper = judged.center, judged.lower, judged.upper
    row.assurance = _not_disproved(row)
    row.attention = _attention(row)
    return row


def _not_disproved(row: Judgement) -> str:
    """Frozen limits may promise what the newest value has broken: then neither is certain."""
    broken = {(Assurance.PASS, "missed"), (Assurance.FAIL, "met")}
    return Assurance.HIT_AND_MISS if (row.assurance, row.verdict) in broken else row.assurance


def _storable(value: Decimal | None) -> Decimal | None:
    """A quotient has endless decimals; the row keeps as many as anybody shows."""
    return value.quantize(KEPT, context=WIDE) if value is not None else None


def _next_due(kpi: Kpi, points: list[Point], latest: int | None) -> date | None:
    """When the first period after the newest value was or is due, so that lateness is one comparison with today."""
    waiting = points[latest + 1 :] if latest is not None else points
    found = next((point.due_on for point in waiting if point.state in (LATE, DUE)), None)
    if found is not None or kpi.state != Kpi.State.IN_USE:
        return found
    today = timezone.localdate()
    period = first_day(today, kpi.grain, kpi.calendar)
    return kpi.due_on(period)


def _attention(row: Judgement) -> int:
    score = ATTENTION["concern"] if row.variation == Variation.CONCERN else 0
    score += ATTENTION["fail"] if row.assurance == Assurance.FAIL else 0
    score += ATTENTION.get(row.verdict, 0)
    return score + (ATTENTION["proposal"] if row.has_proposal else 0)
