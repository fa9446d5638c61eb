"""The makers of all kinds (tests/contract.py)."""

import uuid
from datetime import date, timedelta
from typing import Any, ClassVar

from django.utils import timezone

from actions.kinds import ACTION
from audits.audit_kinds import AUDIT, FINDING
from audits.models import Grade
from audits.planning import plan_audit
from audits.writing_findings import write_finding
from kpis.kinds import KPI
from kpis.report_kind import KPI_REPORT
from people.models import JobRole
from processes.kinds import PROCESS
from tests.contract import MISSING_CODE, MISSING_KEY, Maker, World, maker
from tests.trial.kinds import FORKLIFT
from training.kinds import READING_RULE


@maker
class ForkliftMaker(Maker):
    kind = FORKLIFT

    def facts(self, world: World) -> dict[str, Any]:
        return {"drivers": [world.named]}


@maker
class ProcessMaker(Maker):
    kind = PROCESS
    parameters: ClassVar[dict[str, Any]] = {"document": MISSING_CODE}


@maker
class KpiMaker(Maker):
    kind = KPI
    parameters: ClassVar[dict[str, Any]] = {"pk": MISSING_KEY, "number": MISSING_KEY}
    also = ("kpis:import",)
    form_extras: ClassVar[dict[str, str]] = {"targets-TOTAL_FORMS": "0", "targets-INITIAL_FORMS": "0"}

    def facts(self, world: World) -> dict[str, Any]:
        plain = {"kind": "number", "per": 1, "aggregation": "sum", "dimension_2": "", "portal_figure": ""}
        return plain | {"starts_on": date(2026, 1, 1)}

    def make(self, world: World, text: str = "Plain", /, **facts: Any) -> Any:
        return super().make(world, text, **facts).move("use", by=world.owner)


@maker
class ReportMaker(Maker):
    kind = KPI_REPORT
    parameters: ClassVar[dict[str, Any]] = {"pk": MISSING_KEY, "kpis:kpi-report-file form": "pdf"}
    form_extras: ClassVar[dict[str, str]] = {"pages-TOTAL_FORMS": "0", "pages-INITIAL_FORMS": "0"}

    def facts(self, world: World) -> dict[str, Any]:
        return {"rule": "", "time_zone": "Europe/Berlin", "recipients": [], "recipient_roles": []}


@maker
class ReadingRuleMaker(Maker):
    kind = READING_RULE

    def facts(self, world: World) -> dict[str, Any]:
        role, _made = JobRole.objects.get_or_create(name="Dock lead")
        return {"document_codes": "", "job_roles": [role]}


@maker
class ActionMaker(Maker):
    kind = ACTION

    def facts(self, world: World) -> dict[str, Any]:
        return {"verifier": world.auditor, "due_on": timezone.localdate() + timedelta(days=9), "evidence": ""}


@maker
class AuditMaker(Maker):
    """Audits have a form of their own, which looks at the independence of the team."""

    kind = AUDIT
    has_own_form = True
    also = ("audits:run", "audits:answer", "audits:evidence", "audits:question-finding")
    parameters: ClassVar[dict[str, Any]] = {
        "member": MISSING_KEY,
        "number": 0,
        "audits:audit-report-file form": "pdf",
        "audits:answer key": "q-1",
        "audits:evidence key": "q-1",
        "audits:question-finding key": "q-1",
        "audits:evidence-remove key": "q-1",
        "audits:evidence-remove evidence_id": uuid.UUID(int=1),
    }

    def make(self, world: World, text: str = "Plain", /, **facts: Any) -> Any:
        today, readers = timezone.localdate(), facts.pop("readers", [])
        audit = plan_audit(
            by=world.auditor,
            title=text,
            lead=world.auditor,
            owner=world.owner,
            starts_on=today,
            ends_on=today,
            checklist=None,
            criteria=text,
            purpose=text,
            summary=text,
            **facts,
        )
        audit.set_readers(people=readers, roles=[], by=world.auditor)
        return audit


@maker
class FindingMaker(Maker):
    kind = FINDING

    def facts(self, world: World) -> dict[str, Any]:
        return {"grade": Grade.objects.get(pk="minor")}

    def make(self, world: World, text: str = "Plain", /, **facts: Any) -> Any:
        """Published: a draft is seen by auditors alone."""
        readers = facts.pop("readers", [])
        finding = write_finding(
            by=world.auditor,
            title=text,
            observation=text,
            recommendation=text,
            grade=Grade.objects.get(pk="minor"),
            owner=world.owner,
            **facts,
        )
        finding.set_readers(people=readers, roles=[], by=world.auditor)
        return finding.move("publish", by=world.auditor)
