"""KPIs and reports that follow their process when it is merged into another one."""

from typing import Any

from django.dispatch import receiver

from core.kinds.changes import lock, pending, write
from core.lifecycle import Move, moved
from kpis.kinds import KPI
from kpis.models import Kpi, Report
from processes.models import Process


@receiver(moved, sender=Process)
def follow_a_merged_process(records: list[Process], move: Move, by: Any, **kwargs: Any) -> None:
    """KPIs and reports of a process that was merged into another one belong to that one."""
    if move.name != "merge":
        return
    for process in records:
        for kpi in Kpi.objects.filter(process=process).order_by("pk"):
            locked = lock(kpi)
            changes = pending(KPI, locked, {"process": process.successor})
            write(KPI, locked, changes, by=by, reason=f"{process.code} → {process.successor.code}")
        Report.objects.filter(only_process=process).update(only_process=process.successor)
