"""Dates as people read them: near ones in words, within bounds, far ones as a date."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

FAR_AHEAD = 14
FAR_BACK = 30
SOON = 7


@dataclass(frozen=True)
class Due:
    """When something is due, in words, with the tone and icon that go with it."""

    words: str
    tone: str
    icon: str
    exact: str


def local(moment: date | datetime) -> date | datetime:
    """The moment in the person's time zone; a plain date stays itself."""
    return timezone.localtime(moment) if isinstance(moment, datetime) and timezone.is_aware(moment) else moment


def day_of(moment: date | datetime) -> date:
    """The calendar day of a moment where the person is."""
    there = local(moment)
    return there.date() if isinstance(there, datetime) else there


def exact_words(moment: date | datetime) -> str:
    """`1 Oct 2026`, or `18 Sep 2026, 16:42`."""
    there = local(moment)
    if isinstance(there, datetime):
        there = there.replace(tzinfo=None)  # as the clock there shows it: two zones are two texts of one moment
    return _exact_words(there, get_language() or "")


@lru_cache(maxsize=4096)
def _exact_words(there: date | datetime, language: str) -> str:
    return date_format(there, "DATETIME_FORMAT" if isinstance(there, datetime) else "DATE_FORMAT")


def whole_day(moment: date | datetime) -> date | datetime:
    """What is due at midnight, where the organisation is, is due on the day before: the plain day."""
    if isinstance(moment, datetime):
        there = timezone.localtime(moment, timezone.get_default_timezone())
        if there.time() == time.min:
            return there.date() - timedelta(days=1)
    return moment


def due(moment: date | datetime, today: date | None = None) -> Due:
    """`Due tomorrow`, `5 days overdue`; beyond the bounds the date itself."""
    moment = whole_day(moment)
    today = today or timezone.localdate()
    days = (day_of(moment) - today).days
    exact = local(moment).isoformat()
    if days < -FAR_BACK:
        return Due(_("Overdue since %(day)s") % {"day": date_format(day_of(moment))}, "late", "alert", exact)
    if days < 0:
        return Due(ngettext("%(n)s day overdue", "%(n)s days overdue", -days) % {"n": -days}, "late", "alert", exact)
    if days == 0:
        there = local(moment)
        if isinstance(there, datetime):
            words = _("Today, %(time)s") % {"time": date_format(there, "TIME_FORMAT")}
            return Due(words, "late" if moment < timezone.now() else "wait", "clock", exact)
        return Due(_("Due today"), "wait", "clock", exact)
    if days == 1:
        return Due(_("Due tomorrow"), "wait", "clock", exact)
    tone, icon = ("wait", "clock") if days <= SOON else ("note", "circle")
    if days <= FAR_AHEAD:
        return Due(ngettext("In %(n)s day", "In %(n)s days", days) % {"n": days}, tone, icon, exact)
    return Due(_("Due %(day)s") % {"day": date_format(day_of(moment))}, "", "calendar", exact)


def ago(moment: datetime, now: datetime | None = None) -> str:
    """`2 hours ago` within a day, `Yesterday, 16:42`, then the date."""
    now = now or timezone.now()
    minutes = int((now - moment).total_seconds() // 60)
    days = (day_of(now) - day_of(moment)).days
    if minutes < 0:
        return exact_words(moment)
    if minutes < 1:
        return _("Just now")
    if minutes < 60:
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
    if days == 0:
        return ngettext("%(n)s hour ago", "%(n)s hours ago", minutes // 60) % {"n": minutes // 60}
    if days == 1:
        return _("Yesterday, %(time)s") % {"time": date_format(local(moment), "TIME_FORMAT")}
    return exact_words(moment)
