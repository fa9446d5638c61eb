"""Reports: the same figures on the page, in the PDF and in the workbook; sent once, to who may see them."""

import io
import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pypdf
import pytest
import python_calamine
from django.core import mail as django_mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import outbox
from core.jobs import run_waiting
from core.models import Job, OutboxMessage
from kpis.figure_words import number_words
from kpis.measuring import Entry, enter
from kpis.models import Report, ReportDelivery, ReportFile, ReportItem, ReportPage, ReportRun, Target
from kpis.report_content import content_of
from kpis.report_files import pdf_of, workbook_of
from kpis.reporting import retry, send_due, send_now
from people.models import ApiToken
from tests.cast import flat

NOVEMBER = date(2026, 11, 1)


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.fixture
def december(monkeypatch):
    moment = [at(2026, 12, 10, 9)]
    monkeypatch.setattr(timezone, "now", lambda: moment[0])
    return moment


@pytest.fixture
def series(make_kpi, owner, december):
    """A number with a target and a gap, and a ratio over two sites."""
    number = make_kpi("KPI-010", title="Dock-to-stock time", unit="min", decimals=0, direction="lower",
                      starts_on=date(2025, 12, 1))  # fmt: skip
    Target.objects.create(kpi=number, valid_from=date(2025, 1, 1), target=Decimal(100), upper=Decimal(120))
    values = [1112, 98, 103, 97, 95, None, 99, 101, 94, 92, 96, 90]
    entries = [
        Entry(date(2025 + (n + 11) // 12, (n + 11) % 12 + 1, 1), value=Decimal(value))
        for n, value in enumerate(values)
        if value
    ]
    enter(number, entries, by=owner, way="form")
    ratio = make_kpi("KPI-011", title="Damage rate", kind="ratio", per=100, unit="%", decimals=2, direction="lower",
                     aggregation="ratio_of_sums", dimension_1="Site", starts_on=date(2026, 9, 1))  # fmt: skip
    for month in (9, 10, 11):
        for site, bad, all_ in (("North", 12 + month, 3456), ("South", 7, 1234)):
            parts = {"numerator": Decimal(bad), "denominator": Decimal(all_)}
            enter(ratio, [Entry(date(2026, month, 1), dimension_1=site, **parts)], by=owner, way="form")
    return number, ratio


@pytest.fixture
def report(series, owner, approver):
    report = Report(
        code="REP-001",
        title="Operations, monthly",
        introduction="What changed in the warehouse",
        owner=owner,
        is_scheduled=True,
        rule="FREQ=MONTHLY",
        starts_at=at(2026, 1, 12, 6),
        time_zone="Europe/Berlin",
    )
    report.save(by=owner)
    for position, (heading, kpi) in enumerate(zip(("Inbound", "Outbound"), series, strict=True)):
        page = ReportPage.objects.create(report=report, heading=heading, position=position)
        ReportItem.objects.create(page=page, kpi=kpi, position=0)
        page.commentaries.create(period=NOVEMBER, text=f"{heading} went well", written_by=owner)
    report.recipients.set([owner, approver])
    return report


def pdf_text(data):
    return flat(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)).replace(
        "\u00a0", " "
    )


def test_page_pdf_and_workbook_say_the_same_figures(report, owner, browse):
    content = content_of(report, owner, NOVEMBER)
    html = flat(browse(owner).get(reverse("kpis:kpi-report-preview", args=[report.code])).content.decode())
    html = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")
    paper = pdf_text(pdf_of(content))
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(workbook_of(content)))
    summary = book.get_sheet_by_name("Summary").to_python()
    compared = 0
    for page in content.pages:
        assert page.heading in html
        assert page.heading in paper
        assert page.commentary in html
        assert page.commentary in paper
        for kpi in page.kpis:
            said = [kpi.latest, kpi.latest_period, kpi.change, kpi.target, kpi.verdict, kpi.variation, kpi.assurance]
            [row] = [row for row in summary if row[1] == kpi.code]
            assert number_words(Decimal(str(row[4])), kpi.decimals) in kpi.latest
            assert [row[3], row[6], row[7], row[8], row[9], row[10]] == [
                *(kpi.latest_period, kpi.change, kpi.target, kpi.verdict, kpi.variation, kpi.assurance)
            ]
            sheet = book.get_sheet_by_name(kpi.code).to_python()
            rows = {row[0]: row for row in sheet}
            for line in kpi.lines:
                words = [line.period_words, line.value, line.state, line.mean, line.lower, line.upper, line.target]
                said += [*words, *([line.numerator, line.denominator] if kpi.has_parts else [])]
                cells = rows[line.period_words]
                compare(cells[2], line.value, kpi.decimals)
                for cell, text in zip(cells[6:9], (line.mean, line.lower, line.upper), strict=True):
                    compare(cell, text, kpi.decimals + 1)
                if kpi.has_parts:
                    compare(cells[3], line.numerator, 0)
                    compare(cells[4], line.denominator, 0)
                assert (cells[5], cells[9]) == (line.state, line.target)
            for text in said:
                text = text.replace("\u00a0", " ")
                assert text in html, text
                assert text in paper, text
                compared += 1
    assert compared > 100


