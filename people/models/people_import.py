from django.conf import settings
from django.db import models
from django.urls import reverse


class PeopleImport(models.Model):
    """One file of people as it was uploaded, what it would change, and what came of it."""

    file_name = models.CharField(max_length=200)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    rows = models.JSONField(default=list)
    others_left = models.BooleanField(default=False)
    send_links = models.BooleanField(default=False)
    applied_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)
    job = models.ForeignKey("core.Job", models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("people:import-preview", args=[self.pk])

    @property
    def is_working(self) -> bool:
        """Whether somebody asked for it and the work is not over."""
        return self.job is not None and not self.job.is_over
