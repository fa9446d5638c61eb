import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audits.models.audit import Audit
from core.models import Attachment, CatalogEntry
from documents.models import Part, Version


class Outcome(models.TextChoices):
    """What an answer says about conformity."""

    PASSED = "passed", _("Conforms")
    FAILED = "failed", _("Does not conform")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    NOTED = "noted", _("Noted")  # a text, a date, a photo: an answer that is neither good nor bad


class AnswerQuerySet(models.QuerySet):
    def current(self) -> Self:
        """What each auditor says now; what they said before stays beside it."""
        return self.filter(replaced_at=None)


class Answer(models.Model):
    """What one auditor answered to one question at one time. Written once: a changed answer is another row."""

    # Made on the device, so that sending it twice stores it once.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    audit = models.ForeignKey(Audit, models.CASCADE, related_name="answers")
    question_key = models.CharField(max_length=255)
    # The question and the step as they stood when this was answered.
    question = models.ForeignKey(Part, models.PROTECT, null=True, related_name="+")
    question_version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    step = models.ForeignKey(Part, models.PROTECT, null=True, related_name="+")
    step_version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    value = models.JSONField(null=True)
    outcome = models.CharField(max_length=14, choices=Outcome.choices)
    note = models.TextField(blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(default=timezone.now)  # the device's clock, never after the server's
    saved_at = models.DateTimeField(auto_now_add=True)
    replaced_at = models.DateTimeField(null=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["saved_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["audit", "question_key", "answered_by"],
                condition=Q(replaced_at=None),
                name="one_current_answer_of_an_auditor_to_a_question",
            ),
        ]
        indexes = [models.Index(fields=["audit", "question_key", "saved_at"], name="answers_of_a_question")]

    def __str__(self) -> str:
        return f"{self.question_key}: {self.value}"

    def is_same_as(self, other: "Answer | None") -> bool:
        """Whether the other says just the same; saying it again leaves no second row."""
        return other is not None and (self.value, self.note) == (other.value, other.note)


class Evidence(models.Model):
    """What shows that an answer is right: a photo, a file, or a record of the portal, with the day it is from."""

    class Kind(models.TextChoices):
        PHOTO = "photo", _("Photo")
        FILE = "file", _("File")
        RECORD = "record", _("Record")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    audit = models.ForeignKey(Audit, models.CASCADE, related_name="evidence")
    question_key = models.CharField(max_length=255)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    entry = models.ForeignKey(CatalogEntry, models.PROTECT, null=True, related_name="+")
    words = models.CharField(_("what it shows"), max_length=300, blank=True)
    dated_on = models.DateField(_("from"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["added_at", "id"]
        indexes = [models.Index(fields=["audit", "question_key"], name="evidence_of_a_question")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="record", entry__isnull=False, attachment=None)
                | Q(kind__in=("photo", "file"), entry=None, attachment__isnull=False),
                name="evidence_is_a_file_or_a_record",
            ),
        ]

    def __str__(self) -> str:
        return self.words or str(self.attachment or self.entry)

    def shown_to(self, person: Any) -> bool:
        """Whether the person may see the record that it names; files belong to the audit."""
        return self.entry is None or not set(self.entry.audience_keys).isdisjoint(person.keys())
