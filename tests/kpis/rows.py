"""Values of KPIs for tests: months since January 2024, and levels with the usual variation around them."""

from datetime import date
from decimal import Decimal
from typing import Any

from kpis.measuring import Entry, enter
from kpis.models import Kpi
from kpis.periods import shifted

START = date(2024, 1, 1)
NOISE = (0.4, -0.9, 1.2, -0.3, 0.7, -1.1, 0.2, -0.6, 0.9, -0.5)


def month(number: int) -> date:
    """The month so many months after January 2024."""
    return shifted(START, "month", number)


def levels(*parts: tuple[int, float]) -> list[Any]:
    """levels((24, 90), (10, 95)) → 24 values around 90, then ten around 95."""
    values = [level for count, level in parts for _ in range(count)]
    return [Decimal(str(round(level + NOISE[place % 10], 2))) for place, level in enumerate(values)]


def fill(kpi: Kpi, values: list[Any], by: Any) -> Kpi:
    """Enter values month by month; None leaves a gap."""
    entries = [Entry(month(place), value=value) for place, value in enumerate(values) if value is not None]
    enter(kpi, entries, by=by, way="form")
    return kpi
