from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from core.models.job import Job

SILENT = timedelta(seconds=60)  # few records are done within a request: after this nobody is at them any more


class BulkRunQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """Only who asked looks at it: the rows are what that person may do."""
        return self.filter(asked_by=person) if person.is_active else self.none()


class BulkRun(models.Model):
    """One thing asked of many records: which were chosen, what would change, what came of it."""

    listing = models.CharField(max_length=40)  # the list it began on, by its name
    action = models.CharField(max_length=40)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    language = models.CharField(max_length=8, default="en")  # in which reasons and changes are worded
    back = models.CharField(max_length=600, blank=True)  # the list's filters, to return to
    values = models.JSONField(default=dict)  # what was answered, as it was sent
    file_name = models.CharField(max_length=200, blank=True)
    unknown_columns = models.JSONField(default=list)
    missing = models.PositiveIntegerField(default=0)  # chosen, but not there for this person
    # Which run it takes back, none when that is forgotten: 1 takes back what was asked, 2 takes back such an undo, …
    undoes = models.ForeignKey("self", models.SET_NULL, null=True, related_name="undos")
    undo_depth = models.PositiveSmallIntegerField(default=0, db_default=0)
    is_answered = models.BooleanField(default=False)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    prepared_at = models.DateTimeField(null=True)
    apply_asked_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["undoes"], condition=models.Q(apply_asked_at=None), name="one_undo_is_looked_at"
            )
        ]

    def __str__(self) -> str:
        return f"{self.listing} {self.action} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("core:bulk-run", args=[self.pk])

    @property
    def stage(self) -> str:
        """Where it stands: asking, preparing, ready, applying, done, or stopped before its end."""
        if self.applied_at:
            return "done"
        if self.apply_asked_at:
            return "stopped" if self._was_left(self.apply_asked_at) else "applying"
        if self.prepared_at:
            return "ready"
        if not self.is_answered:
            return "asking"
        return "stopped" if self._was_left(self.asked_at) else "preparing"

    def _was_left(self, since: datetime) -> bool:
        """Whether nobody is at it any more: the work failed or was cancelled, or the process that did it at once is
        gone."""
        if self.job is None or self.job.state == Job.State.DONE:
            return since < timezone.now() - SILENT
        return self.job.is_over

    @property
    def is_working(self) -> bool:
        return self.stage in ("preparing", "applying")

    @property
    def is_undo(self) -> bool:
        return self.undo_depth > 0

    @property
    def puts_back(self) -> bool:
        """An undo of an undo does again what was done first."""
        return self.undo_depth % 2 == 1


class BulkRow(models.Model):
    """One record of a run: what would change and why not, then what came of it."""

    class Outcome(models.TextChoices):
        OPEN = "", ""
        CHANGE = "change", "change"
        UNCHANGED = "unchanged", "unchanged"
        REFUSED = "refused", "refused"
        DONE = "done", "done"
        LEFT = "left", "left"  # it had changed since the person looked

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    object_id = models.BigIntegerField(null=True)  # none: the row of a file that names no record
    line = models.PositiveIntegerField(null=True)
    said = models.CharField(max_length=120, blank=True)  # how the file names the record
    values = models.JSONField(default=dict)  # the cells of the file; of an undo: what is taken back
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN, blank=True)
    changes = models.JSONField(default=list)  # [label, before, after] in words
    kept = models.JSONField(null=True)  # what was done, before and after as exact values; none: not to be taken back
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_row_per_position")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.position} {self.outcome}"
