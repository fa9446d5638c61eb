"""Measured beside target."""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One thing that was measured, and what it may be at most."""

    name: str
    measured: float
    target: float
    unit: str = "ms"

    @property
    def is_within(self) -> bool:
        return self.measured <= self.target


def write(figures: Iterable[Figure]) -> int:
    """Print each figure as it comes; how many miss their target is the exit status (at most 1)."""
    missed = 0
    for figure in figures:
        missed += not figure.is_within
        ratio = figure.measured / figure.target if figure.target else 0
        mark = "" if figure.is_within else "   over"
        sys.stdout.write(
            f"{figure.name:<62}{figure.measured:>9.1f} of {figure.target:>6.0f} {figure.unit:<3}{ratio:>6.2f}{mark}\n"
        )
        sys.stdout.flush()
    sys.stdout.write(
        f"{missed} over target; load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors\n"
    )
    return min(missed, 1)
