"""Who may do what with a KPI, as small predicates."""

from typing import Any

from core.permissions import rule, sees
from kpis.models import Kpi
from people.permissions import register_owner_rules


@rule("kpis.view_kpi")
def may_see(person: Any, kpi: Kpi) -> bool:
    return sees(person, kpi)


register_owner_rules(Kpi)  # owner and process officers: definition, targets, state, audience


@rule("kpis.enter_measurements")
def may_enter(person: Any, kpi: Kpi) -> bool:
    """Owner, deputy, and process officers who may see it."""
    return sees(person, kpi) and (
        person.pk in (kpi.owner_id, kpi.deputy_id) or person.has_perm("kpis.enter_measurements")
    )
