"""Distribution functions and quantiles: normal, Student's t, chi-square. Standard library only, about 12 digits.

Sources: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.5.8 (continued fraction of the incomplete beta
function), 6.5.29 and 6.5.31 (incomplete gamma function), 26.7.1 (t from beta).
"""

import math
from collections.abc import Callable
from statistics import NormalDist

NORMAL = NormalDist()
_TINY = 1e-300
_MAX_TERMS = 2000


def normal_cdf(z: float) -> float:
    """Φ(z), by the complementary error function so that small tails keep their digits."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def normal_quantile(p: float) -> float:
    """z with Φ(z) = p, 0 < p < 1 (Wichura's AS 241, standard library)."""
    return NORMAL.inv_cdf(p)


def t_cdf(t: float, degrees: float) -> float:
    """P(T ≤ t) for Student's t with `degrees` > 0 degrees of freedom."""
    tail = 0.5 * _beta_ratio(degrees / 2, 0.5, degrees / (degrees + t * t))
    return tail if t < 0 else 1 - tail


def t_quantile(p: float, degrees: float) -> float:
    """t with P(T ≤ t) = p, 0 < p < 1."""
    if p < 0.5:
        return -t_quantile(1 - p, degrees)
    return _root(lambda t: t_cdf(t, degrees) - p, 0.0)


def chi_square_cdf(x: float, degrees: float) -> float:
    """P(X ≤ x) for chi-square with `degrees` > 0 degrees of freedom."""
    return _gamma_ratio(degrees / 2, x / 2) if x > 0 else 0.0


def chi_square_quantile(p: float, degrees: float) -> float:
    """x with P(X ≤ x) = p, 0 < p < 1."""
    return _root(lambda x: chi_square_cdf(x, degrees) - p, 0.0)


def _root(f: Callable[[float], float], low: float) -> float:
    """Where the rising function f crosses zero at or above `low`, by doubling and halving."""
    high = max(1.0, low + 1)
    while f(high) < 0:
        low, high = high, high * 2
        if high > 1e300:
            return math.inf
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if f(middle) < 0 else (low, middle)
    return (low + high) / 2


def _beta_ratio(a: float, b: float, x: float) -> float:
    """Regularised incomplete beta function Iₓ(a, b)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_ratio(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    return front * _beta_fraction(a, b, x) / a


def _beta_fraction(a: float, b: float, x: float) -> float:
    """A&S 26.5.8 evaluated from the front (modified Lentz method)."""
    c, d = 1.0, 1 / _not_zero(1 - (a + b) * x / (a + 1))
    total = d
    for m in range(1, _MAX_TERMS):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _not_zero(1 + numerator * d)
            c = _not_zero(1 + numerator / c)
            total *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return total


def _gamma_ratio(a: float, x: float) -> float:
    """Regularised lower incomplete gamma function P(a, x)."""
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        for k in range(1, _MAX_TERMS * 10):
            term *= x / (a + k)
            total += term
            if term < total * 1e-17:
                break
        return front * total
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / _not_zero(b)
    total = d
    for k in range(1, _MAX_TERMS * 10):
        numerator = -k * (k - a)
        b += 2
        d = 1 / _not_zero(numerator * d + b)
        c = _not_zero(b + numerator / c)
        total *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return 1 - front * total


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
