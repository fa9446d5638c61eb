"""Figures and periods as people read them: 26.0 %, −3 min, Week 47, 16 to 22 Nov 2026; on pages, charts, in reports."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _t
from django.utils.translation import pgettext

from kpis.periods import DAY, MONTH, QUARTER, WEEK, Calendar, fiscal_quarter, fiscal_year, last_day

NO_BREAK = "\u00a0"
MINUS = "\u2212"
DASH = "–"
MONEY = ("£", "€", "$", "¥")


def number_text(value: Decimal | float | None, decimals: int) -> str:
    """A number with so many decimals, grouped, with a true minus; a dash for none."""
    if value is None:
        return DASH
    text = number_format(value, decimal_pos=decimals, force_grouping=True)
    if not any(digit in text for digit in "123456789"):
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def with_unit(text: str, unit: str) -> str:
    """A number's text with its unit: behind a no-break space, signs of money in front."""
    if not unit or text == DASH:
        return text
    if unit in MONEY:
        sign, bare = (text[0], text[1:]) if text[0] in (MINUS, "+") else ("", text)
        return f"{sign}{unit}{bare}"
    return f"{text}{NO_BREAK}{unit}"


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


def period_text(period: date, grain: str, calendar: Calendar) -> str:
    """A period in full."""
    if grain == MONTH:
        return date_format(period, "F Y")
    if grain == QUARTER:
        return _t("Q%(quarter)d %(year)d") % {
            "quarter": fiscal_quarter(period, calendar),
            "year": fiscal_year(period, calendar),
        }
    if grain == WEEK:
        last = last_day(period, grain)
        return _t("Week %(number)d, %(first)s to %(last)s") % {
            "number": period.isocalendar().week,
            "first": date_format(period, "j" if period.month == last.month else "j M"),
            "last": date_format(last, "j M Y"),
        }
    return date_format(period, "DATE_FORMAT")


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
