"""What a map is beside its content: of which process, how it is today or how it is to be, and from what it started."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.models import Document, Version
from processes.models.process import Process


class ProcessMapQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """Maps that the person may read; whether they may see the process is another question."""
        return self.filter(document__audience_keys__overlap=person.keys())

    def current(self) -> Self:
        return self.filter(is_retired=False)


class ProcessMap(models.Model):
    """The role of one map: the process that it shows, as it is or as it is to be."""

    class Purpose(models.TextChoices):
        AS_IS = "as_is", _("As-Is: how the work is done today")
        TO_BE = "to_be", _("To-Be: how the work is to be done")

    document = models.OneToOneField(Document, models.PROTECT, related_name="process_map")
    process = models.ForeignKey(
        Process, models.PROTECT, null=True, blank=True, related_name="maps", verbose_name=_("process")
    )
    purpose = models.CharField(_("purpose"), max_length=5, choices=Purpose.choices, default=Purpose.AS_IS)
    # The very version of the As-Is map that a To-Be map was started from.
    based_on = models.ForeignKey(Version, models.PROTECT, null=True, blank=True, related_name="+")
    # Follows the document, so that the constraint below can ask it.
    is_retired = models.BooleanField(default=False, editable=False)

    objects = ProcessMapQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [("write_map", "Draw and import process maps")]
        constraints = [
            models.UniqueConstraint(
                fields=["process"],
                condition=models.Q(purpose="as_is", is_retired=False),
                name="one_as_is_map_per_process",
            ),
            models.CheckConstraint(
                condition=models.Q(purpose="to_be") | models.Q(based_on=None),
                name="only_a_to_be_map_is_based_on_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.purpose}"

    @property
    def is_to_be(self) -> bool:
        return self.purpose == self.Purpose.TO_BE

    @property
    def purpose_word(self) -> Any:
        """The short word for a label."""
        return _("To-Be") if self.is_to_be else _("As-Is")


class MapComparison(models.Model):
    """What changed between two contents: computed once per pair, kept as data."""

    before = models.CharField(max_length=64)  # sha256 of the stored content
    after = models.CharField(max_length=64)
    rules = models.PositiveSmallIntegerField()  # the edition of the rules it was computed by
    data = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["before", "after", "rules"], name="one_comparison_per_pair_of_contents")
        ]

    def __str__(self) -> str:
        return f"{self.before[:8]} {self.after[:8]}"
