"""What audits do when two processes are merged: what is open follows, what is closed stays evidence of its time."""

from typing import Any

from django.dispatch import receiver

from audits.audit_kinds import FINDING
from audits.lifecycle import AuditState, FindingState
from audits.models import Audit, Finding
from core.kinds.changes import lock, pending, write
from core.lifecycle import Move, moved
from processes.models import Process

OVER = (FindingState.CLOSED, FindingState.NO_ACTION, FindingState.WITHDRAWN)


@receiver(moved, sender=Process)
def follow_a_merged_process(records: list[Process], move: Move, by: Any, **kwargs: Any) -> None:
    if move.name != "merge":
        return
    for process in records:
        for finding in Finding.objects.filter(process=process).exclude(state__in=OVER).order_by("pk"):
            locked = lock(finding)
            changes = pending(FINDING, locked, {"process": process.successor})
            write(FINDING, locked, changes, by=by, reason=f"{process.code} → {process.successor.code}")
        for audit in Audit.objects.filter(processes=process, state=AuditState.PLANNED):
            audit.processes.remove(process)
            audit.processes.add(process.successor)
