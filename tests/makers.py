"""The makers of all kinds (tests/contract.py)."""

from datetime import date
from typing import Any, ClassVar

from kpis.kinds import KPI
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
    parameters: ClassVar[dict[str, Any]] = {"pk": MISSING_KEY}
    also = ("kpis:import",)
    form_extras: ClassVar[dict[str, str]] = {"targets-TOTAL_FORMS": "0", "targets-INITIAL_FORMS": "0"}

    def facts(self, world: World) -> dict[str, Any]:
        plain = {"kind": "number", "per": 1, "aggregation": "sum", "dimension_2": ""}
        return plain | {"starts_on": date(2026, 1, 1)}

    def make(self, world: World, text: str = "Plain", /, **facts: Any) -> Any:
        return super().make(world, text, **facts).move("use", by=world.owner)


@maker
class ReadingRuleMaker(Maker):
    kind = READING_RULE

    def facts(self, world: World) -> dict[str, Any]:
        role, _made = JobRole.objects.get_or_create(name="Dock lead")
        return {"document_codes": "", "job_roles": [role]}
