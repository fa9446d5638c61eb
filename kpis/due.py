"""What is due and not yet there: one task a KPI, opened when a period is over and closed when its value has come."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone

from actions.ladder import Ladder
from actions.models import Task
from actions.reminders import ladder_for
from core import catalog
from core.lifecycle import Move, moved
from core.safe.words import Said, gettext_noop
from documents.moments import start_of_day
from kpis.measuring import measured
from kpis.models import Kpi, Measurement
from kpis.period_words import period_words
from kpis.periods import last_day, shifted

TASK = "measure"
LOOKS_BACK = 6  # periods; an older gap stays a gap on the chart and bothers nobody every week
BATCH = 200
DAY_BEFORE_FROM = 7  # due days; what is due sooner after its period is reminded of on the day alone


@ladder_for(TASK)
def _ladder(_kind: str) -> Ladder:
    return Ladder(days_before=1, weekly_after=True, manager_after_days=14)


def open_periods(kpis: Iterable[Kpi], today: date) -> dict[int, list[date]]:
    """For each KPI the periods, oldest first, that are over and have no final value; of the last few."""
    kpis = list(kpis)
    expected = {kpi.pk: kpi.expected_periods(today)[-LOOKS_BACK:] for kpi in kpis}
    first = min((periods[0] for periods in expected.values() if periods), default=today)
    rows = Measurement.objects.current().filter(kpi__in=expected, period__gte=first).order_by()
    entered: dict[tuple[int, date], Any] = {}
    for kpi, period, at in rows.values_list("kpi", "period", "entered_at"):
        entered[kpi, period] = max(at, entered.get((kpi, period), at))
    grains = {kpi.pk: kpi.grain for kpi in kpis}

    def has_value(kpi: int, period: date) -> bool:
        at = entered.get((kpi, period))
        return at is not None and timezone.localdate(at) > last_day(period, grains[kpi])

    return {pk: [period for period in periods if not has_value(pk, period)] for pk, periods in expected.items()}


def ask_for_values(today: date | None = None) -> int:
    """Bring the tasks of all KPIs up to date; returns how many wait. Twice is once, and a missed night is made up."""
    today = today or timezone.localdate()
    waiting = 0
    ids = list(Kpi.objects.in_use().entered_by_people().order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        with transaction.atomic():
            kpis = list(Kpi.objects.filter(pk__in=ids[start : start + BATCH]).select_related("owner"))
            waiting += refresh_tasks(kpis, today)
    return waiting


def refresh_tasks(kpis: list[Kpi], today: date | None = None) -> int:
    """Open, change or close the task of each of these KPIs; returns how many are open then."""
    today = today or timezone.localdate()
    asked = [kpi for kpi in kpis if kpi.is_in_use and not kpi.portal_figure and kpi.owner]
    open_of = open_periods(asked, today)
    known = {task.key: task for task in Task.objects.open().filter(key__in=[_key(kpi) for kpi in kpis])}
    waiting = 0
    for kpi in kpis:
        periods = open_of.get(kpi.pk)
        task = known.get(_key(kpi))
        if not periods:
            if task:
                Task.objects.filter(pk=task.pk).finish()
            continue
        waiting += 1
        title, due_at = _title(kpi, periods), start_of_day(shifted(kpi.due_on(periods[0]), "day", 1))
        if task is None or (task.title, task.due_at, task.person_id) != (str(title)[:300], due_at, kpi.owner_id):
            _ask(kpi, title, due_at)
    return waiting


def _ask(kpi: Kpi, title: Said, due_at: Any) -> None:
    Task.ask(
        key=_key(kpi),
        kind=TASK,
        title=title,
        url=reverse("kpis:kpi-check-in", args=[kpi.code]),
        entry=catalog.entry_of(kpi),
        person=kpi.owner,
        due_at=due_at,
    )


def _key(kpi: Kpi) -> str:
    return f"{TASK}:{kpi.pk}"


def _title(kpi: Kpi, periods: list[date]) -> Said:
    words = {"code": kpi.code, "title": kpi.title, "period": period_words(periods[0], kpi.grain, kpi.calendar)}
    if len(periods) == 1:
        return gettext_noop("Enter %(period)s for %(code)s: %(title)s", **words)
    more = len(periods) - 1
    return gettext_noop("Enter %(period)s and %(more)s more for %(code)s: %(title)s", more=more, **words)


@receiver(measured)
def close_what_came(kpis: list[Kpi], **_: Any) -> None:
    refresh_tasks(list(Kpi.objects.filter(pk__in=[kpi.pk for kpi in kpis]).select_related("owner")))


@receiver(moved, sender=Kpi)
def follow_the_state(records: list[Kpi], move: Move, **_: Any) -> None:
    """A KPI that comes into use asks for what is missing; one that is retired asks for nothing."""
    refresh_tasks(records)
