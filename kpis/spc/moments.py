"""Mean, standard deviation and lag-1 autocorrelation, exact to the digits that published values print.

Computed with `decimal` at 60 digits in two passes. The sum-of-squares formula in binary floats loses every digit on
series such as 1000000.2, 1000000.1, 1000000.3 (NIST StRD, NumAcc4).
"""

from collections.abc import Iterable
from decimal import Context, Decimal, localcontext

DIGITS = Context(prec=60)


def _exact(values: Iterable[Decimal | int | str | float]) -> list[Decimal]:
    """The values as decimals; a float stands for the digits it prints, not for its binary neighbour."""
    return [value if isinstance(value, Decimal) else Decimal(str(value)) for value in values]


def mean(values: Iterable[Decimal | int | str | float]) -> Decimal:
    """Arithmetic mean. Raises ValueError for no values."""
    exact = _exact(values)
    if not exact:
        raise ValueError("The mean of no values is not defined.")
    with localcontext(DIGITS):
        return sum(exact, Decimal(0)) / len(exact)


def deviation(values: Iterable[Decimal | int | str | float]) -> Decimal:
    """Sample standard deviation, divisor n − 1. Raises ValueError for fewer than two values."""
    exact = _exact(values)
    if len(exact) < 2:
        raise ValueError("A standard deviation needs at least two values.")
    with localcontext(DIGITS):
        middle = mean(exact)
        return (sum(((value - middle) ** 2 for value in exact), Decimal(0)) / (len(exact) - 1)).sqrt()


def lag_one_autocorrelation(values: Iterable[Decimal | int | str | float]) -> Decimal:
    """r₁ = Σ (xᵢ − x̄)(xᵢ₊₁ − x̄) / Σ (xᵢ − x̄)² (NIST/SEMATECH e-Handbook 1.3.5.12).

    Raises ValueError for fewer than two values or values that are all equal.
    """
    exact = _exact(values)
    with localcontext(DIGITS):
        middle = mean(exact)
        away = [value - middle for value in exact]
        squares = sum((value * value for value in away), Decimal(0))
        if not squares:
            raise ValueError("Values that are all equal have no autocorrelation.")
        return sum((a * b for a, b in zip(away, away[1:], strict=False)), Decimal(0)) / squares
