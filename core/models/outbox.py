from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone


class OutboxQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        return self.filter(sent_at=None, dead_at=None)

    def dead(self) -> Self:
        """Given up after many tries; what was dropped on purpose is not among them."""
        return self.exclude(dead_at=None).filter(drop_reason="")

    def stuck(self, since: Any) -> Self:
        """Waiting, and due since before ``since``."""
        return self.waiting().filter(due_at__lt=since)


class OutboxMessage(models.Model):
    """Something that must leave the database (a mail), written in the transaction that caused it."""

    # A repeat of the same occasion finds its key taken and is a no-op.
    key = models.CharField(max_length=200, unique=True)
    channel = models.CharField(max_length=20, default="mail")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    # Catalogue entries the text speaks of; whether the person still sees them is asked when it is sent.
    entry_ids = ArrayField(models.BigIntegerField(), default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)
    # Why it was not sent on purpose: "expired", "left", "no_access".
    drop_reason = models.CharField(max_length=20, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(sent_at=None, dead_at=None), name="outbox_waiting"),
            models.Index(fields=["-created_at"], name="outbox_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"
