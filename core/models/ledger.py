from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class LedgerLine(models.Model):
    """One thing that happened: a move, decision, signature or security event. Written once, never changed."""

    at = models.DateTimeField(db_default=Now(), editable=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=200, blank=True)
    event = models.CharField(max_length=60)
    record_kind = models.CharField(max_length=40, blank=True)
    record_id = models.BigIntegerField(null=True)
    record_code = models.CharField(max_length=80, blank=True)
    # The record whose page shows this line: a version's lines stand on its document's page.
    family_kind = models.CharField(max_length=40, blank=True)
    family_id = models.BigIntegerField(null=True)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["family_kind", "family_id", "-id"], name="ledger_by_family"),
            models.Index(fields=["actor", "-id"], name="ledger_by_actor"),
            models.Index(fields=["event", "-id"], name="ledger_by_event"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.event} {self.record_code}"


class LedgerSeal(models.Model):
    """The chain: one row per committed line, in the order in which the sealer met them."""

    # Not a foreign key: a seal must outlive a line that somebody removed, or the removal could not be shown.
    line_id = models.BigIntegerField(unique=True)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.id} {self.hash[:12]}"
