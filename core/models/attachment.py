import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.models.catalog import CatalogEntry


class Attachment(models.Model):
    """A file that belongs to a record. Its bytes never change; a new file is a new row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.ForeignKey(CatalogEntry, models.PROTECT, related_name="attachments")
    name = models.CharField(_("file name"), max_length=200)
    file = models.FileField(upload_to="attachments/")
    media_type = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    # "image" in a text, "file" beside it, "original" of an import, "content" of an uploaded version.
    purpose = models.CharField(max_length=20, default="file")
    text = models.TextField(blank=True)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["uploaded_at"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("core:attachment", args=[self.pk, self.name])
