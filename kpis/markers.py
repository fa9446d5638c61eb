"""Changes of the process on the charts of its KPIs: marked by people, and by the portal when a version takes effect."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from core.ledger import record_line
from core.lifecycle import Invalid, NotAllowed
from documents.models import Version
from kpis.judging import mark_outdated
from kpis.models import ChangeMarker, Kpi, Proposal
from kpis.proposing import close_task
from processes.models import ProcessDocument

LONGEST_LABEL = 120


def add_marker(kpi: Kpi, on: date, label: str, *, by: Any) -> ChangeMarker:
    """Mark a change of the process on the chart. The same change twice is one marker."""
    label = " ".join(label.split())
    if not label:
        raise Invalid(_t("Enter what changed."))
    if len(label) > LONGEST_LABEL:
        raise Invalid(_t("Enter at most %(count)d letters.") % {"count": LONGEST_LABEL})
    if on > timezone.localdate():
        raise Invalid(_t("Enter a day that is not in the future."))
    with transaction.atomic():
        locked = kpi.locked()
        _check_may_mark(by, locked)
        row, is_new = ChangeMarker.objects.get_or_create(
            kpi=locked, on=on, label=label, removed_at=None, defaults={"made_by": by}
        )
        if is_new:
            record_line(locked, "marker_added", by=by, data={"on": on.isoformat(), "label": label})
            mark_outdated([locked.pk])
    return row


def remove_marker(marker: ChangeMarker, *, by: Any) -> None:
    """Take a marker off the chart; a proposal that waits because of it goes with it."""
    with transaction.atomic():
        locked = marker.kpi.locked()
        _check_may_mark(by, locked)
        gone = ChangeMarker.objects.filter(pk=marker.pk, removed_at=None).update(
            removed_at=timezone.now(), removed_by=by
        )
        if gone:
            Proposal.objects.filter(marker=marker, state=Proposal.State.OPEN).delete()
            close_task(marker.pk)
            record_line(locked, "marker_removed", by=by, data={"on": marker.on.isoformat(), "label": marker.label})
            mark_outdated([locked.pk])


def _check_may_mark(by: Any, kpi: Kpi) -> None:
    if not by.has_perm("kpis.enter_measurements", kpi):
        raise NotAllowed(
            _t("Only the owner, the deputy and process officers mark changes on %(code)s.") % {"code": kpi.code}
        )


def mark_version(version: Version) -> int:
    """Mark a version that took effect on the KPIs of the processes that its document governs; twice is once."""
    processes = ProcessDocument.objects.filter(
        document=version.document_id, relation=ProcessDocument.Relation.GOVERNS
    ).values("process")
    kpis = Kpi.objects.in_use().filter(process__in=processes)
    by_step = Kpi.objects.in_use().filter(part__document=version.document_id)
    found = sorted({*kpis.values_list("pk", flat=True), *by_step.values_list("pk", flat=True)})
    label = f"{version.document.code} {version.number}"
    ChangeMarker.objects.bulk_create(
        [
            ChangeMarker(kpi_id=key, on=version.effective_on, label=label[:LONGEST_LABEL], version=version)
            for key in found
        ],
        ignore_conflicts=True,
    )
    mark_outdated(found)
    return len(found)
