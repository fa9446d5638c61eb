"""Entering values by the form, the task in the inbox, corrections, undo."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from actions.models import Task
from actions.reminders import remind
from core.kinds.changes import change
from core.models import Notice
from kpis.due import ask_for_values, open_periods
from kpis.kinds import KPI
from kpis.measuring import Entry, enter
from kpis.models import Measurement
from kpis.periods import shifted
from tests.cast import flat


def at(*parts):
    return datetime(*parts, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def december(monkeypatch):
    """It is 10 December 2026, 9 o'clock."""
    monkeypatch.setattr(timezone, "now", lambda: at(2026, 12, 10, 9))


@pytest.fixture
def monthly(make_kpi, december):
    return make_kpi("KPI-010", starts_on=date(2026, 10, 1))


def check_in(client, kpi, **typed):
    return client.post(reverse("kpis:kpi-check-in", args=[kpi.code]), typed)


def test_missing_period_is_a_task_until_its_value_comes(monthly, owner, enter_values):
    task = Task.objects.get(key=f"measure:{monthly.pk}")
    assert task.title == "Enter Oct 2026 and 1 more for KPI-010: Orders shipped on time"
    assert (task.person, timezone.localdate(task.due_at)) == (owner, date(2026, 11, 7))
    enter_values(monthly, {"2026-10": 5})
    task.refresh_from_db()
    assert task.title == "Enter Nov 2026 for KPI-010: Orders shipped on time"
    enter_values(monthly, {"2026-11": 5})
    assert not Task.objects.open().exists()


def test_sweep_makes_up_for_missed_nights_and_twice_is_once(monthly):
    Task.objects.all().delete()
    assert ask_for_values() == ask_for_values() == 1
    assert Task.objects.count() == 1


def test_overdue_value_is_reminded_of_and_later_the_manager_hears(monthly, owner, approver):
    owner.manager = approver
    owner.save()
    remind()
    said = dict(Notice.objects.filter(topic="reminders").values_list("person", "text"))
    assert said[owner.pk].startswith("Overdue since 6 Nov 2026")
    assert "waits for Omar Owner" in said[approver.pk]


def test_task_follows_another_owner(monthly, approver, owner):
    change(KPI, monthly, {"owner": approver}, by=owner)
    assert Task.objects.open().get().person == approver


def test_retired_kpi_asks_for_nothing(monthly, owner):
    monthly.move("retire", by=owner, comment="Merged")
    assert not Task.objects.open().exists()
    assert ask_for_values() == 0


def test_value_entered_before_the_period_ended_is_asked_for_again(monthly, owner, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: at(2026, 11, 20, 9))
    enter(monthly, [Entry(date(2026, 11, 1), value=Decimal(3))], by=owner, way="form")
    monkeypatch.setattr(timezone, "now", lambda: at(2026, 12, 10, 9))
    assert open_periods([monthly], timezone.localdate())[monthly.pk][-1] == date(2026, 11, 1)
    assert enter(monthly, [Entry(date(2026, 11, 1), value=Decimal(3))], by=owner, way="form") == ["changed"]
    assert open_periods([monthly], timezone.localdate())[monthly.pk] == [date(2026, 10, 1)]


def test_form_offers_what_is_due_and_stores_it(monthly, owner, browse):
    client = browse(owner)
    page = flat(client.get(reverse("kpis:kpi-check-in", args=[monthly.code])).content.decode())
    assert "Oct 2026" in page
    assert "Nov 2026" in page
    answer = check_in(client, monthly, **{"2026-10-01-0-value": "93,4", "2026-11-01-1-value": "94.1"})
    assert answer.status_code == 302
    assert list(Measurement.objects.values_list("value", flat=True)) == [Decimal("93.4"), Decimal("94.1")]


