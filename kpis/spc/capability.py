"""Process capability, defects per million and sigma level.

Sources: NIST/SEMATECH e-Handbook 6.1.6 (Cp, Cpk, Cpm, k); AIAG Statistical Process Control (within and overall sigma);
Montgomery 8.3 (95 % interval of Cp by chi-square); Six Sigma convention of a 1.5 shift between short and long term.
"""

import math
from dataclasses import dataclass

from kpis.spc.distributions import chi_square_quantile, normal_cdf, normal_quantile

SHIFT = 1.5
MILLION = 1_000_000


@dataclass(frozen=True)
class Capability:
    """Indices against a specification; None where the limit they need is not given.

    With sigma within subgroups these are Cp, Cpl, Cpu, Cpk, Cpm; with the overall sigma Pp, Ppl, Ppu, Ppk, Ppm.
    """

    both: float | None
    lower: float | None
    upper: float | None
    worse: float
    about_target: float | None
    off_center: float | None
    """k = |middle of the specification − mean| / half its width."""
    expected_below: float
    """Share of values expected below the lower limit, normal distribution, 0…1."""
    expected_above: float


def capability(
    mean: float, sigma: float, *, lower: float | None = None, upper: float | None = None, target: float | None = None
) -> Capability:
    """Indices for a mean and a sigma above 0. Raises ValueError without any limit or with lower ≥ upper."""
    if sigma <= 0:
        raise ValueError("Capability needs a standard deviation above 0.")
    if lower is None and upper is None:
        raise ValueError("Capability needs a lower or an upper specification limit.")
    if lower is not None and upper is not None and lower >= upper:
        raise ValueError("The lower specification limit must be below the upper one.")
    below = None if lower is None else (mean - lower) / (3 * sigma)
    above = None if upper is None else (upper - mean) / (3 * sigma)
    both = off = None
    if lower is not None and upper is not None:
        both = (upper - lower) / (6 * sigma)
        off = abs((upper + lower) / 2 - mean) / ((upper - lower) / 2)
    return Capability(
        both=both,
        lower=below,
        upper=above,
        worse=min(index for index in (below, above) if index is not None),
        about_target=about_target(both, mean, sigma, target),
        off_center=off,
        expected_below=0.0 if below is None else normal_cdf(-3 * below),
        expected_above=0.0 if above is None else normal_cdf(-3 * above),
    )


def about_target(both: float | None, mean: float, sigma: float, target: float | None) -> float | None:
    """Cpm = Cp / √(1 + ((mean − target)/σ)²) (Chan, Cheng, Spiring 1988)."""
    if both is None or target is None:
        return None
    return both / math.sqrt(1 + ((mean - target) / sigma) ** 2)


def interval_of_cp(index: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of Cp from n values: Cp √(χ²(α/2; n−1)/(n−1)) … Cp √(χ²(1−α/2; n−1)/(n−1))."""
    tail = (1 - confidence) / 2
    low, high = (math.sqrt(chi_square_quantile(p, n - 1) / (n - 1)) for p in (tail, 1 - tail))
    return index * low, index * high


@dataclass(frozen=True)
class Yield:
    """Yield figures of a process of several steps."""

    final: float
    first_time: float
    rolled: float
    dpu: float
    dpmo: float


def yields(defects: list[float], rework: list[float], opportunities: float) -> Yield:
    """Final yield (O − ΣD)/O, first time yield (O − ΣD − ΣR)/O, rolled throughput yield Π (1 − (Dᵢ + Rᵢ)/O).

    Conventions of the R package SixSigma: every step has the same opportunities O, and defects per unit are the defects
    of the one unit looked at.
    """
    if opportunities <= 0 or len(defects) != len(rework):
        raise ValueError("Yield needs opportunities above 0 and a rework figure for every step.")
    total, again = math.fsum(defects), math.fsum(rework)
    rolled = math.prod(1 - (bad + repaired) / opportunities for bad, repaired in zip(defects, rework, strict=True))
    return Yield(
        final=(opportunities - total) / opportunities,
        first_time=(opportunities - total - again) / opportunities,
        rolled=rolled,
        dpu=total,
        dpmo=dpmo_of(total, opportunities),
    )


def dpmo_of(defects: float, opportunities: float) -> float:
    """Defects per million opportunities."""
    return defects / opportunities * MILLION


def dpmo_of_sigma(level: float, *, shift: float = SHIFT, two_tails: bool = False) -> float:
    """Defects per million at a sigma level: 10⁶ (1 − Φ(level − shift)), plus the far tail if wanted."""
    tail = normal_cdf(shift - level)
    return MILLION * (tail + normal_cdf(-level - shift) if two_tails else tail)


def sigma_of_dpmo(dpmo: float, *, shift: float = SHIFT) -> float:
    """Sigma level of a rate of defects per million, 0 < dpmo < 10⁶: Φ⁻¹(1 − dpmo/10⁶) + shift."""
    if not 0 < dpmo < MILLION:
        raise ValueError("A sigma level is defined for rates between 0 and one million.")
    return -normal_quantile(dpmo / MILLION) + shift
