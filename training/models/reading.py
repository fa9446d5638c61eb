from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from documents.models import Document, Version
from training.models.rule import ReadingRule


class ReadingQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """One's own; those of the people who report to one; all, for who sees readings. Never of a hidden document."""
        documents = Document.objects.visible_to(person)
        readings = self.filter(document__in=documents)
        if person.has_perm("training.view_readings"):
            return readings
        return readings.filter(Q(person=person) | Q(person__manager=person) | Q(document__owner=person))

    def open(self) -> Self:
        return self.filter(acknowledged_at=None, ended_at=None)

    def done(self) -> Self:
        return self.exclude(acknowledged_at=None)

    def overdue(self, today: date | None = None) -> Self:
        return self.open().filter(due_on__lt=today or timezone.localdate())

    def counted(self) -> Self:
        """What counts for "read by 12 of 37": not what ended before it was read."""
        return self.filter(Q(ended_at=None) | ~Q(acknowledged_at=None))


class Reading(models.Model):
    """One person has to read one version of a document and to acknowledge it; and how they did."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="readings")
    version = models.ForeignKey(Version, models.PROTECT, related_name="readings")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="readings")
    rule = models.ForeignKey(ReadingRule, models.SET_NULL, null=True, related_name="readings")
    needs_signature = models.BooleanField(default=False)
    assigned_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(_("due"))
    # The version the same person had acknowledged before: what changed since then is what they are shown.
    earlier = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")

    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    manifest_hash = models.CharField(max_length=64, blank=True)
    signing_method = models.CharField(max_length=20, blank=True)
    # As they were at that moment: names and titles change.
    printed_name = models.CharField(max_length=200, blank=True)
    job_title = models.CharField(max_length=200, blank=True)

    ended_at = models.DateTimeField(null=True)  # superseded, retired, or the person left, before it was read
    end_reason = models.CharField(max_length=20, blank=True)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["version", "person"], name="one_reading_per_version_and_person"),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None) | ~Q(manifest_hash=""), name="an_acknowledgement_says_what_was_read"
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None) | Q(ended_at=None), name="what_was_read_has_not_ended_unread"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "due_on"], condition=Q(acknowledged_at=None), name="readings_of_person"),
            models.Index(fields=["document", "person"], name="readings_of_document"),
            models.Index(fields=["due_on"], condition=Q(acknowledged_at=None, ended_at=None), name="readings_by_due"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} reads {self.version_id}"

    @property
    def code(self) -> str:
        """What ledger lines name: the document and version that were read."""
        return self.version.code

    @property
    def is_open(self) -> bool:
        return self.acknowledged_at is None and self.ended_at is None

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_on < timezone.localdate()

    @property
    def task_key(self) -> str:
        return f"read:{self.version_id}:{self.person_id}"

    @property
    def state(self) -> str:
        """The state people are shown."""
        if self.acknowledged_at:
            return "acknowledged"
        if self.ended_at:
            return "ended"
        return "overdue" if self.is_overdue else "to_read"
