"""Acknowledging: bound to the very version that was read, once, with name and job title as they were."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from actions.models import Task
from core.ledger import record_line
from core.lifecycle import NotAllowed, Refused
from core.signing import CLICK, Signature
from training.models import Reading


def acknowledge(reading: Reading, *, by: Any, signature: Signature, seen_hash: str) -> Reading:
    """Keep that ``by`` has read this version. Twice is once. Raises ``Refused`` where it was superseded or changed."""
    with transaction.atomic():
        reading = Reading.objects.select_for_update(of=["self"]).select_related("version__document").get(pk=reading.pk)
        if by.pk != reading.person_id:
            raise NotAllowed(_t("You can acknowledge only what you read yourself."))
        if reading.acknowledged_at:
            return reading
        if reading.ended_at:
            raise Refused(_t("This version is no longer to be read. Open the document to see which one is."))
        if seen_hash != reading.version.manifest_hash:
            raise Refused(_t("This is another version than the one you opened. Load the page again."))
        if reading.needs_signature and signature.method == CLICK:
            raise Refused(_t("Sign to acknowledge this version."))
        reading.acknowledged_at = timezone.now()
        reading.manifest_hash = reading.version.manifest_hash
        reading.signing_method = signature.method
        reading.printed_name = str(by)[:200]
        reading.job_title = (getattr(by, "job_title", "") or "")[:200]
        reading.save(update_fields=["acknowledged_at", "manifest_hash", "signing_method", "printed_name", "job_title"])
        Task.objects.open().filter(key=reading.task_key).finish(by=by)
        record_line(
            reading,
            "acknowledged",
            by=by,
            content_hash=reading.manifest_hash,
            data={"signed_with": signature.method},
        )
    return reading
