from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kpis.models.kpi import Kpi


class MeasurementImportQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """A person's own uploads; somebody else's file may speak of KPIs that they do not see."""
        return self.filter(asked_by=person) if person.is_active else self.none()


class MeasurementImport(models.Model):
    """One file of measurements: as uploaded, how its columns were read, what would happen, what came of it."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        CHECKED = "checked", _("Checked")
        IMPORTED = "imported", _("Imported")
        UNDONE = "undone", _("Undone")

    # Empty when a column of the file names the KPI of each row.
    kpi = models.ForeignKey(Kpi, models.PROTECT, null=True, blank=True, related_name="imports")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(editable=False)
    headings = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)  # field → number of the column
    options = models.JSONField(default=dict)  # decimal mark, day first, replace, reason
    state = models.CharField(max_length=8, choices=State.choices, default=State.UPLOADED)
    counts = models.JSONField(default=dict)  # rows, new, changed, same, refused
    problems = models.JSONField(default=list)  # line, field, words: the first of them
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    imported_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    job = models.ForeignKey("core.Job", models.SET_NULL, null=True, related_name="+")

    objects = MeasurementImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        verbose_name = _("import of measurements")

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("kpis:import", args=[self.pk])

    @property
    def is_working(self) -> bool:
        """Whether a worker has it in hand."""
        return self.job is not None and not self.job.is_over


class ColumnMapping(models.Model):
    """How a person read the columns of a file with these headings, so that the next one is read the same way."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kpi = models.ForeignKey(Kpi, models.CASCADE, null=True, related_name="+")
    headings_hash = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kpi", "headings_hash"],
                nulls_distinct=False,
                name="one_column_mapping_per_person_and_headings",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kpi_id} {self.headings_hash[:8]}"
