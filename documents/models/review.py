from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.models.document import Document
from documents.models.version import Version


class Review(models.Model):
    """One periodic review: somebody looked whether the version in force is still right, and signed what they found."""

    class Outcome(models.TextChoices):
        NO_CHANGE = "no_change", _("Reviewed, no change")
        CHANGE = "change", _("Needs a new version")

    document = models.ForeignKey(Document, models.PROTECT, related_name="reviews")
    version = models.ForeignKey(Version, models.PROTECT, related_name="reviews")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    note = models.TextField(_("what was looked at"), blank=True)
    reviewed_at = models.DateTimeField(auto_now_add=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    next_due_on = models.DateField(null=True)
    manifest_hash = models.CharField(max_length=64)
    signing_method = models.CharField(max_length=20)

    class Meta:
        ordering = ["-reviewed_at"]

    def __str__(self) -> str:
        return f"{self.document_id} {self.reviewed_at:%Y-%m-%d} {self.outcome}"
