"""Can an approval route be filled when each person counts once? Plain values in, plain values out.

The question is a bipartite matching of seats and people in which a step needs only some of its seats: solved with
augmenting paths (Ford and Fulkerson, 1956), which is quick enough for routes of a dozen steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class StepNeed:
    """What one step needs: so many approvals, from these seats. A seat is the ids of the people who could fill it."""

    needed: int
    seats: Sequence[frozenset[int]]


def first_unfillable(steps: Sequence[StepNeed]) -> int | None:
    """The index of the first step that finds too few people who do not count elsewhere already; None when all do."""
    matching = _Matching(steps)
    for step, need in enumerate(steps):
        for _approval in range(need.needed):
            if not matching.fill(step, set()):
                return step
    return None


class _Matching:
    """Who fills which seat so far: person → step and seat."""

    def __init__(self, steps: Sequence[StepNeed]) -> None:
        self.steps = steps
        self.matched: dict[int, tuple[int, int]] = {}

    def fill(self, step: int, tried: set[int]) -> bool:
        """Find one person more for the step, moving others to where they fit too."""
        taken = {seat for of_step, seat in self.matched.values() if of_step == step}
        for seat, people in enumerate(self.steps[step].seats):
            for person in () if seat in taken else sorted(people - tried):
                tried.add(person)
                if person not in self.matched or self._gives_way(person, tried):
                    self.matched[person] = (step, seat)
                    return True
        return False

    def _gives_way(self, person: int, tried: set[int]) -> bool:
        step, seat = self.matched.pop(person)
        if self.fill(step, tried):
            return True
        self.matched[person] = (step, seat)
        return False
