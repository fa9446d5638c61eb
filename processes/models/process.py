from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.lifecycle import LifecycleModel, Move, Refused
from people.models import OwnedHistory, OwnedQuerySet, OwnedRecord, RecordGrant
from processes.lifecycle import MOVES, ProcessState
from processes.models.category import Category

MAX_LEVEL = 4  # L0 to L4
TREE_LOCK = 7_310_014  # the advisory lock under which the shape of the tree changes


SIPOC = ("suppliers", "inputs", "steps", "outputs", "customers")
MAX_LINES = 20  # in one column of a SIPOC


def sipoc_column(label: Any) -> ArrayField:
    """One column of a SIPOC: lines of at most 200 letters."""
    return ArrayField(models.CharField(max_length=200), size=MAX_LINES, default=list, blank=True, verbose_name=label)


class ProcessQuerySet(OwnedQuerySet):
    def active(self) -> Self:
        return self.filter(state=ProcessState.ACTIVE)

    def below(self, process: "Process") -> Self:
        """Everything under a process, itself left out."""
        return self.filter(lineage__contains=[process.pk]).exclude(pk=process.pk)

    def in_tree_order(self) -> Self:
        """Siblings in the order that people gave them."""
        return self.order_by("position", "code")


class Process(LifecycleModel, OwnedRecord):
    """One process of the organisation with its place in the process tree."""

    class Criticality(models.TextChoices):
        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")

    MOVES = MOVES

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    # Itself and everything above it, so that "this process and below" is one array comparison.
    lineage = ArrayField(models.BigIntegerField(), default=list, editable=False)
    level = models.PositiveSmallIntegerField(_("level"), default=0, editable=False)
    position = models.PositiveIntegerField(_("order"), default=0, editable=False)
    category = models.CharField(_("category"), max_length=20, choices=Category.choices, default=Category.CORE)
    criticality = models.CharField(
        _("criticality"), max_length=10, choices=Criticality.choices, default=Criticality.MEDIUM
    )
    purpose = models.TextField(_("purpose"), blank=True, max_length=2000)
    trigger = models.CharField(_("starts when"), max_length=300, blank=True)
    outcome = models.CharField(_("ends with"), max_length=300, blank=True)
    # The SIPOC: short lines in the order in which people wrote them.
    suppliers = sipoc_column(_("suppliers"))
    inputs = sipoc_column(_("inputs"))
    steps = sipoc_column(_("process steps"))
    outputs = sipoc_column(_("outputs"))
    customers = sipoc_column(_("customers"))
    external_reference = models.CharField(
        _("external reference"), max_length=80, blank=True, help_text=_("What another system calls this process")
    )
    state = models.CharField(_("state"), max_length=20, choices=ProcessState.choices, default=ProcessState.ACTIVE)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)
    retire_reason = models.TextField(_("why it was retired"), blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name=_("replaced by")
    )
    # Its links went over to the successor, and its address leads there.
    is_merged = models.BooleanField(_("merged"), default=False, editable=False)

    objects = ProcessQuerySet.as_manager()
    history = OwnedHistory(excluded_fields=["lineage", "level", "position"])

    class Meta(OwnedRecord.Meta):
        verbose_name = _("process")
        verbose_name_plural = _("processes")
        default_permissions = ("add", "change")
        permissions = [("keep_processes", "Keep the process tree: places, retirement, merging")]
        indexes = [
            *OwnedRecord.Meta.indexes,
            GinIndex(fields=["lineage"], name="process_lineage"),
            models.Index(fields=["parent", "position"], name="process_siblings"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("id")), name="no_process_is_its_own_parent"
            ),
            models.CheckConstraint(
                condition=~models.Q(lineage__1_9__contains=[models.F("id")]), name="no_process_stands_below_itself"
            ),
            models.CheckConstraint(condition=models.Q(level__lte=MAX_LEVEL), name="a_process_has_a_level_from_0_to_4"),
            models.CheckConstraint(
                condition=models.Q(state=ProcessState.ACTIVE, retired_at=None, is_merged=False)
                | models.Q(state=ProcessState.RETIRED, retired_at__isnull=False),
                name="a_process_is_active_or_retired_at_a_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(is_merged=False) | models.Q(successor__isnull=False),
                name="a_merged_process_has_a_successor",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("processes:process-page", args=[self.code])

    @property
    def is_retired(self) -> bool:
        return self.state == ProcessState.RETIRED

    # --- its place in the tree -----------------------------------------------------------------------

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and give the process the lineage that its parent says. Moving a branch is ``processes.tree``'s work."""
        with transaction.atomic():
            is_new = self._state.adding
            if is_new:
                self.pk = self.pk or _next_id()
                above = self.parent.lineage if self.parent else []
                self.lineage, self.level = [self.pk, *above], len(above)
                kwargs.setdefault("force_insert", True)
            super().save(*args, **kwargs)

    def is_below(self, other: "Process") -> bool:
        """Whether it is the other process or stands somewhere under it."""
        return other.pk in self.lineage

    # --- moves ---------------------------------------------------------------------------------------

    def check_move(self, move: Move, *, by: Any, successor: "Process | None" = None, **facts: Any) -> None:
        if move.name == "reactivate":
            self._refuse_unless_it_can_return()
            return
        if move.name == "retire" and self.children.filter(state=ProcessState.ACTIVE).exists():
            raise Refused(_t("It still has active sub-processes. Move or retire them first."))
        if move.name == "merge" and successor is None:
            raise Refused(_t("Choose the process that takes its place."))
        if successor is not None and successor.pk == self.pk:
            raise Refused(_t("A process cannot replace itself."))
        if successor is not None and successor.is_retired:
            raise Refused(_t("%(code)s is retired. Choose an active process.") % {"code": successor.code})

    def _refuse_unless_it_can_return(self) -> None:
        if self.is_merged:
            raise Refused(_t("It was merged into another process and cannot be reactivated."))
        if self.parent is not None and self.parent.is_retired:
            raise Refused(
                _t("It is part of a retired process. Reactivate %(code)s first.") % {"code": self.parent.code}
            )

    def apply_move(
        self, move: Move, *, by: Any, comment: str = "", successor: "Process | None" = None, **facts: Any
    ) -> dict[str, Any]:
        if move.name == "reactivate":
            self.retired_at, self.retire_reason, self.successor = None, "", None
            return {}
        self.retired_at, self.retire_reason, self.successor = timezone.now(), comment, successor
        self.is_merged = move.name == "merge"
        return {"successor": successor.pk} if successor else {}


def _next_id() -> int:
    """The key that the next process gets, so that its lineage can be stored with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('processes_process', 'id'))")
        return cursor.fetchone()[0]


class FormerProcessCode(models.Model):
    """A code that a process had before; its address still leads there."""

    code = models.CharField(max_length=80, primary_key=True)
    process = models.ForeignKey(Process, models.CASCADE, related_name="former_codes")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.code


class ProcessGrant(RecordGrant):
    """One process shown to one person or job role outside its audience, until a moment."""

    record = models.ForeignKey(Process, models.CASCADE, related_name="grants")

    class Meta(RecordGrant.Meta):
        pass
