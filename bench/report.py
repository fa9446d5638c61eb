"""Measured beside target."""

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One thing that was measured, and what it may be at most (``at_least``: at least); without a target it is told
    for comparison. ``processor``: milliseconds of processor time in it, which a busy machine changes less."""

    name: str
    measured: float
    target: float | None
    unit: str = "ms"
    at_least: bool = False
    processor: float | None = None

    @property
    def is_within(self) -> bool:
        if self.target is None:
            return True
        return self.measured >= self.target if self.at_least else self.measured <= self.target

    def line(self) -> str:
        processor = "" if self.processor is None else f"{self.processor:.1f} ms"
        bound = "" if self.target is None else f"{'≥' if self.at_least else '≤'} {self.target:g} {self.unit}".strip()
        ok = "" if self.target is None else "ok" if self.is_within else "MISSED"
        measured = f"{self.measured:.1f}".removesuffix(".0")
        return f"{self.name:<66} | {f'{measured} {self.unit}'.strip():>12} | {processor:>12} | {bound:>10} | {ok}"


HEAD = f"{'what':<66} | {'measured':>12} | {'processor':>12} | {'target':>10} | ok"


def write(figures: Iterable[Figure]) -> None:
    """Print each figure as it comes, and keep it for the table."""
    kept = os.environ.get("BENCH_FIGURES")
    for figure in figures:
        sys.stdout.write(f"{figure.line()}\n")
        sys.stdout.flush()
        if kept:
            with Path(kept).open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(figure)) + "\n")


def table(kept: Path) -> int:
    """Print all figures together; returns how many miss their target."""
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    figures = list({figure.name: figure for figure in (Figure(**json.loads(line)) for line in lines)}.values())
    missed = [figure for figure in figures if not figure.is_within]
    body = "\n".join(figure.line() for figure in figures)
    load = f"{os.getloadavg()[0]:.1f} waited on {os.cpu_count()} processors"
    sys.stdout.write(f"\n{HEAD}\n{'-' * len(HEAD)}\n{body}\n\n{len(missed)} of {len(figures)} missed; {load}\n")
    return len(missed)
