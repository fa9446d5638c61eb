"""The demo's monthly report: its pages, its commentary, and a sending that the worker does after the start."""

from datetime import timedelta

from django.utils import timezone

from core.kinds.changes import create
from kpis.models import Commentary, Grain, Kpi, Report, ReportItem, ReportPage
from kpis.report_content import period_of
from kpis.report_kind import KPI_REPORT
from kpis.reporting import send_now
from people.models import Person
from portal.demo import clock
from portal.demo.life import Life

MADE = 40  # days ago
PAGES = (
    (
        "Inbound and cold store",
        ("KPI-001", "KPI-002", "KPI-008", "KPI-011"),
        "The new receiving procedure holds: cold goods reach the store faster than at any time since records began.",
    ),
    (
        "Outbound and transport",
        ("KPI-003", "KPI-004", "KPI-006"),
        "Deliveries on time and in full go on falling with the road works. A second morning tour starts next month.",
    ),
    ("Stock, cost and people", ("KPI-005", "KPI-007", "KPI-009", "KPI-010", "KPI-012"), ""),
)
RECIPIENTS = ("owner", "catherine.blythe", "approver")


def plan_report(life: Life) -> None:
    """Let the operations manager define the monthly report."""
    life.plan(clock.moment(MADE, 16, 20), lambda: _define(life))


def send_report(people: dict[str, Person]) -> None:
    """Say what there is to say about last month, and send the report, so that it lies in the mailbox."""
    report, owner = Report.objects.get(), people["owner"]
    with clock.at(timezone.now() - timedelta(minutes=20)):
        _comment(report, owner)
        send_now(report, by=owner)


def _define(life: Life) -> None:
    owner = life.people["owner"]
    report = create(
        KPI_REPORT,
        {
            "title": "Operations, monthly",
            "introduction": "What our processes did last month, what changed for real, and what needs a decision.",
            "grain": Grain.MONTH,
            "owner": owner,
            "department": owner.department,
            "is_scheduled": True,
            "rule": "FREQ=MONTHLY;BYMONTHDAY=8",
            "starts_at": timezone.now().replace(day=8, hour=7, minute=0, second=0, microsecond=0),
            "recipients": [life.people[key] for key in RECIPIENTS],
        },
        by=owner,
    )
    _make_pages(report)


def _make_pages(report: Report) -> None:
    known = {kpi.code: kpi for kpi in Kpi.objects.all()}
    for position, (heading, codes, _said) in enumerate(PAGES):
        page = ReportPage.objects.create(report=report, heading=heading, position=position)
        for place, code in enumerate(codes):
            ReportItem.objects.create(page=page, kpi=known[code], position=place)


def _comment(report: Report, owner: Person) -> None:
    period = period_of(report, timezone.localdate())
    for page, (_heading, _codes, said) in zip(report.pages.all(), PAGES, strict=True):
        if said:
            Commentary.objects.create(page=page, period=period, text=said, written_by=owner)
