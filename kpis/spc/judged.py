"""A series of periods judged: centre and limits by segment, signals, variation, assurance.

One entry into the package for whoever holds observations and a method. A segment begins where limits were re-based;
its limits come from its base (by default its first points, so that what happens later cannot hide itself by moving
them) and stay frozen afterwards. Runs never cross segments.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from statistics import fmean

from kpis.spc import limits as charts
from kpis.spc.constants import Constants
from kpis.spc.judgement import Assurance, Direction, Variation, assurance_of, variation_of
from kpis.spc.rules import BEYOND, DEFAULT_MARKING, Hit, Marking, RuleSet, apply_rules, rule_set

LEAST_POINTS = 8
"""Fewer points than this say nothing about usual variation: no limits, no signals."""
BASE_POINTS = 20
"""Points that limits are computed from unless a base is given (Wheeler: 17 or more; NHS: 15 to 20)."""
LARGE_DENOMINATOR = 1000
"""Mean denominator from which binomial limits are so narrow that the usual change between periods decides instead."""
OVERDISPERSED = 1.5
"""Variation between periods over binomial or Poisson variation (Laney's sigma z) where plain charts mislead."""


class Chart(StrEnum):
    """The charts that a KPI can have."""

    RUN = "run"
    XMR = "xmr"
    XBAR_R = "xbar_r"
    XBAR_S = "xbar_s"
    P = "p"
    P_PRIME = "p_prime"
    C = "c"
    U = "u"
    U_PRIME = "u_prime"
    G = "g"
    T = "t"
    EWMA = "ewma"
    CUSUM = "cusum"


@dataclass(frozen=True)
class Observation:
    """One period. `value` is None in a gap; shares and rates also have numerator and denominator, in plain units."""

    period: date
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    subgroup: tuple[float, ...] = ()
    is_excluded: bool = False
    target_low: float | None = None
    target_high: float | None = None


@dataclass(frozen=True)
class Method:
    """How a series is judged. `per` turns a share or rate into the unit it is stated in (100 for per cent)."""

    chart: Chart = Chart.XMR
    rules: RuleSet = RuleSet.NHS
    run_length: int | None = None
    marking: Marking | None = None
    constants: Constants = Constants.EXACT
    uses_medians: bool = False
    screens_ranges: bool = True
    per: float = 1.0


@dataclass(frozen=True)
class Rebase:
    """From `since` on new limits hold, computed from the points between `base_from` and `base_until` (inclusive)."""

    since: date
    base_from: date | None = None
    base_until: date | None = None


@dataclass(frozen=True)
class JudgedPoint:
    """One period with what holds for it. `signals` are (rule, side) pairs, most serious first."""

    period: date
    value: float | None
    plotted: float | None = None
    """What the chart draws: the value, or the moving average or sum of charts with a memory."""
    center: float | None = None
    lower: float | None = None
    upper: float | None = None
    signals: tuple[tuple[str, int], ...] = ()
    is_excluded: bool = False
    segment: int = 0
    target_low: float | None = None
    target_high: float | None = None

    @property
    def is_beyond(self) -> bool:
        return any(rule == BEYOND for rule, _side in self.signals)


@dataclass(frozen=True)
class JudgedSeries:
    """Points oldest first, and what the newest value says."""

    points: tuple[JudgedPoint, ...]
    variation: Variation = Variation.UNKNOWN
    assurance: Assurance = Assurance.UNKNOWN
    segments: tuple[date, ...] = ()
    facts: dict[str, float] = field(default_factory=dict)

    @property
    def latest(self) -> JudgedPoint | None:
        return next((point for point in reversed(self.points) if point.value is not None), None)


Maker = Callable[[Sequence[Observation], list[bool], Method], charts.Limits]
"""Observations, which of them are the base, and the method → a computed chart."""


@dataclass(frozen=True)
class Choice:
    """The chart that suits a series. `reason` is a key that callers put into words, `figure` what it rests on."""

    chart: Chart
    reason: str
    figure: float | None = None


def choose(kind: str, observations: Sequence[Observation]) -> Choice:
    """The chart for a kind of figure: number, ratio, count or subgroup.

    Source of the order: Montgomery 7.5; Laney 2002 for large denominators and over-dispersion.
    """
    if kind == "subgroup":
        sizes = [len(o.subgroup) for o in observations if o.subgroup]
        if sizes and min(sizes) > 1:
            chart = Chart.XBAR_R if max(sizes) == min(sizes) and max(sizes) <= 10 else Chart.XBAR_S
            return Choice(chart, "equal_subgroups" if chart is Chart.XBAR_R else "large_subgroups", float(max(sizes)))
        return Choice(Chart.XMR, "single_values")
    if kind in ("ratio", "count"):
        return _choose_for_parts(kind, observations)
    return Choice(Chart.XMR, "one_number")


def _choose_for_parts(kind: str, observations: Sequence[Observation]) -> Choice:
    sizes = [o.denominator for o in observations if o.denominator and o.numerator is not None]
    plain, prime = (Chart.P, Chart.P_PRIME) if kind == "ratio" else (Chart.U, Chart.U_PRIME)
    if not sizes:
        return Choice(plain, "share" if kind == "ratio" else "rate")
    if kind == "count" and max(sizes) == min(sizes) == 1:
        plain, reason = Chart.C, "equal_areas"
    else:
        reason = "share" if kind == "ratio" else "rate"
    spread = _overdispersion(plain, observations)
    if kind == "ratio" and fmean(sizes) >= LARGE_DENOMINATOR and (spread is None or spread > OVERDISPERSED):
        return Choice(prime, "large_denominators", fmean(sizes))
    if spread is not None and spread > OVERDISPERSED:
        return Choice(Chart.U_PRIME if kind == "count" else prime, "overdispersed", spread)
    return Choice(plain, reason)


def _overdispersion(plain: Chart, observations: Sequence[Observation]) -> float | None:
    """Laney's sigma z, or None with too few points."""
    counts, sizes = [o.numerator for o in observations], [o.denominator for o in observations]
    make = charts.p_prime_chart if plain is Chart.P else charts.u_prime_chart
    try:
        return make(counts, sizes).facts["sigma_z"] if len(observations) >= LEAST_POINTS else None
    except ValueError:
        return None


def judge(
    observations: Sequence[Observation],
    method: Method,
    direction: Direction,
    rebases: Sequence[Rebase] = (),
) -> JudgedSeries:
    """Judge a series. Too few points in a segment leave it without limits, never with wrong ones."""
    ordered = sorted(rebases, key=lambda rebase: rebase.since)
    points: list[JudgedPoint] = []
    begins: list[date] = []
    facts: dict[str, float] = {}
    for number, (rebase, members) in enumerate(_segments(observations, ordered)):
        if not members:
            continue
        begins.append(members[0].period)
        limits = _limits_by(CHARTS[method.chart], members, _base(members, observations, rebase), method)
        facts = limits.facts if limits else {}
        points += _judged(members, limits, method, number)
    latest = next((point for point in reversed(points) if point.value is not None and not point.is_excluded), None)
    if latest is None or latest.center is None:
        return JudgedSeries(tuple(points), segments=tuple(begins), facts=facts)
    sides = [side for _rule, side in latest.signals]
    assurance = assurance_of(latest.lower, latest.upper, direction, latest.target_low, latest.target_high)
    return JudgedSeries(tuple(points), variation_of(sides, direction), assurance, tuple(begins), facts)


def judge_spread(
    observations: Sequence[Observation], method: Method, rebases: Sequence[Rebase] = ()
) -> tuple[JudgedPoint, ...]:
    """The lower half of a chart of values: moving ranges, or ranges or deviations within subgroups; empty for others.

    Only a point beyond its limit is a signal there (Wheeler; Montgomery 6.2): neighbouring ranges share a value.
    """
    make = SPREADS.get(method.chart)
    if make is None:
        return ()
    ordered = sorted(rebases, key=lambda rebase: rebase.since)
    points: list[JudgedPoint] = []
    for number, (rebase, members) in enumerate(_segments(observations, ordered)):
        base = _base(members, observations, rebase)
        limits = _limits_by(make, members, base, method) if members else None
        points += _spread_points(members, limits, number)
    return tuple(points)


def _spread_points(members: Sequence[Observation], limits: charts.Limits | None, segment: int) -> list[JudgedPoint]:
    if limits is None:
        return [JudgedPoint(o.period, None, segment=segment) for o in members]
    found = []
    for place, o in enumerate(members):
        value, upper = limits.statistic[place], limits.upper[place]
        is_beyond = value is not None and upper is not None and value > upper and not o.is_excluded
        signals = ((BEYOND, 1),) if is_beyond else ()
        levels = (limits.center[place], limits.lower[place], upper)
        found.append(JudgedPoint(o.period, value, value, *levels, signals, o.is_excluded, segment))
    return found


def _segments(
    observations: Sequence[Observation], rebases: Sequence[Rebase]
) -> list[tuple[Rebase | None, list[Observation]]]:
    """The observations cut at the re-base dates, oldest first; the first part has no re-base."""
    parts: list[tuple[Rebase | None, list[Observation]]] = [(None, []), *((rebase, []) for rebase in rebases)]
    for observation in observations:
        place = sum(rebase.since <= observation.period for rebase in rebases)
        parts[place][1].append(observation)
    return parts


def _base(
    members: Sequence[Observation], every: Sequence[Observation], rebase: Rebase | None
) -> tuple[Sequence[Observation], list[bool]]:
    """The observations that limits come from, and which of them count."""
    if rebase is None or (rebase.base_from is None and rebase.base_until is None):
        usable, flags = 0, []
        for observation in members:
            counts = observation.value is not None and not observation.is_excluded and usable < BASE_POINTS
            usable += counts
            flags.append(counts)
        return members, flags
    begin, end = rebase.base_from or rebase.since, rebase.base_until or date.max
    chosen = [o for o in every if begin <= o.period <= end]
    return chosen, [o.value is not None and not o.is_excluded for o in chosen]


def _limits_by(
    make: Maker, members: Sequence[Observation], base: tuple[Sequence[Observation], list[bool]], method: Method
) -> charts.Limits | None:
    """Limits of the members from the base, which may lie outside of them."""
    base_members, flags = base
    if sum(flags) < LEAST_POINTS:
        return None
    inside = {o.period for o, flag in zip(base_members, flags, strict=True) if flag}
    together = sorted({o.period: o for o in (*base_members, *members)}.values(), key=lambda o: o.period)
    try:
        limits = make(together, [o.period in inside for o in together], method)
    except ValueError:  # NotEnoughValues included: no limits is the honest answer
        return None
    wanted = {o.period for o in members}
    keep = [place for place, o in enumerate(together) if o.period in wanted]
    return limits.at(keep)


def _judged(
    members: Sequence[Observation], limits: charts.Limits | None, method: Method, segment: int
) -> list[JudgedPoint]:
    if limits is None:
        return [
            JudgedPoint(
                o.period,
                o.value,
                o.value,
                is_excluded=o.is_excluded,
                segment=segment,
                target_low=o.target_low,
                target_high=o.target_high,
            )
            for o in members
        ]
    signals = _signals(members, limits, method)
    scale = method.per if method.chart in SCALED else 1.0

    def stated(value: float | None) -> float | None:
        return None if value is None else value * scale

    return [
        JudgedPoint(
            o.period,
            o.value,
            stated(limits.statistic[place]) if method.chart in WITH_MEMORY else o.value,
            stated(limits.center[place]),
            stated(limits.lower[place]),
            stated(limits.upper[place]),
            tuple((hit.rule, hit.side) for hit in signals.get(place, [])),
            o.is_excluded,
            segment,
            o.target_low,
            o.target_high,
        )
        for place, o in enumerate(members)
    ]


def _signals(members: Sequence[Observation], limits: charts.Limits, method: Method) -> dict[int, list[Hit]]:
    is_run = method.chart is Chart.RUN
    name = RuleSet.RUN if is_run else method.rules
    z = charts.distances(limits, power=charts.T_POWER if method.chart is Chart.T else None)
    seen = [None if o.is_excluded else away for o, away in zip(members, z, strict=True)]
    rules = rule_set(name, method.run_length)
    if method.chart in WITH_MEMORY:
        rules = rules[:1]  # the statistic remembers: runs of it say nothing new
    marking = method.marking or DEFAULT_MARKING[name]
    found: dict[int, list[Hit]] = {}
    for hit in apply_rules(rules, seen, limits.statistic, marking):
        found.setdefault(hit.index, []).append(hit)
    return found


# How each chart takes its columns from observations


def _values(members: Sequence[Observation]) -> list[float | None]:
    return [o.value for o in members]


def _parts(members: Sequence[Observation]) -> tuple[list[float | None], list[float | None]]:
    return [o.numerator for o in members], [o.denominator for o in members]


def _xmr(members: Sequence[Observation], base: list[bool], method: Method) -> charts.Limits:
    spread = charts.Spread.MEDIAN_RANGE if method.uses_medians else charts.Spread.MEAN_RANGE
    return charts.individuals(
        _values(members),
        base,
        constants=method.constants,
        spread=spread,
        median_center=method.uses_medians,
        screen=method.screens_ranges,
    )


def _ewma(members: Sequence[Observation], base: list[bool], method: Method) -> charts.Limits:
    plain = _xmr(members, base, method)
    return charts.ewma_chart(_values(members), center=plain.facts["center"], sigma=plain.facts["sigma"])


def _cusum(members: Sequence[Observation], base: list[bool], method: Method) -> charts.Limits:
    """The values with the center they are summed against; a signal where one of the sums passes the interval."""
    plain = _xmr(members, base, method)
    center, sigma = plain.facts["center"], plain.facts["sigma"]
    if not sigma:
        return plain
    sums = charts.cusum_chart(_values(members), target=center, sigma=sigma)
    distances = [
        None if high is None or low is None else (high if high >= low else -low) * 3 / sums.interval
        for high, low in zip(sums.high, sums.low, strict=True)
    ]
    turned = tuple(None if z is None else center + z for z in distances)
    ones = tuple(None if z is None else 1.0 for z in distances)
    return charts.Limits(turned, plain.center, plain.lower, plain.upper, ones, plain.facts)


def _moving_range(members: Sequence[Observation], base: list[bool], method: Method) -> charts.Limits:
    return charts.moving_range_chart(_values(members), base, constants=method.constants)


SPREADS: dict[Chart, Maker] = {
    Chart.XMR: _moving_range,
    Chart.XBAR_R: lambda members, base, method: charts.ranges_chart(
        [o.subgroup or None for o in members], base, constants=method.constants
    ),
    Chart.XBAR_S: lambda members, base, method: charts.deviations_chart([o.subgroup or None for o in members], base),
}

CHARTS: dict[Chart, Maker] = {
    Chart.RUN: lambda members, base, method: charts.run_chart(_values(members), base),
    Chart.XMR: _xmr,
    Chart.XBAR_R: lambda members, base, method: charts.means(
        [o.subgroup or None for o in members], base, constants=method.constants
    ),
    Chart.XBAR_S: lambda members, base, method: charts.means(
        [o.subgroup or None for o in members], base, by_deviations=True
    ),
    Chart.P: lambda members, base, method: charts.p_chart(*_parts(members), base),
    Chart.P_PRIME: lambda members, base, method: charts.p_prime_chart(
        *_parts(members), base, constants=method.constants
    ),
    Chart.C: lambda members, base, method: charts.c_chart([o.numerator for o in members], base),
    Chart.U: lambda members, base, method: charts.u_chart(*_parts(members), base),
    Chart.U_PRIME: lambda members, base, method: charts.u_prime_chart(
        *_parts(members), base, constants=method.constants
    ),
    Chart.G: lambda members, base, method: charts.g_chart(_values(members), base),
    Chart.T: lambda members, base, method: charts.t_chart(_values(members), base, constants=method.constants),
    Chart.EWMA: _ewma,
    Chart.CUSUM: _cusum,
}
SCALED = {Chart.P, Chart.P_PRIME, Chart.C, Chart.U, Chart.U_PRIME}
"""Charts of numerator over denominator: their figures are stated `per` something."""

WITH_MEMORY = {Chart.EWMA, Chart.CUSUM}

ALLOWED = {
    "number": (Chart.XMR, Chart.RUN, Chart.EWMA, Chart.CUSUM, Chart.G, Chart.T),
    "ratio": (Chart.P, Chart.P_PRIME, Chart.XMR, Chart.RUN, Chart.EWMA, Chart.CUSUM),
    "count": (Chart.C, Chart.U, Chart.U_PRIME, Chart.XMR, Chart.RUN, Chart.EWMA, Chart.CUSUM),
    "subgroup": (Chart.XBAR_R, Chart.XBAR_S, Chart.XMR, Chart.RUN, Chart.EWMA, Chart.CUSUM),
}
"""Charts that an owner may choose for a kind of figure."""
