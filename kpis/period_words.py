"""How a period is called on pages, in mails and reports."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _t

from kpis.periods import DAY, MONTH, QUARTER, Calendar, fiscal_quarter, fiscal_year


def period_words(start: date, grain: str, calendar: Calendar) -> str:
    """“Oct 2026”, “Week 42, 2026”, “Q3 2026”, “Q3 2026/27” where the fiscal year is no calendar year, “1 Oct 2026”."""
    if grain == DAY:
        return date_format(start, "DATE_FORMAT")
    if grain == MONTH:
        return date_format(start, "M Y")
    if grain == QUARTER:
        year = fiscal_year(start, calendar)
        shown = f"{year}" if calendar.fiscal_year_start == 1 else f"{year}/{(year + 1) % 100:02}"
        return _t("Q%(quarter)d %(year)s") % {"quarter": fiscal_quarter(start, calendar), "year": shown}
    if calendar.week_start == 0:
        year, week, _weekday = start.isocalendar()
        return _t("Week %(week)d, %(year)d") % {"week": week, "year": year}
    return _t("Week of %(day)s") % {"day": date_format(start, "DATE_FORMAT")}
