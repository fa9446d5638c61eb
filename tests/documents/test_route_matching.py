"""Whether a route can be filled when each person counts once, by hand-made cases."""

import pytest

from documents.route_matching import StepNeed, first_unfillable


def need(needed, *seats):
    return StepNeed(needed, [frozenset(seat) for seat in seats])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([need(1, {1})], None),
        ([need(1, {1}), need(1, {1})], 1),
        ([need(1, {1, 2}), need(1, {1})], None),  # the first gives way
        ([need(2, {1, 2}, {1})], None),  # within a step too
        ([need(2, {1, 2})], 0),  # one seat is one approval
        ([need(1, {1, 2}), need(1, {2, 3}), need(1, {1})], None),
        ([need(1, {1, 2}), need(1, {2, 3}), need(1, {1}), need(1, {2, 3})], 3),
        ([need(1, {1, 2}), need(1, {1, 2}), need(1, {1, 2})], 2),
        ([need(2, {1}, {2}, {3}), need(1, {1})], None),  # two of three, and the third elsewhere
        ([need(3, {1}, {2}, {3}), need(1, {1})], 1),
        ([need(1, set())], 0),
    ],
)
def test_route_is_filled_only_with_different_people(steps, expected):
    assert first_unfillable(steps) == expected
