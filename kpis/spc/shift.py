"""Did a level change? Two stretches of a series compared: difference, 95 % interval, test.

Sources: Welch's t interval (NIST/SEMATECH e-Handbook 7.3.1); Mann-Whitney test with correction for ties and continuity
(Lehmann, Nonparametrics, 1.5; e-Handbook 7.4.1); Hodges-Lehmann difference with Moses' interval (Hollander, Wolfe,
Chicken, Nonparametric Statistical Methods, 4.2 and 4.3).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, variance

from kpis.spc.distributions import normal_cdf, normal_quantile, t_cdf, t_quantile

ALPHA = 0.05
NEEDED = 8
"""Points after a change before a re-base is proposed, unless the portal's setting says otherwise."""
SMALL = 12
"""Below this many points on a side the ranks decide, because a mean of few points is not yet normal."""


class Test(StrEnum):
    """The test that was used."""

    WELCH = "welch"
    MANN_WHITNEY = "mann_whitney"


@dataclass(frozen=True)
class Shift:
    """The change from before to after. `difference` is after − before in the unit of the series."""

    difference: float
    low: float
    high: float
    p_value: float
    test: Test
    before_mean: float
    after_mean: float
    before_n: int
    after_n: int

    @property
    def is_real(self) -> bool:
        """Neither the test nor the interval lets it be chance."""
        return self.p_value < ALPHA and (self.low > 0) == (self.high > 0) and self.low * self.high > 0


def compare(before: Sequence[float], after: Sequence[float], test: Test | None = None) -> Shift:
    """Compare two stretches of at least two values each; Mann-Whitney when one is short, else Welch.

    Raises ValueError for shorter stretches.
    """
    if len(before) < 2 or len(after) < 2:
        raise ValueError("A comparison needs at least two values on each side.")
    chosen = test or (Test.MANN_WHITNEY if min(len(before), len(after)) < SMALL else Test.WELCH)
    low, high, p_value, difference = (welch if chosen is Test.WELCH else mann_whitney)(before, after)
    return Shift(difference, low, high, p_value, chosen, fmean(before), fmean(after), len(before), len(after))


def welch(before: Sequence[float], after: Sequence[float]) -> tuple[float, float, float, float]:
    """Interval (low, high), two-sided p and difference of the means, variances not assumed equal."""
    difference = fmean(after) - fmean(before)
    a, b = variance(before) / len(before), variance(after) / len(after)
    error = math.sqrt(a + b)
    if error == 0:
        return difference, difference, 0.0 if difference else 1.0, difference
    degrees = (a + b) ** 2 / (a * a / (len(before) - 1) + b * b / (len(after) - 1))
    reach = t_quantile(1 - ALPHA / 2, degrees) * error
    return difference - reach, difference + reach, 2 * t_cdf(-abs(difference / error), degrees), difference


def mann_whitney(before: Sequence[float], after: Sequence[float]) -> tuple[float, float, float, float]:
    """Moses' interval (low, high), two-sided p and Hodges-Lehmann difference (median of all pairwise differences)."""
    m, n = len(before), len(after)
    pairs = sorted(y - x for x in before for y in after)
    larger = sum(1.0 if d > 0 else 0.5 if d == 0 else 0.0 for d in pairs)
    error = _rank_error([*before, *after], m, n)
    middle = m * n / 2
    away = max(0.0, abs(larger - middle) - 0.5)
    p_value = 1.0 if error == 0 else min(1.0, 2 * normal_cdf(-away / error))
    reach = normal_quantile(1 - ALPHA / 2) * math.sqrt(m * n * (m + n + 1) / 12)
    place = min(max(1, math.floor(middle - reach)), (len(pairs) + 1) // 2)
    return pairs[place - 1], pairs[len(pairs) - place], p_value, _middle_of(pairs)


def _middle_of(ordered: Sequence[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _rank_error(together: Sequence[float], m: int, n: int) -> float:
    """Standard deviation of the Mann-Whitney count under no change, corrected for ties."""
    counts: dict[float, int] = {}
    for value in together:
        counts[value] = counts.get(value, 0) + 1
    total = m + n
    ties = sum(t**3 - t for t in counts.values()) / (total * (total - 1))
    return math.sqrt(max(0.0, m * n / 12 * (total + 1 - ties)))


def sustained(sides: Sequence[int], needed: int) -> bool:
    """Whether at least `needed` points in a row lie on one side of the old center (sides −1, 0, +1)."""
    return any(_longest(sides, side) >= needed for side in (1, -1))


def shift_since(before: Sequence[float], after: Sequence[float], center: float, needed: int = NEEDED) -> Shift | None:
    """The sustained shift after a change, or None: `needed` points after it, as many in a row on one side of the old
    center, and a difference that neither test nor interval lets be chance."""
    if len(after) < needed or len(before) < 2:
        return None
    if not sustained([(value > center) - (value < center) for value in after], needed):
        return None
    found = compare(before, after)
    return found if found.is_real else None


def _longest(sides: Sequence[int], side: int) -> int:
    best = run = 0
    for value in sides:
        run = run + 1 if value == side else 0
        best = max(best, run)
    return best
