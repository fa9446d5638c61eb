"""Figures of a judged series in words: means and limits with a decimal more, changes, targets, ticks of an axis."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import pgettext

from kpis.figure_words import MINUS, NO_BREAK, number_words, with_unit
from kpis.periods import DAY, MONTH, QUARTER, WEEK, Calendar, fiscal_quarter, fiscal_year

DASH = "–"


def number_text(value: Decimal | float | None, decimals: int) -> str:
    """A number with so many decimals; a dash for none. Floats stand for the digits they print."""
    return number_words(Decimal(str(value)) if isinstance(value, float) else value, decimals)


def figure_text(kpi: Any, value: Decimal | float | None, *, extra: int = 0) -> str:
    """A figure of a KPI as it is stated; `extra` more decimals for means and limits."""
    return with_unit(number_text(value, kpi.decimals + extra), kpi.unit)


def change_text(kpi: Any, change: Decimal | float | None) -> str:
    """A difference between two figures of a KPI, with its sign; percentages differ by points."""
    if change is None:
        return DASH
    text = number_text(abs(change), kpi.decimals)
    sign = "" if not any(digit in text for digit in "123456789") else MINUS if change < 0 else "+"
    unit = pgettext("percentage points", "pt") if kpi.unit == "%" else kpi.unit
    return with_unit(sign + text, unit)


def period_tick(period: date, grain: str, calendar: Calendar, *, is_long: bool = False) -> str:
    """A period on an axis; where the axis is long, weeks and days are named by their month."""
    if grain == MONTH or is_long:
        return date_format(period, "M y")
    if grain == QUARTER:
        return f"Q{fiscal_quarter(period, calendar)} {fiscal_year(period, calendar) % 100:02}"
    if grain == WEEK:
        return pgettext("week on an axis", "w%(number)d") % {"number": period.isocalendar().week}
    return date_format(period, "j M") if grain == DAY else period.isoformat()


def target_text(kpi: Any, low: Decimal | float | None, high: Decimal | float | None) -> str:
    """A target as a comparison: ≥ 95.0 %, ≤ 100 min, 2.0 to 8.0 °C."""
    if low is not None and high is not None:
        return _t("%(low)s to %(high)s") % {"low": number_text(low, kpi.decimals), "high": figure_text(kpi, high)}
    if low is not None:
        return f"≥{NO_BREAK}{figure_text(kpi, low)}"
    return f"≤{NO_BREAK}{figure_text(kpi, high)}" if high is not None else DASH
