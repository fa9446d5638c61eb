"""Figures of values that come in and reports that go out: 100,000 rows as CSV and XLSX, a long report, 500 at once."""

import io
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pypdf
import xlsxwriter
from django.contrib.auth.models import Group

from bench.database import work_as_the_application
from bench.report import Figure
from core import jobs
from kpis.importing import choose_columns, keep_file, run_import, take_import_back
from kpis.measuring import Entry, enter
from kpis.models import Kpi, Measurement, MeasurementImport, Report, ReportDelivery, ReportItem, ReportPage
from kpis.report_content import content_of, period_of
from kpis.report_files import pdf_of
from kpis.reporting import send_due
from people.models import Person

ROWS, KPIS, SITES, MONTHS = 100_000, 42, 10, 240
REPORTS, LONG = 500, 30
MAPPING = {"kpi": 0, "period": 1, "dimension_1": 2, "value": 3}


def figures() -> Iterator[Figure]:
    by = Person.objects.create_user("officer@bench.example", name="Officer")
    by.groups.set(Group.objects.filter(name__in=("staff", "officer")))
    work_as_the_application()
    kpis = [make_kpi(f"BENCH-{number:02}", by, dimension_1="Site") for number in range(KPIS)]
    yield from _imports(by)
    yield from _reports(by, kpis)


def make_kpi(code: str, by: Person, **fields: object) -> Kpi:
    kpi = Kpi(code=code, title=f"Orders of line {code}", owner=by, starts_on=date(2004, 1, 1), **fields)
    kpi.save(by=by)
    return kpi.move("use", by=by)


def rows() -> Iterator[list[object]]:
    """A heading, then values of many KPIs, months and sites."""
    yield ["KPI", "Month", "Site", "Value"]
    for number in range(ROWS):
        year, month = divmod(number % MONTHS, 12)
        kpi, site = number // (MONTHS * SITES), number // MONTHS % SITES
        yield [f"BENCH-{kpi:02}", f"{2004 + year}-{month + 1:02}", f"Site {site}", 100 + number / 8]


def _imports(by: Person) -> Iterator[Figure]:
    as_text = "\n".join(",".join(map(str, row)) for row in rows()).encode()
    for name, content, target in (("values.csv", as_text, 8), ("values.xlsx", _workbook(), 20)):
        kept = keep_file(name, content, kpi=None, by=by)
        choose_columns(kept, MAPPING, {})
        kept.job = jobs.ask("kpis.import", by=by, kept=kept.pk)
        Path("/proc/self/clear_refs").write_text("5")  # from here on the most memory is counted anew
        began, worked = time.perf_counter(), time.process_time()
        run_import(jobs.Work(_running(kept)))
        taken, worked = time.perf_counter() - began, time.process_time() - worked
        stored = Measurement.objects.current().count()
        yield Figure(f"import of 100,000 rows, {name.rpartition('.')[2]}", taken, target, "s", processor=1000 * worked)
        yield Figure("… memory at most", _most_memory(), 300, "MB")
        yield Figure("… stored", stored, ROWS, "", at_least=True)
        began = time.perf_counter()
        take_import_back(MeasurementImport.objects.get(pk=kept.pk), by=by)
        yield Figure("… taken back", time.perf_counter() - began, None, "s")


def _most_memory() -> float:
    """Megabytes that this process held at most since it was counted anew."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def _running(kept: MeasurementImport) -> jobs.Job:
    """The job as a worker holds it."""
    job = kept.job
    job.state, job.lease_until = "running", datetime(2100, 1, 1, tzinfo=UTC)
    job.save()
    return job


def _workbook() -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows()):
        sheet.write_row(number, 0, row)
    book.close()
    return file.getvalue()


def _reports(by: Person, kpis: list[Kpi]) -> Iterator[Figure]:
    months = [date(2024 + n // 12, n % 12 + 1, 1) for n in range(24)]
    for kpi in kpis[:LONG]:
        entries = [Entry(month, dimension_1="All", value=Decimal(n * 7 % 11)) for n, month in enumerate(months)]
        enter(kpi, entries, by=by, way="form")
    long = make_report("REP-LONG", by, kpis[:LONG])
    content = content_of(long, by, period_of(long, date.today()))
    began = time.perf_counter()
    pages = len(pypdf.PdfReader(io.BytesIO(pdf_of(content))).pages)
    yield Figure(f"report of {pages} pages as PDF, by 20 pages", (time.perf_counter() - began) / pages * 20, 2, "s")
    for number in range(REPORTS):
        make_report(f"REP-{number:03}", by, kpis[number % LONG : number % LONG + 1])
    Report.objects.exclude(pk=long.pk).update(is_scheduled=True, rule="FREQ=DAILY", starts_at=EARLY, next_due_at=EARLY)
    began = time.perf_counter()
    claimed = send_due()
    yield Figure("500 due reports claimed", time.perf_counter() - began, None, "s")
    began = time.perf_counter()
    while jobs.run_waiting(600):
        pass
    yield Figure("… rendered and written to the outbox by one worker", time.perf_counter() - began, None, "s")
    sent = ReportDelivery.objects.filter(outcome="sent").count()
    yield Figure("… sent, each once", sent - abs(claimed - REPORTS), REPORTS, "", at_least=True)


EARLY = datetime(2026, 1, 1, 6, tzinfo=UTC)


def make_report(code: str, by: Person, kpis: list[Kpi]) -> Report:
    report = Report(code=code, title=f"Report {code}", owner=by)
    report.save(by=by)
    page = ReportPage.objects.create(report=report, heading="Orders", position=0)
    ReportItem.objects.bulk_create(ReportItem(page=page, kpi=kpi, position=n) for n, kpi in enumerate(kpis))
    report.recipients.set([by])
    return report
