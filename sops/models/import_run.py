import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.models import Job
from documents.models import Document, Version
from people.models import Department
from sops.importing.reading import safe_name


class ImportRunQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """One's own imports; process officers see all."""
        return self if person.is_in("officer") else self.filter(asked_by=person)


class ImportRun(models.Model):
    """One import in the browser: what was uploaded, how it should come in, and how far it is."""

    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    file = models.FileField(upload_to="imports/")
    file_name = models.CharField(_("file"), max_length=200)
    kind = models.CharField(_("kind"), max_length=40, blank=True)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+")
    as_effective = models.BooleanField(_("takes effect at once"), default=False)
    # Who signed that what the files state is true, and who signed second; only where they take effect at once.
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    signed_name = models.CharField(max_length=200, blank=True)
    signed_with = models.CharField(max_length=20, blank=True)
    signed_at = models.DateTimeField(null=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    counts = models.JSONField(default=dict)
    problem = models.JSONField(default=list)  # why nothing of it could be read
    # How far it is: each is asked for once, and over once.
    checked_at = models.DateTimeField(null=True)
    apply_asked_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    undo_asked_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("sops:import-run", args=[self.pk])

    @property
    def stage(self) -> str:
        """checking → checked → applying → applied → undoing → undone; failed where a step did not come to its end."""
        over = (
            ("undo_asked_at", "undone_at", "undoing", "undone"),
            ("apply_asked_at", "applied_at", "applying", "applied"),
        )
        for asked, done, doing, did in over:
            if getattr(self, done):
                return did
            if getattr(self, asked):
                return "failed" if self.has_stopped else doing
        if self.problem or (self.has_stopped and not self.checked_at):
            return "failed"
        return "checked" if self.checked_at else "checking"

    @property
    def waits_for_second(self) -> bool:
        """One person signed that the versions take effect, and a second one has to."""
        return self.as_effective and self.signed_at is not None and self.apply_asked_at is None

    @property
    def took_effect(self) -> bool:
        """Whether anything of it was taken over as approved before the portal."""
        return self.rows.filter(is_adopted=True).exists()

    @property
    def has_stopped(self) -> bool:
        """The work ended without having come to its end: cancelled, or failed."""
        return self.job is not None and self.job.state in (Job.State.FAILED, Job.State.CANCELLED)

    @property
    def is_working(self) -> bool:
        return self.stage in ("checking", "applying", "undoing")

    @property
    def brings_something(self) -> bool:
        return bool(self.counts.get("created") or self.counts.get("updated"))

    @contextmanager
    def on_disk(self) -> Iterator[Path]:
        """The uploaded file as a local one, wherever it is stored."""
        with tempfile.TemporaryDirectory(prefix="import-") as folder:
            path = Path(folder) / safe_name(self.file_name)  # a file's name may state its number
            with self.file.open("rb") as stored, path.open("wb") as local:
                shutil.copyfileobj(stored, local)
            yield path


class ImportRowQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """Rows of visible imports whose document, if there is one, the person may see."""
        return self.filter(
            Q(document=None) | Q(document__audience_keys__overlap=person.keys()),
            run__in=ImportRun.objects.visible_to(person),
        )


class ImportRow(models.Model):
    """What became, or would become, of one source of an import."""

    class Undo(models.TextChoices):
        NOT = "", _("Not undone")
        DONE = "done", _("Undone")
        LEFT = "left", _("Left as it is")

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    place = models.CharField(max_length=500)
    outcome = models.CharField(max_length=10)
    code = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=300, blank=True)
    facts = models.JSONField(default=dict)
    reason = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    # The version's count of saves when it had come in; a higher one means that somebody went on working.
    version_row = models.PositiveIntegerField(default=0)
    is_adopted = models.BooleanField(default=False)
    undo = models.CharField(max_length=5, choices=Undo.choices, blank=True)
    undo_reason = models.CharField(max_length=300, blank=True)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_row_per_source_of_an_import")]

    def __str__(self) -> str:
        return f"{self.place} {self.outcome}"
