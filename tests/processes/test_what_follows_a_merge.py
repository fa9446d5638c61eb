"""What hangs on a process that is merged into another one: KPIs, reports, open findings and planned audits follow."""

from datetime import date

import pytest
from django.utils import timezone

from audits.models import Grade
from audits.planning import plan_audit
from audits.writing_findings import write_finding
from kpis.models import Kpi, Report
from people.models import Person
from processes.models import Process
from processes.tree import merge
from tests.processes.conftest import Grower

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(grow: Grower, warehouse: Process) -> Process:
    return grow("Receive by hand", warehouse)


def test_kpis_and_reports_follow(old: Process, inbound: Process, author: Person, owner: Person) -> None:
    kpi = Kpi(code="KPI-001", title="On time", owner=owner, starts_on=date(2024, 1, 1), process=old)
    kpi.save(by=owner)
    report = Report(code="REP-001", title="Monthly", owner=owner, only_process=old)
    report.save(by=owner)
    merge(old, inbound, by=author, reason="same work")
    kpi.refresh_from_db()
    report.refresh_from_db()
    assert (kpi.process, report.only_process) == (inbound, inbound)
    assert kpi.history.first().history_change_reason == f"{old.code} → {inbound.code}"


def test_open_findings_follow_and_closed_ones_stay(
    old: Process, inbound: Process, author: Person, auditor: Person, owner: Person
) -> None:
    grade, seen = Grade.objects.get(pk="minor"), {"observation": "Two pallets without a label."}
    first, second = (
        write_finding(by=auditor, title=title, grade=grade, owner=owner, process=old, **seen).move(
            "publish", by=auditor
        )
        for title in ("Open", "Over")
    )
    second.move("withdraw", by=auditor, comment="It was not so.")
    merge(old, inbound, by=author, reason="same work")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.process, second.process) == (inbound, old)


def test_planned_audits_follow(old: Process, inbound: Process, author: Person, auditor: Person, owner: Person) -> None:
    today = timezone.localdate()
    audit = plan_audit(
        by=auditor, title="Inbound", lead=auditor, owner=owner, starts_on=today, ends_on=today, checklist=None
    )
    audit.processes.add(old)
    merge(old, inbound, by=author, reason="same work")
    assert list(audit.processes.all()) == [inbound]
