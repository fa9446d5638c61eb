from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audits.models.framework import Framework
from core.models import Job


class FrameworkImportQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """One's own imports: what others upload may become a confidential library."""
        return self.filter(asked_by=person)


class FrameworkImport(models.Model):
    """One import of a requirement library in the browser: the file, how it should be read, and how far it is."""

    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    file = models.FileField(upload_to="imports/")
    file_name = models.CharField(_("file"), max_length=200)
    options = models.JSONField(default=dict)  # title, edition, code, framework, columns
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    summary = models.JSONField(default=dict)  # what it would do, and then what it did
    problems = models.JSONField(default=list)  # sentences: why nothing of it could be read
    checked_at = models.DateTimeField(null=True)
    apply_asked_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    framework = models.ForeignKey(Framework, models.SET_NULL, null=True, related_name="imports")

    objects = FrameworkImportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ()
        permissions = [("import_framework", "Import requirement libraries")]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("audits:framework-import", args=[self.pk])

    @property
    def has_stopped(self) -> bool:
        """The work ended without having come to its end: cancelled, or failed."""
        return self.job is not None and self.job.state in (Job.State.FAILED, Job.State.CANCELLED)

    @property
    def stage(self) -> str:
        """checking → checked → applying → applied; failed where a step did not come to its end."""
        if self.applied_at:
            return "applied"
        if self.apply_asked_at:
            return "failed" if self.has_stopped else "applying"
        if self.problems or (self.has_stopped and not self.checked_at):
            return "failed"
        return "checked" if self.checked_at else "checking"

    @property
    def is_working(self) -> bool:
        return self.stage in ("checking", "applying")
