"""Telling people, once, that a version took effect. The moment itself decides; this sweep only announces it."""

from django.db import transaction
from django.utils import timezone

from core import catalog
from core.ledger import record_line
from documents.models import Document, State, Version
from documents.signals import took_effect


def announce_effective() -> int:
    """Write the ledger line, refresh the index and send ``took_effect`` for each version whose moment has come."""
    announced = 0
    due = Version.objects.filter(state=State.APPROVED, announced_at=None, effective_from__lte=timezone.now())
    for pk in due.order_by("effective_from").values_list("pk", flat=True)[:500]:
        announced += _announce(pk)
    return announced


def _announce(pk: int) -> bool:
    with transaction.atomic():
        version = (
            Version.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=pk, announced_at=None).first()
        )
        if version is None:
            return False
        version.announced_at = timezone.now()
        Version.objects.filter(pk=pk).update(announced_at=version.announced_at)
        if version.shown_state == "superseded" and version.effective_until <= version.effective_from:
            return False  # a newer text was approved for an earlier day: it never took effect
        document = Document.objects.get(pk=version.document_id)
        record_line(version, "took_effect", by=None, to_state="effective", content_hash=version.manifest_hash)
        if version.shown_state == "effective" and document.title != version.title:
            document.title = version.title
            document.save(reason=f"title of {version.number}")
        catalog.refresh(document)
        took_effect.send(sender=Version, version=version)
        return True