def compare(cell, words, decimals):
    if cell == "":
        assert not any(sign.isdigit() for sign in words), words
    else:
        assert (
            number_words(Decimal(str(cell)), decimals) in words.replace("\u00a0", " ")
            or number_words(Decimal(str(cell)), decimals) in words
        )


def test_gap_is_a_word_and_never_nought(report, owner):
    number = content_of(report, owner, NOVEMBER).pages[0].kpis[0]
    [gap] = [line for line in number.lines if line.period == date(2026, 5, 1)]
    assert (gap.value, gap.state) == ("–", "Missing")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(workbook_of(content_of(report, owner, NOVEMBER))))
    [row] = [row for row in book.get_sheet_by_name("KPI-010").to_python() if row[0] == gap.period_words]
    assert row[2] == ""


def test_due_report_is_sent_once_with_its_files(report, owner, approver, december, settings):
    settings.PORTAL_MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert report.next_due_at == at(2026, 12, 12, 6)
    assert send_due() == 0
    december[0] = at(2026, 12, 12, 6, 1)
    assert send_due() == 1
    assert send_due() == 0
    assert run_waiting(30) == 1
    [run] = report.runs.all()
    assert (run.state, run.period) == ("done", NOVEMBER)
    assert {(d.person, d.outcome) for d in run.deliveries.all()} == {(owner, "sent"), (approver, "sent")}
    outbox.relay()
    sent = [one for one in django_mail.outbox if one.subject == "Operations, monthly, Nov 2026"]
    assert len(sent) == 2
    names = [name for name, _data, _type in sent[0].attachments]
    assert names == ["REP-001 2026-11-01.pdf", "REP-001 2026-11-01.xlsx"]
    assert "KPI-010 Dock-to-stock time: 90\u00a0min" in sent[0].body
    report.refresh_from_db()
    assert report.next_due_at == at(2027, 1, 12, 6)


def test_missed_moments_are_one_sending_of_the_latest(report, december):
    december[0] = at(2027, 4, 2)
    assert send_due() == 1
    [run] = report.runs.all()
    assert run.due_at == at(2027, 3, 12, 6)
    assert run.period == date(2027, 2, 1)


