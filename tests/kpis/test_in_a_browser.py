"""Seen in a browser: define, check in, upload, fix, undo; schedule a report and open it in the demo mailbox."""

import io
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pypdf
import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from core.jobs import run_waiting
from kpis.measuring import Entry, enter
from kpis.models import Kpi, Measurement, Report
from kpis.report_content import content_of
from kpis.reporting import send_due
from people.groups import ensure_groups
from people.models import Person
from tests.browser import enter as sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def groups(transactional_db: None) -> None:
    ensure_groups()


def months_ago(count: int) -> date:
    day = timezone.localdate().replace(day=1)
    for _ in range(count):
        day = (day - timedelta(days=1)).replace(day=1)
    return day


def press(page: Page, name: str, role: Any = "button") -> None:
    page.get_by_role(role, name=name, exact=True).first.click()


def clean(page: Page, axe_violations: Any) -> None:
    """Nothing wrong for a screen reader, nothing wider than a phone."""
    assert axe_violations() == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.set_viewport_size({"width": 1280, "height": 900})


def upload(page: Page, text: str) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": "values.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    press(page, "Upload file")
    press(page, "Preview import")


def test_kpi_is_defined_entered_uploaded_and_undone(
    page: Page, live_server: Any, groups: None, owner: Person, axe_violations: Any
) -> None:
    sign_in(page.context, live_server, owner)
    page.goto(live_server.url + reverse("kpis:kpi-new"))
    page.get_by_label("Title").fill("Orders shipped on time")
    page.get_by_label("Unit").fill("%")
    page.get_by_label("First period").fill(months_ago(5).isoformat())
    page.get_by_label("Valid from").fill(months_ago(12).isoformat())
    page.locator("#id_targets-0-target").fill("95")
    clean(page, axe_violations)
    press(page, "Create KPI")
    press(page, "Put in use")
    clean(page, axe_violations)
    press(page, "Enter values", "link")
    clean(page, axe_violations)
    page.get_by_label("Value (%)").nth(0).fill("93,4")
    press(page, "Save values")
    expect(page.get_by_text("1 value is stored")).to_be_visible()
    kpi = Kpi.objects.get()
    assert kpi.measurements.get().value == Decimal("93.4")

    good = [f"{months_ago(count):%Y-%m}" for count in (4, 3, 2)]
    press(page, "Import values", "link")
    clean(page, axe_violations)
    upload(page, f"Month,Value\n{good[0]},94\n{good[1]},n/a\n2199-01,95\n{good[2]}-15,96\n")
    expect(page.get_by_text("“n/a” is not a number.")).to_be_visible()
    expect(page.get_by_text("This period lies in the future.")).to_be_visible()
    clean(page, axe_violations)
    press(page, "Choose another file", "link")
    upload(page, f"Month,Value\n{good[0]},94\n{good[1]},95\n{good[2]},96\n")
    press(page, "Import 3 values")
    run_waiting(5)
    page.reload()
    expect(page.get_by_role("heading", name="Imported values")).to_be_visible()
    assert Measurement.objects.current().count() == 4
    press(page, "Undo import")
    run_waiting(5)
    page.reload()
    expect(page.get_by_role("heading", name="Import undone")).to_be_visible()
    assert Measurement.objects.current().count() == 1


def test_report_is_scheduled_and_opened_in_the_demo_mailbox(
    page: Page, live_server: Any, groups: None, owner: Person, make_kpi: Any, axe_violations: Any, settings: Any
) -> None:
    settings.PORTAL_DEMO = True
    kpi = make_kpi("KPI-001", unit="min", decimals=0, starts_on=months_ago(14))
    entries = [Entry(months_ago(count), value=Decimal(100 + count * 7 % 11)) for count in range(1, 14)]
    enter(kpi, entries, by=owner, way="form")
    sign_in(page.context, live_server, owner)
    page.goto(live_server.url + reverse("kpis:kpi-report-new"))
    page.get_by_label("Title").fill("Operations, monthly")
    page.get_by_label("Heading").fill("Inbound")
    page.get_by_label("KPIs", exact=True).fill("KPI-001")
    page.get_by_label("Send on a schedule").check()
    page.get_by_label("Starts").fill((timezone.localtime() + timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M"))
    page.locator("#id_recipients").fill(owner.email)
    clean(page, axe_violations)
    press(page, "Create KPI report")
    expect(page.get_by_text("This schedule has no end.")).to_be_visible()
    clean(page, axe_violations)
    report = Report.objects.get()
    press(page, "Preview", "link")
    clean(page, axe_violations)
    shown = page.locator("main").inner_text()
    send_due(report.next_due_at + timedelta(seconds=1))
    run_waiting(30)
    page.goto(live_server.url + reverse("core:mailbox"))
    page.get_by_role("link", name=re.compile("Operations, monthly")).click()
    clean(page, axe_violations)
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile(r"REP-001 .*\.pdf")).click()
    data = waiting.value.path().read_bytes()
    paper = " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(data)).pages)
    for line in content_of(report, owner, report.runs.get().period).pages[0].kpis[0].lines:
        for words in (line.period_words, line.value, line.mean):
            assert words in paper, words
            assert words in shown, words
