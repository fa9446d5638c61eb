from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.models import CatalogEntry
from people.models import OwnedHistory, OwnedQuerySet, OwnedRecord


class FrameworkQuerySet(OwnedQuerySet):
    def imported(self) -> "FrameworkQuerySet":
        """Libraries that came from a file."""
        return self.exclude(source_format="")

    def own(self) -> "FrameworkQuerySet":
        """Requirements that the organisation writes itself: from policies, laws, contracts."""
        return self.filter(source_format="")


class Framework(OwnedRecord):
    """One edition of a library of requirements: a standard, a law, a contract, or the organisation's own rules."""

    class Sort(models.TextChoices):
        STANDARD = "standard", _("Standard")
        LAW = "law", _("Law or regulation")
        CONTRACT = "contract", _("Contract")
        POLICY = "policy", _("Own policy")

    sort = models.CharField(_("type"), max_length=10, choices=Sort.choices, default=Sort.STANDARD)
    # The same for all editions of one library; with the edition it says which one a file is about.
    series = models.CharField(max_length=120, editable=False)
    edition = models.CharField(_("edition"), max_length=60, blank=True)
    publisher = models.CharField(_("publisher"), max_length=200, blank=True)
    licence = models.CharField(_("licence and attribution"), max_length=500, blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    description = models.TextField(_("description"), blank=True)
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="next_editions", verbose_name=_("edition before")
    )
    # How it was read; empty for requirements that are written here.
    source_format = models.CharField(max_length=20, blank=True, editable=False)
    source_file = models.CharField(_("file"), max_length=200, blank=True, editable=False)
    source_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    counts = models.JSONField(default=dict, editable=False)  # as audits.frameworks.values.Counts has them

    objects = FrameworkQuerySet.as_manager()
    history = OwnedHistory(excluded_fields=["counts"])

    class Meta(OwnedRecord.Meta):
        verbose_name = _("requirement library")
        verbose_name_plural = _("requirement libraries")
        constraints = [
            models.UniqueConstraint(
                fields=["series", "edition"], condition=~Q(source_format=""), name="one_library_per_family_and_edition"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.edition}".strip()

    def get_absolute_url(self) -> str:
        return reverse("audits:framework", args=[self.code])

    @property
    def is_own(self) -> bool:
        """Whether its requirements are written here and not imported."""
        return not self.source_format

    @classmethod
    def refresh_audiences(cls, records: "list[Framework]") -> None:
        """Who sees a library sees its requirements: their entries in the index follow."""
        super().refresh_audiences(records)
        for record in records:
            facts = {"audience_keys": sorted(set(record.audience_keys)), "owner": record.owner}
            facts["department_id"] = record.department_id
            entries = CatalogEntry.objects.filter(
                content_type=ContentType.objects.get_for_model(record.requirements.model),
                object_id__in=record.requirements.values("pk"),
            )
            entries.update(**facts)

    def recount(self) -> dict[str, Any]:
        """Store again how much it holds, counted from its rows; for libraries that are written here."""
        rows = self.requirements.filter(left_source_at=None)
        requirements = rows.filter(is_group=False)
        enhancements = requirements.filter(is_enhancement=True).count()
        total, withdrawn = requirements.count(), requirements.filter(is_withdrawn=True).count()
        self.counts = {
            "groups": rows.filter(is_group=True).count(),
            "requirements": total,
            "base": total - enhancements,
            "enhancements": enhancements,
            "withdrawn": withdrawn,
            "active": total - withdrawn,
            "parts": 0,
            "parameters": 0,
        }
        type(self).objects.filter(pk=self.pk).update(counts=self.counts)
        return self.counts
