from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Attachment
from documents.models.version import Version


class AppendixQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """Appendices of the versions the person may read."""
        return self.filter(version__in=Version.objects.visible_to(person))


class Appendix(models.Model):
    """A file that belongs to one version and is signed with it: a form, a checklist, a drawing."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="appendices")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="appendices")

    objects = AppendixQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("appendix")
        verbose_name_plural = _("appendices")
        constraints = [models.UniqueConstraint(fields=["version", "attachment"], name="one_appendix_per_file")]

    def __str__(self) -> str:
        return self.attachment.name
