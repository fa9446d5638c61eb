"""Two answers beside a chart: does it vary by chance (variation), and will the target be met (assurance).

Source: NHS England, Making Data Count (icons of variation and assurance); NHSRplotthedots.
"""

from enum import StrEnum


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"
    WITHIN = "within"


class Variation(StrEnum):
    """What the latest point says."""

    COMMON = "common"
    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    SPECIAL = "special"
    """A real change that is neither better nor worse: the direction is a range, or the rule has no side."""
    UNKNOWN = "unknown"
    """Too few points for limits."""


class Assurance(StrEnum):
    """Whether the process as it is will meet its target."""

    PASS = "pass"  # noqa: S105 (not a password)
    FAIL = "fail"
    HIT_AND_MISS = "hit_and_miss"
    UNKNOWN = "unknown"
    """No target, or no limits."""


def variation_of(sides: list[int], direction: Direction) -> Variation:
    """What the sides of the signals at one point say: +1 above or rising, −1 below or falling, 0 without a side."""
    if not sides:
        return Variation.COMMON
    side = next((value for value in sides if value), 0)
    if not side or direction is Direction.WITHIN:
        return Variation.SPECIAL
    better = side == (1 if direction is Direction.HIGHER else -1)
    return Variation.IMPROVEMENT if better else Variation.CONCERN


def assurance_of(
    lower: float | None,
    upper: float | None,
    direction: Direction,
    target_low: float | None,
    target_high: float | None,
) -> Assurance:
    """Limits against the target.

    Higher is better: `target_low` is the target; lower is better: `target_high`; within a range: both. A target inside
    the limits is hit and miss, chance decides; limits wholly on the good side pass, wholly on the bad side fail.
    """
    if lower is None or upper is None:
        return Assurance.UNKNOWN
    if direction is Direction.HIGHER:
        return _one_bound(target_low, lower, upper)
    if direction is Direction.LOWER:
        return _one_bound(None if target_high is None else -target_high, -upper, -lower)
    if target_low is None or target_high is None:
        return Assurance.UNKNOWN
    if target_low <= lower and upper <= target_high:
        return Assurance.PASS
    if upper < target_low or lower > target_high:
        return Assurance.FAIL
    return Assurance.HIT_AND_MISS


def _one_bound(target: float | None, lower: float, upper: float) -> Assurance:
    if target is None:
        return Assurance.UNKNOWN
    if target < lower:
        return Assurance.PASS
    return Assurance.FAIL if target > upper else Assurance.HIT_AND_MISS