def test_killed_worker_sends_nobody_twice(report, owner, approver, monkeypatch):
    run = send_now(report, by=owner)
    real, calls = outbox.post_mail, []

    def dies_at_the_second(*args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise SystemExit  # a worker that is killed gets no further
        return real(*args, **kwargs)

    monkeypatch.setattr("kpis.reporting.post_mail", dies_at_the_second)
    with pytest.raises(SystemExit):
        run_waiting(30)
    assert run.deliveries.count() == 1
    monkeypatch.setattr("kpis.reporting.post_mail", real)
    Job.objects.filter(pk=run.job_id).update(lease_until=timezone.now() - timedelta(minutes=1))
    run_waiting(30)
    assert run.deliveries.count() == 2
    assert OutboxMessage.objects.filter(key__startswith="report:").count() == 2


def test_unchanged_report_is_not_sent_again(report, owner, december):
    send_now(report, by=owner)
    run_waiting(30)
    december[0] = at(2026, 12, 12, 6, 1)
    send_due()
    run_waiting(30)
    newest = report.runs.first()
    assert {d.outcome for d in newest.deliveries.all()} == {"unchanged"}
    december[0] = at(2027, 1, 12, 6, 1)
    send_due()
    run_waiting(30)
    assert {d.outcome for d in report.runs.first().deliveries.all()} == {"sent"}  # another month


def test_recipient_gets_only_what_they_may_see_when_it_is_sent(report, series, make_person, owner, approver):
    number, ratio = series
    for kpi in series:
        kpi.audience = "named"
        kpi.save(by=owner)
    number.set_readers(people=[approver], roles=[], by=owner)
    leaver = make_person("Lena Leaver", "staff", is_active=False)
    report.recipients.add(leaver, stranger := make_person("Sven Stranger", "staff"))
    run = send_now(report, by=owner)
    run_waiting(30)
    found = {d.person: d for d in run.deliveries.all()}
    assert found[owner].kpi_ids == sorted([number.pk, ratio.pk])
    assert found[approver].kpi_ids == [number.pk]
    assert (found[stranger].outcome, found[leaver].outcome) == ("no_access", "left")
    assert "Damage rate" not in pdf_text(bytes(found[approver].pdf.data))
    mail = OutboxMessage.objects.get(key=f"report:{found[approver].pk}")
    assert "Damage" not in mail.text


def test_right_that_is_lost_before_the_mail_leaves_empties_it(report, series, owner, approver, settings):
    settings.PORTAL_MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    run = send_now(report, by=owner)
    run_waiting(30)
    series[0].audience = "named"
    series[0].save(by=owner)
    outbox.relay()
    [mail] = [one for one in django_mail.outbox if one.to == [approver.email]]
    assert mail.attachments == []
    assert "Dock" not in mail.body
    assert run.state != "failed"


def test_failed_sending_is_shown_and_retried(report, owner, browse, monkeypatch):
    run = send_now(report, by=owner)
    monkeypatch.setattr("kpis.reporting.pdf_of", lambda content: 1 / 0)
    run_waiting(30)
    run.refresh_from_db()
    assert run.state == "failed"
    page = flat(browse(owner).get(report.get_absolute_url()).content.decode())
    assert "Retry" in page
    monkeypatch.undo()
    retry(run, by=owner)
    run_waiting(30)
    run.refresh_from_db()
    assert run.state == "done"


def test_archive_keeps_files_and_opens_to_who_sees_their_kpis(report, series, owner, approver, reader, browse):
    run = send_now(report, by=owner)
    run_waiting(30)
    delivery = run.deliveries.get(person=approver)
    address = reverse("kpis:kpi-report-file", args=[report.code, delivery.pk, "pdf"])
    answer = browse(approver).get(address)
    assert ReportFile.digest_of(answer.content) == delivery.pdf_id
    assert browse(owner).get(address).status_code == 200
    assert browse(reader).get(address).status_code == 404
    series[0].audience = "named"
    series[0].save(by=owner)
    assert browse(approver).get(address).status_code == 404
    with pytest.raises(DatabaseError), transaction.atomic():
        ReportDelivery.objects.update(content_hash="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        ReportFile.objects.update(data=b"x")


TYPED = {
    "title": "Quality, monthly",
    "introduction": "",
    "grain": "month",
    "periods_shown": "13",
    "time_zone": "Europe/Berlin",
    "frequency": "monthly",
    "rule": "",
    "starts_at": "2026-12-31T07:00",
    "is_scheduled": "on",
    "only_if_changed": "on",
    "audience": "everyone",
    "owner": "omar.owner@example.org",
    "recipients": "quinn.approver@example.org",
    "pages-TOTAL_FORMS": "1",
    "pages-INITIAL_FORMS": "0",
    "pages-0-heading": "Quality",
    "pages-0-kpis": "kpi-011, KPI-010",
}


def test_report_is_defined_with_pages_and_schedule(series, owner, approver, browse):
    answer = browse(owner).post(reverse("kpis:kpi-report-new"), TYPED)
    assert answer.status_code == 302, re.sub(r"<[^>]+>", " ", flat(answer.content.decode()))[:3000]
    report = Report.objects.get()
    assert report.rule == "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"
    assert list(report.recipients.all()) == [approver]
    assert [item.kpi.code for item in report.pages.get().items.all()] == ["KPI-011", "KPI-010"]
    page = flat(browse(owner).get(report.get_absolute_url()).content.decode())
    assert "This schedule has no end." in page
    edit = browse(owner).get(reverse("kpis:kpi-report-edit", args=[report.code])).content.decode()
    assert "KPI-011, KPI-010" in edit


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"frequency": "custom", "rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "No day ever meets this rule"),
        ({"frequency": "custom", "rule": "FREQ=HOURLY"}, "at most once a day"),
        ({"frequency": "custom", "rule": "often"}, "not a recurrence rule"),
        ({"frequency": "custom", "rule": "FREQ=DAILY;UNTIL=20200101"}, "This schedule has ended"),
        ({"starts_at": ""}, "Enter when it is sent for the first time."),
        ({"time_zone": "Mars/Olympus"}, "time zone"),
        ({"recipients": ""}, "Enter who gets the report"),
        ({"pages-0-kpis": "KPI-404"}, "There is no KPI “KPI-404”"),
        ({"periods_shown": "500"}, "Enter a number from 1 to 60"),
    ],
)
def test_report_that_is_refused_says_why_and_stores_nothing(series, owner, approver, browse, typed, words):
    answer = browse(owner).post(reverse("kpis:kpi-report-new"), TYPED | typed)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Report.objects.exists()


