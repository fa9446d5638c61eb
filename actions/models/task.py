from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import CatalogEntry
from core.questions import IDS, OneOf, Slot
from core.saying import in_words, say_again, to_keep
from people.models import JobRole


def addressed_by(keys: list[str] | Slot) -> dict[str, Any]:
    """The people and the job roles among a person's keys: what is addressed to them waits for this person."""
    if isinstance(keys, Slot):
        return {"people": Slot("people", IDS), "roles": Slot("roles", IDS)}
    people = [int(key.removeprefix("person:")) for key in keys if key.startswith("person:")]
    return {"people": people, "roles": [int(key.removeprefix("role:")) for key in keys if key.startswith("role:")]}


class TaskQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """Tasks on records that the person may see, whoever they wait for."""
        return self.filter(entry__audience_keys__overlap=person.keys())

    def open(self) -> Self:
        return self.filter(done_at=None)

    def due_before(self, moment: datetime | Slot) -> Self:
        return self.filter(due_at__lt=moment)

    def finish(self, *, by: Any = None) -> int:
        """Mark open tasks as done; returns how many there were."""
        return self.open().update(done_at=timezone.now(), done_by=by)

    def waiting_for(self, person: Any) -> Self:
        """What waits for this person: addressed to them, to somebody they stand in for, or to a role of theirs.

        A task on a record that they may no longer see is not there.
        """
        addressed = addressed_by(person.keys())
        mine = Q(OneOf("person", addressed["people"])) | Q(OneOf("role", addressed["roles"]), person=None)
        return self.open().visible_to(person).filter(mine)

    def late_with_reports_of(self, manager: Any, now: datetime | Slot) -> Self:
        """What is overdue with the people who report to this manager, on records that the manager may see."""
        late = self.open().visible_to(manager).due_before(now)
        return late.filter(person__manager=manager.pk, person__is_active=True)


class Task(models.Model):
    """One thing that waits for a person, or for anybody in a job role, until a time."""

    # kind, record, addressee and occasion: asking twice for the same thing makes one task.
    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=40)
    title = models.CharField(_("what to do"), max_length=300)
    said = models.JSONField(default=dict, editable=False)  # the title's pattern and values, for readers of any language
    url = models.CharField(max_length=300)
    entry = models.ForeignKey(CatalogEntry, models.CASCADE, related_name="tasks")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("person")
    )
    role = models.ForeignKey(
        JobRole, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("job role")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    # When the reminders look at it next; empty means at the next sweep.
    remind_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(fields=["person", "due_at"], condition=Q(done_at=None), name="open_tasks_of_person"),
            models.Index(fields=["role", "due_at"], condition=Q(done_at=None), name="open_tasks_of_role"),
            models.Index(fields=["due_at"], condition=Q(done_at=None), name="open_tasks_by_due"),
            models.Index(fields=["remind_at"], condition=Q(done_at=None), name="open_tasks_to_remind"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(role__isnull=False), name="task_waits_for_somebody"
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """What to do, in the language that is active."""
        return in_words(say_again(self.said, self.title))

    @property
    def is_late(self) -> bool:
        return self.done_at is None and self.due_at is not None and self.due_at < timezone.now()

    @classmethod
    def ask(
        cls,
        *,
        key: str,
        kind: str,
        title: str,
        url: str,
        entry: CatalogEntry,
        person: Any = None,
        role: JobRole | None = None,
        due_at: datetime | None = None,
    ) -> "Task":
        """Make the task, or open it again with the new wording when it was asked for before."""
        task, _created = cls.objects.update_or_create(
            key=key,
            defaults={
                "kind": kind,
                "title": str(title)[:300],
                "said": to_keep(title),
                "url": url,
                "entry": entry,
                "person": person,
                "role": role,
                "due_at": due_at,
                "remind_at": None,
                "done_at": None,
                "done_by": None,
            },
        )
        return task
