"""Factors of control charts for subgroups of n values: d2, d3, c4, A, A2, A3, B3…B6, D1…D4, E2.

Exact ones are computed: the range of n normal values has the distribution
F(r) = n ∫ φ(x) [Φ(x + r) − Φ(x)]ⁿ⁻¹ dx (Tippett 1925), d2 is its mean and d3 its standard deviation;
c4 = √(2/(n−1)) Γ(n/2) / Γ((n−1)/2). Printed ones are the same rounded as books print them: three decimals, c4 four
(Montgomery, Introduction to Statistical Quality Control, appendix VI; ASTM E2587). The choice moves limits by up to
4e-4 relative, so it is a setting and not a habit.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from kpis.spc.distributions import normal_cdf

_STEP = 0.05
_REACH = 8.0


class Constants(StrEnum):
    """Which factors a chart uses."""

    EXACT = "exact"
    """Computed to about ten digits."""
    PRINTED = "printed"
    """d2 with three decimals, as tables print it and NIST and R qcc use it."""
    WHEELER = "wheeler"
    """2.66 and 3.267 for individual values, 3.145 and 3.865 for medians (Wheeler; NHS Making Data Count)."""


@dataclass(frozen=True)
class Factors:
    """The factors for one subgroup size; names as in Montgomery's appendix VI."""

    n: int
    d2: float
    d3: float
    c4: float
    A: float
    A2: float
    A3: float
    B3: float
    B4: float
    B5: float
    B6: float
    D1: float
    D2: float
    D3: float
    D4: float
    E2: float


@lru_cache(maxsize=64)
def factors(n: int) -> Factors:
    """Exact factors for subgroups of n ≥ 2 values. Raises ValueError below 2."""
    d2, d3, c4 = *range_moments(n), c4_of(n)
    root, spread = math.sqrt(n), math.sqrt(1 - c4 * c4)
    return Factors(
        n=n,
        d2=d2,
        d3=d3,
        c4=c4,
        A=3 / root,
        A2=3 / (d2 * root),
        A3=3 / (c4 * root),
        B3=max(0.0, 1 - 3 * spread / c4),
        B4=1 + 3 * spread / c4,
        B5=max(0.0, c4 - 3 * spread),
        B6=c4 + 3 * spread,
        D1=max(0.0, d2 - 3 * d3),
        D2=d2 + 3 * d3,
        D3=max(0.0, 1 - 3 * d3 / d2),
        D4=1 + 3 * d3 / d2,
        E2=3 / d2,
    )


@lru_cache(maxsize=64)
def printed_factors(n: int) -> Factors:
    """The exact factors as books print them."""
    exact = factors(n)
    return Factors(
        n=n,
        **{
            name: round(getattr(exact, name), 4 if name == "c4" else 3)
            for name in Factors.__dataclass_fields__
            if name != "n"
        },
    )


def d2_of(n: int, constants: Constants) -> float:
    """d2 as the setting wants it."""
    return factors(n).d2 if constants is Constants.EXACT else printed_factors(n).d2


def c4_of(n: int) -> float:
    """c4, by logarithms of the gamma function so that large n does not overflow."""
    if n < 2:
        raise ValueError("A subgroup needs at least two values.")
    return math.sqrt(2 / (n - 1)) * math.exp(math.lgamma(n / 2) - math.lgamma((n - 1) / 2))


@lru_cache(maxsize=64)
def range_moments(n: int) -> tuple[float, float]:
    """Mean d2 and standard deviation d3 of the range of n standard normal values.

    E[R] = ∫ (1 − F(r)) dr and E[R²] = 2 ∫ r (1 − F(r)) dr. The inner integral is smooth over the whole line, where the
    trapezoidal rule converges faster than any power of the step; the outer one is Boole's rule.
    """
    if n < 2:
        raise ValueError("A subgroup needs at least two values.")
    points = int(2 * _REACH / _STEP) + 1
    longest = int(2 * _REACH / _STEP)
    grid = [-_REACH + _STEP * i for i in range(points)]
    below = [normal_cdf(-_REACH + _STEP * i) for i in range(points + longest + 1)]
    density = [math.exp(-x * x / 2) / math.sqrt(2 * math.pi) for x in grid]
    first = second = 0.0
    for k in range(longest + 1):
        inside = n * _STEP * math.fsum(density[i] * (below[i + k] - below[i]) ** (n - 1) for i in range(points))
        weight = (7 if k in (0, longest) else (14, 32, 12, 32)[k % 4]) * 2 * _STEP / 45 * (1 - inside)
        first += weight
        second += 2 * weight * _STEP * k
    return first, math.sqrt(second - first * first)