def test_commentary_belongs_to_its_period(report, owner, reader, browse):
    address = reverse("kpis:kpi-report-preview", args=[report.code])
    page = report.pages.first()
    client = browse(owner)
    assert client.post(address, {f"page-{page.pk}-text": "A new <b>scanner</b>"}).status_code == 302
    assert "A new &lt;b&gt;scanner&lt;/b&gt;" in client.get(address).content.decode()
    assert content_of(report, owner, date(2026, 10, 1)).pages[0].commentary == ""
    assert browse(reader).post(address, {}).status_code == 403


def test_formula_in_a_heading_stays_text(report, owner, series):
    ReportPage.objects.update(heading="=HYPERLINK(1)")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(workbook_of(content_of(report, owner, NOVEMBER))))
    assert book.get_sheet_by_name("Summary").to_python()[4][0] == "'=HYPERLINK(1)"


def test_many_reports_due_at_once_are_claimed_once_each(report, owner, december):
    for number in range(30):
        copy = Report(code=f"REP-1{number:02}", title="Copy", owner=owner, is_scheduled=True, rule="FREQ=MONTHLY",
                      starts_at=report.starts_at, time_zone="UTC")  # fmt: skip
        copy.save(by=owner)
    december[0] = at(2026, 12, 12, 8)
    assert send_due() == 31
    assert send_due() == 0
    assert ReportRun.objects.count() == Job.objects.filter(kind="kpis.report").count() == 31


def test_program_cannot_set_a_rule_that_never_fires(report, owner):
    _token, text = ApiToken.make(owner, name="t", scope=ApiToken.Scope.WRITE)
    client = Client(headers={"Authorization": f"Bearer {text}"})
    for rule in ("garbage", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=HOURLY"):
        sent = json.dumps({"row_version": report.row_version, "rule": rule})
        answer = client.patch(f"/api/kpi-reports/{report.code}", sent, content_type="application/json")
        assert answer.status_code == 422, answer.content
    report.refresh_from_db()
    assert report.rule == "FREQ=MONTHLY"
