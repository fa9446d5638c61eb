from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models.catalog import CatalogEntry


class Comment(models.Model):
    """Something a person said about a record; a thread is a first comment and its replies."""

    entry = models.ForeignKey(CatalogEntry, models.CASCADE, related_name="comments")
    thread = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="replies")
    # What inside the record is meant ("step-4"), and which version was open, as the record's app names them.
    place = models.CharField(max_length=80, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("comment"), max_length=5000)
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text[:60]
