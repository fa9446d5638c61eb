"""Run rules: which points say that something other than chance is at work.

A rule looks at distances from the center in standard errors (positive above) and answers the points it marks, with the
side: +1 above or rising, −1 below or falling, 0 for rules without a side. Missing and excluded points are left out
before the rules look, and a run never crosses a re-base: give each segment on its own.

Sources: Western Electric, Statistical Quality Control Handbook (1956); Nelson, The Shewhart control chart: tests for
special causes, Journal of Quality Technology 16 (1984); NHS England, Making Data Count (7 points); Wheeler,
Understanding Variation (8 on one side, 3 of 4 in the outer quarters).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Marking(StrEnum):
    """Which points of a run are marked."""

    FROM_NTH = "from_nth"
    """From the point that completes the pattern (Western Electric, Nelson)."""
    WHOLE_RUN = "whole_run"
    """All points of the pattern (NHS Making Data Count)."""


class RuleSet(StrEnum):
    """The published collections."""

    WESTERN_ELECTRIC = "western_electric"
    NELSON = "nelson"
    NHS = "nhs"
    WHEELER = "wheeler"
    RUN = "run"


@dataclass(frozen=True)
class Hit:
    """One point marked by one rule; index into the series given, from 0."""

    index: int
    rule: str
    side: int


@dataclass(frozen=True)
class Rule:
    """A pattern of `window` points in a row. `find` answers its side (−1, 0, +1), or None where there is none."""

    key: str
    window: int
    find: Callable[[Sequence[float], Sequence[float]], int | None]
    only_last_beyond: float | None = None
    """For k-of-n rules: the completing point itself has to lie beyond this distance (R qcc, Nelson 5 and 6)."""


def _side(value: float) -> int:
    return (value > 0) - (value < 0)


def _beyond(limit: float) -> Callable[[Sequence[float], Sequence[float]], int | None]:
    def find(z: Sequence[float], _values: Sequence[float]) -> int | None:
        return _side(z[-1]) if abs(z[-1]) > limit else None

    return find


def _one_side(z: Sequence[float], _values: Sequence[float]) -> int | None:
    sides = {_side(value) for value in z}
    return sides.pop() if len(sides) == 1 and 0 not in sides else None


def _trend(_z: Sequence[float], values: Sequence[float]) -> int | None:
    steps = {_side(after - before) for before, after in zip(values, values[1:], strict=False)}
    return steps.pop() if len(steps) == 1 and 0 not in steps else None


def _alternating(_z: Sequence[float], values: Sequence[float]) -> int | None:
    steps = [_side(after - before) for before, after in zip(values, values[1:], strict=False)]
    return 0 if all(a and a == -b for a, b in zip(steps, steps[1:], strict=False)) else None


def _some_of(count: int, limit: float) -> Callable[[Sequence[float], Sequence[float]], int | None]:
    """At least `count` points of the window beyond `limit` on one side."""

    def find(z: Sequence[float], _values: Sequence[float]) -> int | None:
        for side in (1, -1):
            if sum(value * side > limit for value in z) >= count:
                return side
        return None

    return find


def _close_on_one_side(count: int, limit: float) -> Callable[[Sequence[float], Sequence[float]], int | None]:
    """NHS: `count` points close to a limit while all points of the window lie on that side of the mean."""
    some = _some_of(count, limit)

    def find(z: Sequence[float], values: Sequence[float]) -> int | None:
        side = _one_side(z, values)
        return side if side is not None and some(z, values) == side else None

    return find


def _hugging(z: Sequence[float], _values: Sequence[float]) -> int | None:
    return 0 if all(abs(value) < 1 for value in z) else None


def _avoiding(z: Sequence[float], _values: Sequence[float]) -> int | None:
    """All beyond one sigma, on both sides."""
    return 0 if all(abs(value) > 1 for value in z) and len({_side(value) for value in z}) == 2 else None


BEYOND = "beyond_limit"
ONE_SIDE = "one_side"
TREND = "trend"
ALTERNATING = "alternating"
TWO_OF_THREE = "two_of_three"
FOUR_OF_FIVE = "four_of_five"
THREE_OF_FOUR = "three_of_four"
HUGGING = "within_one_sigma"
AVOIDING = "none_near_center"


def rule_set(name: RuleSet, run_length: int | None = None) -> list[Rule]:
    """The rules of a set in order of precedence; `run_length` replaces the set's own number of points on one side."""
    beyond = Rule(BEYOND, 1, _beyond(3))
    if name is RuleSet.WESTERN_ELECTRIC:
        return [
            beyond,
            Rule(TWO_OF_THREE, 3, _some_of(2, 2), 2),
            Rule(FOUR_OF_FIVE, 5, _some_of(4, 1), 1),
            Rule(ONE_SIDE, run_length or 8, _one_side),
        ]
    if name is RuleSet.NELSON:
        return [
            beyond,
            Rule(ONE_SIDE, run_length or 9, _one_side),
            Rule(TREND, 6, _trend),
            Rule(ALTERNATING, 14, _alternating),
            Rule(TWO_OF_THREE, 3, _some_of(2, 2), 2),
            Rule(FOUR_OF_FIVE, 5, _some_of(4, 1), 1),
            Rule(HUGGING, 15, _hugging),
            Rule(AVOIDING, 8, _avoiding),
        ]
    if name is RuleSet.NHS:
        length = run_length or 7
        return [
            beyond,
            Rule(ONE_SIDE, length, _one_side),
            Rule(TREND, length, _trend),
            Rule(TWO_OF_THREE, 3, _close_on_one_side(2, 2)),
        ]
    if name is RuleSet.WHEELER:
        return [beyond, Rule(ONE_SIDE, run_length or 8, _one_side), Rule(THREE_OF_FOUR, 4, _some_of(3, 1.5), 1.5)]
    return [Rule(ONE_SIDE, run_length or 6, _one_side), Rule(TREND, 5, _trend)]


