"""What follows when an audit is planned or moves: it waits for its auditors."""

from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from actions.models import Task
from audits.due import end_of
from audits.lifecycle import AuditState
from audits.models import Audit
from audits.signals import planned
from core import catalog
from core.lifecycle import Move, moved
from core.safe.words import gettext_noop

RUN = gettext_noop("Audit %(code)s: %(title)s")


@receiver(planned)
def audit_planned(audit: Audit, by: Any, **kwargs: Any) -> None:
    ask_the_team(audit, by=by)


@receiver(moved, sender=Audit)
def audit_moved(records: list[Audit], move: Move, by: Any, **kwargs: Any) -> None:
    for audit in records:
        ask_the_team(audit, by=by)


def ask_the_team(audit: Audit, *, by: Any = None) -> None:
    """An unfinished audit waits for each of its auditors, with its last day."""
    prefix = f"audit:{audit.pk}:"
    entry = catalog.entry_of(audit)
    is_open = audit.state in (AuditState.PLANNED, AuditState.RUNNING)
    wanted = {f"{prefix}{one.person_id}": one.person for one in audit.team()} if is_open else {}
    address = audit.get_absolute_url()
    if audit.state == AuditState.RUNNING:
        address = reverse("audits:run", args=[audit.code])
    for key, person in wanted.items():
        Task.ask(
            key=key,
            kind="audit",
            title=gettext_noop(str(RUN), code=audit.code, title=audit.title, by=by),
            url=address,
            entry=entry,
            person=person,
            due_at=end_of(audit.ends_on),
        )
    Task.objects.open().filter(key__startswith=prefix).exclude(key__in=wanted).finish()
