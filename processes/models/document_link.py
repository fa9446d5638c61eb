from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.models import Document
from processes.models.process import Process


class ProcessDocumentQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """Links of which the person may see both ends."""
        keys = person.keys()
        return self.filter(process__audience_keys__overlap=keys, document__audience_keys__overlap=keys)


class ProcessDocument(models.Model):
    """A document that a process uses: it is done by it, fills it in, or is guided by it."""

    class Relation(models.TextChoices):
        GOVERNS = "governs", _("Describes how the process is done")
        FORM = "form", _("Is filled in during the process")
        REFERENCE = "reference", _("Is background to the process")

    process = models.ForeignKey(Process, models.PROTECT, related_name="document_links")
    document = models.ForeignKey(Document, models.PROTECT, related_name="process_links")
    relation = models.CharField(_("relation"), max_length=12, choices=Relation.choices, default=Relation.GOVERNS)
    position = models.PositiveSmallIntegerField(default=0)
    linked_at = models.DateTimeField(_("linked at"), auto_now_add=True)
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ProcessDocumentQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["process", "document"], name="one_link_between_a_process_and_a_document"),
        ]

    def __str__(self) -> str:
        return f"{self.process_id} → {self.document_id}"
