"""From values to pixels: round steps for an axis, and the line between two ranges."""

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """A linear scale from `low`…`high` to pixels `start`…`end`, with the steps that are marked on its axis."""

    low: float
    high: float
    start: float
    end: float
    steps: tuple[float, ...] = ()

    def __call__(self, value: float) -> float:
        """The pixel of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def scale_for(values: Iterable[float], start: float, end: float, *, marks: int = 5, from_zero: bool = False) -> Scale:
    """A scale that holds all values on round steps, about `marks` of them. Bars begin at zero, lines need not."""
    held = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(held), max(held)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high == low:
        room = abs(high) / 10 or 1.0
        low, high = (low if from_zero else low - room), high + room
    step = round_step((high - low) / marks)
    first, last = math.floor(low / step), math.ceil(high / step)
    steps = tuple(step * place for place in range(first, last + 1))
    return Scale(steps[0], steps[-1], start, end, steps)


def round_step(width: float) -> float:
    """The smallest of 1, 2, 2.5, 5 × 10ⁿ that is not below `width`."""
    power = 10.0 ** math.floor(math.log10(width))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= width * (1 - 1e-9))