def test_refused_row_keeps_what_was_typed_and_stores_nothing(monthly, owner, browse):
    typed = {"2026-10-01-0-value": "93.4", "2026-11-01-1-value": "soon", "2026-11-01-1-comment": "Strike"}
    answer = check_in(browse(owner), monthly, **typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“soon” is not a number." in page
    assert 'value="93.4"' in page
    assert 'value="soon"' in page
    assert "Strike" in page
    assert not Measurement.objects.exists()


def test_nothing_typed_is_said(monthly, owner, browse):
    answer = check_in(browse(owner), monthly)
    assert answer.status_code == 422
    assert "Enter at least one value." in answer.content.decode()


def test_other_period_needs_its_name(monthly, owner, browse):
    client = browse(owner)
    assert "Enter the period of this value." in check_in(client, monthly, **{"other-value": "5"}).content.decode()
    assert check_in(client, monthly, **{"other-value": "5", "other-period": "2024-05"}).status_code == 302
    taken = check_in(client, monthly, **{"other-value": "6", "other-period": "2024-05"}).content.decode()
    assert "There is a value already." in taken


def test_rows_for_each_site_of_the_period_before(make_kpi, owner, browse, december):
    kpi = make_kpi(
        "KPI-011", kind="ratio", aggregation="ratio_of_sums", dimension_1="Site", starts_on=date(2026, 10, 1)
    )
    for site in ("North", "South"):
        parts = {"numerator": Decimal(1), "denominator": Decimal(2)}
        enter(kpi, [Entry(date(2026, 10, 1), dimension_1=site, **parts)], by=owner, way="form")
    page = flat(browse(owner).get(reverse("kpis:kpi-check-in", args=[kpi.code])).content.decode())
    assert "Nov 2026, North" in page
    assert "Nov 2026, South" in page


def test_form_sent_twice_stores_once(monthly, owner, browse):
    client, typed = browse(owner), {"2026-10-01-0-value": "93.4", "form_token": "abc"}
    check_in(client, monthly, **typed)
    assert check_in(client, monthly, **typed).status_code == 302
    assert Measurement.objects.count() == 1


def test_correction_asks_for_a_reason_and_shows_all_revisions(monthly, owner, browse, enter_values):
    enter_values(monthly, {"2026-10": 5})
    client, first = browse(owner), Measurement.objects.get()
    address = reverse("kpis:kpi-correct", args=[monthly.code, first.pk])
    assert "Enter the reason for the correction." in client.post(address, {"value": "6"}).content.decode()
    assert client.post(address, {"value": "6", "reason": "Late scans"}).status_code == 302
    second = Measurement.objects.get(is_current=True)
    page = flat(client.get(reverse("kpis:kpi-correct", args=[monthly.code, second.pk])).content.decode())
    assert "corrected it to 6" in page
    assert "entered 5" in page
    stale = client.post(address, {"value": "7", "reason": "again"})
    assert "corrected or withdrawn meanwhile" in stale.content.decode()


def test_value_can_be_withdrawn_and_an_entry_undone(monthly, owner, browse, enter_values):
    enter_values(monthly, {"2026-10": 5})
    client, first = browse(owner), Measurement.objects.get()
    address = reverse("kpis:kpi-correct", args=[monthly.code, first.pk])
    client.post(address, {"value": "5", "reason": "Wrong KPI", "what": "withdraw"})
    assert not Measurement.objects.current().exists()
    enter_values(monthly, {"2026-10": 6})
    current = Measurement.objects.current().get()
    client.post(reverse("kpis:kpi-undo", args=[monthly.code, current.pk]))
    assert not Measurement.objects.current().exists()


def test_pages_of_a_kpi_are_hidden_from_outsiders(make_kpi, department, owner, outsider, reader, browse, enter_values):
    kpi = make_kpi(audience="department", department=department)
    enter_values(kpi, {"2024-01": 5})
    measurement = Measurement.objects.get()
    names = (("page", []), ("check-in", []), ("measurements", []), ("correct", [measurement.pk]), ("import", []))
    for name, more in names:
        address = reverse(f"kpis:kpi-{name}", args=[kpi.code, *more])
        assert browse(owner).get(address).status_code == 200, name
        assert browse(outsider).get(address).status_code == 404, name
        assert browse(reader).get(address).status_code == (200 if name in ("page", "measurements") else 403), name
    assert browse(outsider).post(reverse("kpis:kpi-undo", args=[kpi.code, measurement.pk])).status_code == 404
    assert browse(owner).get(reverse("kpis:kpi-correct", args=[kpi.code, 10**20])).status_code == 404


def test_daily_kpi_asks_for_working_days_only(make_kpi, december):
    kpi = make_kpi("KPI-DAY", grain="day", starts_on=date(2026, 12, 1))
    found = open_periods([kpi], date(2026, 12, 10))[kpi.pk]
    assert found == [date(2026, 12, day) for day in (2, 3, 4, 7, 8, 9)]
    assert shifted(found[-1], "day", 1) == date(2026, 12, 10)
