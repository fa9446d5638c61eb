"""What the portal measures of itself."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from actions.models import Task
from core import catalog
from core.lifecycle import Refused
from kpis.measuring import Entry, enter
from kpis.models import Measurement
from kpis.portal_figures import take_figures
from kpis.series import series_of
from tests.cast import released


@pytest.fixture
def december(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 12, 10, 9, tzinfo=timezone.get_default_timezone()))


def task(kpi, owner, name, kind, due, done=None):
    made = Task.ask(key=name, kind=kind, title=name, url="/", entry=catalog.entry_of(kpi), person=owner, due_at=due)
    Task.objects.filter(pk=made.pk).update(done_at=done, created_at=due - timedelta(days=60))


def values(kpi):
    return {point.period: point.value for point in series_of(kpi) if point.totals.count}


def test_share_of_reviews_on_time(make_kpi, owner, december):
    kpi = make_kpi(
        "KPI-P1",
        kind="ratio",
        per=100,
        aggregation="ratio_of_sums",
        portal_figure="reviews_on_time",
        starts_on=date(2026, 11, 1),
    )
    due = timezone.now() - timedelta(days=20)
    task(kpi, owner, "a", "review", due, due - timedelta(hours=1))
    task(kpi, owner, "b", "review", due, due + timedelta(days=1))
    task(kpi, owner, "c", "review", due)
    assert take_figures() == 1
    assert round(values(kpi)[date(2026, 11, 1)], 2) == Decimal("33.33")
    assert take_figures() == 0


def test_overdue_tasks_at_the_end_of_each_month(make_kpi, owner, december):
    kpi = make_kpi("KPI-P2", aggregation="last", portal_figure="overdue_tasks", starts_on=date(2026, 9, 1))
    tz = timezone.get_default_timezone()
    task(kpi, owner, "a", "decide", datetime(2026, 10, 15, tzinfo=tz), datetime(2026, 11, 20, tzinfo=tz))
    task(kpi, owner, "b", "decide", datetime(2026, 11, 15, tzinfo=tz))
    assert take_figures() == 3
    assert values(kpi) == {date(2026, 9, 1): 0, date(2026, 10, 1): 1, date(2026, 11, 1): 1}
    assert set(Measurement.objects.values_list("way", "entered_by")) == {("portal", None)}


def test_days_from_submission_to_approval(make_kpi, author, owner, approver):
    kpi = make_kpi(
        "KPI-P3",
        grain="day",
        working_days=list(range(7)),
        aggregation="weighted",
        portal_figure="days_to_decision",
        starts_on=timezone.localdate(),
    )
    released(author, owner, approver)
    assert take_figures() == 0
    assert take_figures(timezone.localdate() + timedelta(days=1)) == 1
    stored = Measurement.objects.get(kpi=kpi)
    assert (stored.value, stored.denominator) == (0, 1)


def test_people_enter_nothing_that_the_portal_takes(make_kpi, owner):
    kpi = make_kpi("KPI-P4", portal_figure="overdue_tasks")
    with pytest.raises(Refused, match="The portal takes the values"):
        enter(kpi, [Entry(date(2024, 1, 1), value=Decimal(1))], by=owner, way="form")
