"""Control charts: values in, the plotted statistic with centre and limits out.

Every function takes the values in order (None where a period has no value) and `base`, which says point by point what
the limits are computed from (Phase I); the others are only judged by them (Phase II, frozen limits, excluded points).
A value that is missing stays missing in every column and is joined to nothing: no moving range reaches across it.
Excluded points are taken out before ranges are formed, so their neighbours become neighbours.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import fmean, median

from kpis.spc.constants import Constants, c4_of, d2_of, factors

Column = tuple[float | None, ...]
Values = Sequence[float | None]

MEDIAN_RANGE_OF_TWO = 0.9538725524
"""Median of the range of two standard normal values: √2 · Φ⁻¹(0.75). Wheeler prints 0.954, and 3.145 = 3 / 0.954."""


class NotEnoughValues(ValueError):
    """The base holds too few values for limits; the message says how many are needed."""


class Spread(StrEnum):
    """What the width of an individuals chart is estimated from."""

    MEAN_RANGE = "mean_range"
    MEDIAN_RANGE = "median_range"
    DEVIATION = "deviation"


@dataclass(frozen=True)
class Limits:
    """A computed chart: one entry a point in every column, None where the value is missing."""

    statistic: Column
    center: Column
    lower: Column
    upper: Column
    sigma: Column
    """Standard error of the statistic: (value − center) / sigma is the distance that the run rules look at."""
    facts: dict[str, float] = field(default_factory=dict)
    """Single figures by name (mean range, sigma of the process, …) for whoever wants to see where limits come from."""

    def at(self, places: Sequence[int]) -> "Limits":
        """The same chart for some of its points only."""
        statistic, center, lower, upper, sigma = (
            tuple(column[place] for place in places)
            for column in (self.statistic, self.center, self.lower, self.upper, self.sigma)
        )
        return Limits(statistic, center, lower, upper, sigma, self.facts)


def _base_values(values: Values, base: Sequence[bool] | None, least: int = 2) -> list[float]:
    chosen = [v for v, inside in zip(values, base or [True] * len(values), strict=True) if inside and v is not None]
    if len(chosen) < least:
        raise NotEnoughValues(f"Limits need at least {least} values, this base has {len(chosen)}.")
    return chosen


def _flat(
    statistic: Values, center: float, lower: float, upper: float, sigma: float, facts: dict[str, float] | None = None
) -> Limits:
    """The same limits for every point that has a value."""
    held = [value is not None for value in statistic]

    def column(value: float) -> Column:
        return tuple(value if has else None for has in held)

    return Limits(
        tuple(statistic),
        column(center),
        column(lower),
        column(upper),
        column(sigma),
        {"center": center, **(facts or {})},
    )


def _by_point(
    statistic: Values,
    center: float,
    sigmas: Values,
    floor: float | None,
    ceiling: float | None,
    facts: dict[str, float],
) -> Limits:
    """Limits at center ± 3 sigma of each point, cut at what the statistic can never pass."""
    lower: list[float | None] = []
    upper: list[float | None] = []
    for sigma in sigmas:
        low, high = (None, None) if sigma is None else (center - 3 * sigma, center + 3 * sigma)
        lower.append(low if floor is None or low is None else max(floor, low))
        upper.append(high if ceiling is None or high is None else min(ceiling, high))
    centers = tuple(None if value is None else center for value in sigmas)
    return Limits(tuple(statistic), centers, tuple(lower), tuple(upper), tuple(sigmas), {"center": center, **facts})


# Individual values


def run_chart(values: Values, base: Sequence[bool] | None = None) -> Limits:
    """Run chart: the median, no limits (Perla, Provost, Murray 2011). Points on the median belong to neither side.

    Sigma is 1, so that the distance only tells the side.
    """
    middle = median(_base_values(values, base, least=1))
    held = [value is not None for value in values]
    none: Column = (None,) * len(held)
    centers = tuple(middle if has else None for has in held)
    return Limits(tuple(values), centers, none, none, tuple(1.0 if has else None for has in held), {"center": middle})


def moving_ranges(values: Values, base: Sequence[bool] | None = None) -> list[float]:
    """|xᵢ − xᵢ₋₁| between neighbours of the base; excluded points are bridged, missing ones are not."""
    ranges: list[float] = []
    before: float | None = None
    for value, inside in zip(values, base or [True] * len(values), strict=True):
        if value is None:
            before = None
        elif inside:
            if before is not None:
                ranges.append(abs(value - before))
            before = value
    return ranges


def individuals(
    values: Values,
    base: Sequence[bool] | None = None,
    *,
    constants: Constants = Constants.EXACT,
    spread: Spread = Spread.MEAN_RANGE,
    median_center: bool = False,
    screen: bool = False,
) -> Limits:
    """XmR (individuals) chart: center ± 3σ̂, σ̂ = mean moving range / d2(2).

    Sources: NIST/SEMATECH e-Handbook 6.3.2.2; Wheeler, Understanding Variation (2.66; medians 3.145);
    `spread=DEVIATION` is s / c4(n) (R qcc); `screen` leaves out moving ranges above 3.267 × their mean once
    (NHS England, Making Data Count).
    """
    chosen = _base_values(values, base)
    center = median(chosen) if median_center else fmean(chosen)
    sigma, mean_range = _sigma_of_individuals(values, base, chosen, constants, spread, screen)
    facts = {"sigma": sigma, "mean_range": mean_range, "n": float(len(chosen))}
    return _flat(values, center, center - 3 * sigma, center + 3 * sigma, sigma, facts)


def _sigma_of_individuals(
    values: Values,
    base: Sequence[bool] | None,
    chosen: list[float],
    constants: Constants,
    spread: Spread,
    screen: bool,
) -> tuple[float, float]:
    """Sigma and the mean (or median) moving range it came from."""
    ranges = moving_ranges(values, base)
    if not ranges:
        raise NotEnoughValues("Limits need two values of neighbouring periods.")
    if screen:
        ranges = screened(ranges, constants)
    if spread is Spread.DEVIATION:
        middle = fmean(chosen)
        deviation = math.sqrt(math.fsum((v - middle) ** 2 for v in chosen) / (len(chosen) - 1))
        return deviation / c4_of(len(chosen)), fmean(ranges)
    if spread is Spread.MEDIAN_RANGE:
        middle = median(ranges)
        return middle / MEDIAN_RANGE_OF_TWO if constants is Constants.EXACT else middle * 3.145 / 3, middle
    mean_range = fmean(ranges)
    if constants is Constants.WHEELER:
        return mean_range * 2.66 / 3, mean_range
    return mean_range / d2_of(2, constants), mean_range


def screened(ranges: list[float], constants: Constants = Constants.EXACT) -> list[float]:
    """The ranges not above D4(2) times their mean; one pass (NHS England, Making Data Count)."""
    bound = (factors(2).D4 if constants is Constants.EXACT else 3.267) * fmean(ranges)
    return [value for value in ranges if value <= bound]


def moving_range_chart(
    values: Values, base: Sequence[bool] | None = None, *, constants: Constants = Constants.EXACT
) -> Limits:
    """The mR half of an XmR chart: center mean range, upper limit D4(2) × center, lower 0 (e-Handbook 6.3.2.2)."""
    ranges = moving_ranges(values, base)
    if not ranges:
        raise NotEnoughValues("A moving range needs two values of neighbouring periods.")
    center = fmean(ranges)
    d4 = factors(2).D4 if constants is Constants.EXACT else 3.267
    plotted: list[float | None] = [None]
    for before, value in zip(values, values[1:], strict=False):
        plotted.append(None if before is None or value is None else abs(value - before))
    return _flat(plotted[: len(values)], center, 0.0, d4 * center, (d4 - 1) * center / 3)


# Subgroups


def _subgroups(samples: Sequence[Sequence[float] | None], base: Sequence[bool] | None) -> list[Sequence[float]]:
    chosen = [s for s, inside in zip(samples, base or [True] * len(samples), strict=True) if inside and s]
    chosen = [sample for sample in chosen if len(sample) > 1]
    if len(chosen) < 2:
        raise NotEnoughValues("Limits need at least two subgroups of two or more values.")
    return chosen


def _deviation(sample: Sequence[float]) -> float:
    middle = fmean(sample)
    return math.sqrt(math.fsum((v - middle) ** 2 for v in sample) / (len(sample) - 1))


def sigma_from_ranges(samples: Sequence[Sequence[float]], constants: Constants = Constants.EXACT) -> float:
    """σ̂ = mean of Rᵢ / d2(nᵢ); for equal n that is R̄ / d2 (Montgomery 6.2)."""
    return fmean((max(s) - min(s)) / d2_of(len(s), constants) for s in samples)


def sigma_from_deviations(samples: Sequence[Sequence[float]]) -> float:
    """σ̂ = mean of sᵢ / c4(nᵢ); for equal n that is s̄ / c4 (Montgomery 6.3)."""
    return fmean(_deviation(s) / c4_of(len(s)) for s in samples)


def sigma_overall(samples: Sequence[Sequence[float]]) -> float:
    """Standard deviation of all values together, divisor n − 1: the sigma of Pp and Ppk."""
    return _deviation([value for sample in samples for value in sample])


def means(
    samples: Sequence[Sequence[float] | None],
    base: Sequence[bool] | None = None,
    *,
    by_deviations: bool = False,
    constants: Constants = Constants.EXACT,
) -> Limits:
    """X-bar chart: grand mean ± 3σ̂/√nᵢ, σ̂ from ranges (X̄-R) or from standard deviations (X̄-S).

    Source: Montgomery, Introduction to Statistical Quality Control, 6.2 and 6.3; e-Handbook 6.3.2.1.
    """
    chosen = _subgroups(samples, base)
    sigma = sigma_from_deviations(chosen) if by_deviations else sigma_from_ranges(chosen, constants)
    center = math.fsum(math.fsum(s) for s in chosen) / sum(len(s) for s in chosen)
    errors = [sigma / math.sqrt(len(s)) if s else None for s in samples]
    return _by_point([fmean(s) if s else None for s in samples], center, errors, None, None, {"process_sigma": sigma})


def ranges_chart(
    samples: Sequence[Sequence[float] | None],
    base: Sequence[bool] | None = None,
    *,
    constants: Constants = Constants.EXACT,
) -> Limits:
    """R chart: center d2(n) σ̂, limits center ± 3 d3(n) σ̂, never below 0 (Montgomery 6.2)."""
    sigma = sigma_from_ranges(_subgroups(samples, base), constants)
    return _spread_chart(
        [max(s) - min(s) if s else None for s in samples],
        [d2_of(len(s), constants) * sigma if s and len(s) > 1 else None for s in samples],
        [factors(len(s)).d3 * sigma if s and len(s) > 1 else None for s in samples],
        sigma,
    )


def deviations_chart(samples: Sequence[Sequence[float] | None], base: Sequence[bool] | None = None) -> Limits:
    """S chart: center c4(n) σ̂, limits center ± 3 σ̂ √(1 − c4²), never below 0 (Montgomery 6.3)."""
    sigma = sigma_from_deviations(_subgroups(samples, base))
    sizes = [len(s) if s and len(s) > 1 else None for s in samples]
    return _spread_chart(
        [_deviation(s) if s and len(s) > 1 else None for s in samples],
        [c4_of(n) * sigma if n else None for n in sizes],
        [math.sqrt(1 - c4_of(n) ** 2) * sigma if n else None for n in sizes],
        sigma,
    )


def _spread_chart(statistic: Values, centers: Values, errors: Values, sigma: float) -> Limits:
    pairs = list(zip(centers, errors, strict=True))
    return Limits(
        tuple(statistic),
        tuple(centers),
        tuple(None if c is None or e is None else max(0.0, c - 3 * e) for c, e in pairs),
        tuple(None if c is None or e is None else c + 3 * e for c, e in pairs),
        tuple(errors),
        {"process_sigma": sigma, "center": next(c for c in centers if c is not None)},
    )


# Counts


def _pairs(counts: Values, sizes: Values, base: Sequence[bool] | None) -> tuple[float, float]:
    """Σ counts and Σ sizes of the base. Raises NotEnoughValues when nothing was looked at."""
    total = size = 0.0
    seen = 0
    for count, area, inside in zip(counts, sizes, base or [True] * len(counts), strict=True):
        if inside and count is not None and area:
            total, size, seen = total + count, size + area, seen + 1
    if seen < 2:
        raise NotEnoughValues("Limits need at least two periods with a denominator above 0.")
    return total, size


def _rates(counts: Values, sizes: Values) -> list[float | None]:
    return [None if c is None or not s else c / s for c, s in zip(counts, sizes, strict=True)]


def p_chart(counts: Values, sizes: Values, base: Sequence[bool] | None = None) -> Limits:
    """p chart: p̄ ± 3 √(p̄(1 − p̄)/nᵢ), p̄ = Σ counts / Σ sizes (e-Handbook 6.3.3.2)."""
    total, size = _pairs(counts, sizes, base)
    center = total / size
    if not 0 <= center <= 1:
        raise ValueError("A share needs numerators between 0 and their denominators.")
    rates = _rates(counts, sizes)
    variance = center * (1 - center)
    errors = [None if r is None or not n else math.sqrt(variance / n) for r, n in zip(rates, sizes, strict=True)]
    return _by_point(rates, center, errors, 0.0, 1.0, {"process_sigma": math.sqrt(variance)})


def np_chart(counts: Values, size: float, base: Sequence[bool] | None = None) -> Limits:
    """np chart for a constant size n: n p̄ ± 3 √(n p̄ (1 − p̄)) (Montgomery 7.2)."""
    rates = p_chart(counts, [size] * len(counts), base)

    def times(column: Column) -> Column:
        return tuple(None if value is None else value * size for value in column)

    facts = {"center": rates.facts["center"] * size}
    return Limits(tuple(counts), times(rates.center), times(rates.lower), times(rates.upper), times(rates.sigma), facts)


def c_chart(counts: Values, base: Sequence[bool] | None = None) -> Limits:
    """c chart for a constant area of opportunity: c̄ ± 3 √c̄, never below 0 (e-Handbook 6.3.3.1)."""
    center = fmean(_base_values(counts, base))
    sigma = math.sqrt(center)
    return _flat(counts, center, max(0.0, center - 3 * sigma), center + 3 * sigma, sigma)


def u_chart(counts: Values, sizes: Values, base: Sequence[bool] | None = None) -> Limits:
    """u chart: ū ± 3 √(ū/nᵢ), ū = Σ counts / Σ areas of opportunity (Montgomery 7.3)."""
    total, size = _pairs(counts, sizes, base)
    center = total / size
    rates = _rates(counts, sizes)
    errors = [None if r is None or not n else math.sqrt(center / n) for r, n in zip(rates, sizes, strict=True)]
    return _by_point(rates, center, errors, 0.0, None, {"process_sigma": math.sqrt(center)})


def p_prime_chart(
    counts: Values, sizes: Values, base: Sequence[bool] | None = None, *, constants: Constants = Constants.EXACT
) -> Limits:
    """Laney p′: p̄ ± 3 σpᵢ σz, σz = mean moving range of zᵢ = (pᵢ − p̄)/σpᵢ over d2(2).

    Source: Laney, Improved control charts for attributes, Quality Engineering 14(4), 2002. Made for denominators so
    large that the binomial limits of a p chart are narrower than the usual change from period to period.
    """
    return _laney(p_chart(counts, sizes, base), base, 1.0, constants)


def u_prime_chart(
    counts: Values, sizes: Values, base: Sequence[bool] | None = None, *, constants: Constants = Constants.EXACT
) -> Limits:
    """Laney u′: the same correction for a u chart (Laney 2002)."""
    return _laney(u_chart(counts, sizes, base), base, None, constants)


def _laney(plain: Limits, base: Sequence[bool] | None, ceiling: float | None, constants: Constants) -> Limits:
    center = plain.facts["center"]
    z = [
        None if value is None or not sigma else (value - center) / sigma
        for value, sigma in zip(plain.statistic, plain.sigma, strict=True)
    ]
    ranges = moving_ranges(z, base)
    if not ranges:
        raise NotEnoughValues("Limits need two values of neighbouring periods.")
    sigma_z = fmean(ranges) / d2_of(2, constants)
    errors = [None if sigma is None else sigma * sigma_z for sigma in plain.sigma]
    return _by_point(plain.statistic, center, errors, 0.0, ceiling, {**plain.facts, "sigma_z": sigma_z})


# Rare events


def g_chart(between: Values, base: Sequence[bool] | None = None) -> Limits:
    """g chart of the number of chances between events: ḡ ± 3 √(ḡ(ḡ + 1)), never below 0.

    Source: Benneyan, Number-between g-type statistical quality control charts, Health Care Management Science 4, 2001
    (events counted from 0).
    """
    center = fmean(_base_values(between, base))
    sigma = math.sqrt(center * (center + 1))
    return _flat(between, center, max(0.0, center - 3 * sigma), center + 3 * sigma, sigma)


T_POWER = 3.6


def t_chart(times: Values, base: Sequence[bool] | None = None, *, constants: Constants = Constants.EXACT) -> Limits:
    """t chart of the time between rare events: an individuals chart of t^(1/3.6), limits turned back.

    Source: Nelson, A control chart for parts-per-million nonconforming items, Journal of Quality Technology 26, 1994;
    Montgomery 7.3.5. The plotted statistic stays the time. Sigma is that of the transformed scale, so distances for
    the run rules are taken with `distances`.
    """
    if any(value is not None and value < 0 for value in times):
        raise ValueError("A time between events cannot be negative.")
    turned = individuals([None if t is None else t ** (1 / T_POWER) for t in times], base, constants=constants)

    def back(column: Column) -> Column:
        return tuple(None if v is None else max(0.0, v) ** T_POWER for v in column)

    return Limits(tuple(times), back(turned.center), back(turned.lower), back(turned.upper), turned.sigma, turned.facts)


# Memory


def ewma_chart(
    values: Values,
    *,
    center: float,
    sigma: float,
    weight: float = 0.2,
    width: float = 3.0,
    steady: bool = False,
) -> Limits:
    """EWMA: zᵢ = λ xᵢ + (1 − λ) zᵢ₋₁, z₀ = center, limits center ± L σ √(λ/(2−λ) · (1 − (1−λ)²ⁱ)).

    Source: e-Handbook 6.3.2.4 (`steady=True` leaves the bracket out, as NIST's example does); Montgomery 9.2.
    `sigma` is the standard error of one plotted value. A missing value keeps the last z and is not plotted.
    """
    if not 0 < weight <= 1:
        raise ValueError("The weight of an EWMA chart lies above 0 and at most 1.")
    z, step = center, 0
    plotted: list[float | None] = []
    errors: list[float | None] = []
    for value in values:
        if value is None:
            plotted.append(None)
            errors.append(None)
            continue
        step += 1
        z = weight * value + (1 - weight) * z
        reach = 1.0 if steady else 1 - (1 - weight) ** (2 * step)
        plotted.append(z)
        errors.append(sigma * math.sqrt(weight / (2 - weight) * reach))
    return Limits(
        tuple(plotted),
        tuple(None if e is None else center for e in errors),
        tuple(None if e is None else center - width * e for e in errors),
        tuple(None if e is None else center + width * e for e in errors),
        tuple(errors),
        {"center": center, "sigma": sigma},
    )


@dataclass(frozen=True)
class Cusum:
    """Tabular CUSUM in units of sigma: sums above and below, and the decision interval h."""

    high: Column
    low: Column
    interval: float


def cusum_chart(values: Values, *, target: float, sigma: float, slack: float = 0.5, interval: float = 5.0) -> Cusum:
    """C⁺ᵢ = max(0, zᵢ − k + C⁺ᵢ₋₁), C⁻ᵢ = max(0, −zᵢ − k + C⁻ᵢ₋₁), zᵢ = (xᵢ − target)/σ; signal above h.

    Source: Montgomery 9.1 (k = ½, h = 5 by default); e-Handbook 6.3.2.3.
    """
    if sigma <= 0:
        raise ValueError("A CUSUM chart needs a sigma above 0.")
    up = down = 0.0
    high: list[float | None] = []
    low: list[float | None] = []
    for value in values:
        if value is None:
            high.append(None)
            low.append(None)
            continue
        z = (value - target) / sigma
        up, down = max(0.0, z - slack + up), max(0.0, -z - slack + down)
        high.append(up)
        low.append(down)
    return Cusum(tuple(high), tuple(low), interval)


def distances(limits: Limits, *, power: float | None = None) -> Column:
    """(value − center) / sigma of every point; `power` for charts whose sigma is of a transformed scale (t chart)."""

    def on_scale(value: float) -> float:
        return value if power is None else max(0.0, value) ** (1 / power)

    return tuple(
        None if v is None or c is None or s is None else _distance(on_scale(v) - on_scale(c), s)
        for v, c, s in zip(limits.statistic, limits.center, limits.sigma, strict=True)
    )


def _distance(away: float, sigma: float) -> float:
    """Zero sigma means that nothing ever varied: equal is 0, different is beyond every limit."""
    if sigma > 0:
        return away / sigma
    return 0.0 if away == 0 else math.copysign(math.inf, away)
