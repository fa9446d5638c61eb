"""How several measurements become one figure, over sites or products and over time. No Django here.

``Totals`` holds sums that can be added in any order, so that a database may add the measurements of a period and the
months of a year are added from them: a ratio of a year is the ratio of its sums, never a mean of percentages.
"""

from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Totals:
    """Sums over the measurements of one period, or of several.

    count: measurements · value: sum of values · numerator, denominator: their sums · weighted: sum of value times
    weight (the denominator) · ratios, ratio_count: sum and number of the single ratios · last: sum of the values of
    the newest period · subgroup: all single values.
    """

    count: int = 0
    value: Decimal = ZERO
    numerator: Decimal = ZERO
    denominator: Decimal = ZERO
    weighted: Decimal = ZERO
    ratios: Decimal = ZERO
    ratio_count: int = 0
    last: Decimal = ZERO
    subgroup: tuple[Decimal, ...] = ()

    def followed_by(self, later: "Totals") -> "Totals":
        """Together with the totals of a later period."""
        return Totals(
            self.count + later.count,
            self.value + later.value,
            self.numerator + later.numerator,
            self.denominator + later.denominator,
            self.weighted + later.weighted,
            self.ratios + later.ratios,
            self.ratio_count + later.ratio_count,
            later.last,
            self.subgroup + later.subgroup,
        )


def figure(totals: Totals, kind: str, aggregation: str, per: int = 1) -> Decimal | None:
    """The stated figure of some totals; none where there is nothing to divide by."""
    if totals.count == 0:
        return None
    if kind == "subgroup":
        return _divided(sum(totals.subgroup, ZERO), len(totals.subgroup))
    if kind in ("ratio", "count"):
        if aggregation == "mean":
            return _divided(totals.ratios * per, totals.ratio_count)
        return _divided(totals.numerator * per, totals.denominator)
    if aggregation == "sum":
        return totals.value
    if aggregation == "last":
        return totals.last
    if aggregation == "weighted" and totals.denominator:
        return totals.weighted / totals.denominator
    return totals.value / totals.count


def _divided(number: Decimal, by: Decimal | int) -> Decimal | None:
    return number / by if by else None