DEFAULT_MARKING = {
    RuleSet.WESTERN_ELECTRIC: Marking.FROM_NTH,
    RuleSet.NELSON: Marking.FROM_NTH,
    RuleSet.NHS: Marking.WHOLE_RUN,
    RuleSet.WHEELER: Marking.WHOLE_RUN,
    RuleSet.RUN: Marking.WHOLE_RUN,
}


def apply_rule(
    rule: Rule,
    z: Sequence[float | None],
    values: Sequence[float | None] | None = None,
    marking: Marking = Marking.FROM_NTH,
) -> list[Hit]:
    """The points that the rule marks, in order. `values` (default z) decide trends where limits vary by point."""
    present = [i for i, value in enumerate(z) if value is not None]
    away = [z[i] or 0.0 for i in present]
    plain = away if values is None else [values[i] or 0.0 for i in present]
    marked: dict[int, int] = {}
    for end in range(rule.window - 1, len(present)):
        begin = end - rule.window + 1
        side = rule.find(away[begin : end + 1], plain[begin : end + 1])
        if side is None:
            continue
        for at in _marked_points(rule, away, begin, end, side, marking):
            marked.setdefault(present[at], side)
    return [Hit(index, rule.key, side) for index, side in sorted(marked.items())]


def _marked_points(rule: Rule, away: list[float], begin: int, end: int, side: int, marking: Marking) -> Sequence[int]:
    limit = rule.only_last_beyond
    if marking is Marking.WHOLE_RUN:
        return [i for i in range(begin, end + 1) if limit is None or away[i] * side > limit]
    return [end] if limit is None or away[end] * side > limit else []


def apply_rules(
    rules: Sequence[Rule],
    z: Sequence[float | None],
    values: Sequence[float | None] | None = None,
    marking: Marking = Marking.FROM_NTH,
) -> list[Hit]:
    """What all rules mark, most serious rule first at each point."""
    order = {rule.key: place for place, rule in enumerate(rules)}
    hits = [hit for rule in rules for hit in apply_rule(rule, z, values, marking)]
    return sorted(hits, key=lambda hit: (hit.index, order[hit.rule]))
