from django.conf import settings
from django.db import models
from django.db.models import F, Q

from documents.models.document import Document
from documents.models.version import Version


class Retirement(models.Model):
    """Somebody asks, with a signature, that a document is retired; it ends with the signature of a second person."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="retirements")
    reason = models.TextField()
    successor = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    by_email = models.CharField(max_length=254, blank=True)
    by_job = models.CharField(max_length=400, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    signing_method = models.CharField(max_length=20)
    manifest_hash = models.CharField(max_length=64)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    is_confirmed = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=Q(closed_at=None), name="one_open_retirement_per_version"
            ),
            models.CheckConstraint(
                condition=Q(is_confirmed=False) | ~Q(closed_by=F("asked_by")), name="retirement_is_signed_by_two"
            ),
        ]

    def __str__(self) -> str:
        return f"retirement of {self.version}"
