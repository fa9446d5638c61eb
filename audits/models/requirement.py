from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from audits.frameworks.values import normalised_id
from audits.models.framework import Framework
from core import catalog
from core.history import FieldHistory
from core.ledger import record_line
from core.lifecycle import NotAllowed, Refused
from core.models import Record


class RequirementQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """Entries of libraries that the person may see."""
        return self.filter(framework__audience_keys__overlap=person.keys())

    def requirements(self) -> Self:
        """Without the groups that hold them."""
        return self.filter(is_group=False)

    def active(self) -> Self:
        """Requirements that hold: not withdrawn, and still in the file that was imported last."""
        return self.filter(is_group=False, is_withdrawn=False, left_source_at=None)

    def called(self, text: str) -> Self:
        """Entries with this identifier in any spelling: "AC-2(1)" finds "AC-02(01)"."""
        return self.filter(id_key=normalised_id(text))


class Requirement(Record):
    """One entry in the tree of a library: a group, a requirement, or an enhancement of one."""

    class Applicability(models.TextChoices):
        UNDECIDED = "", _("Not decided")
        APPLIES = "applies", _("Applies")
        DOES_NOT = "not", _("Does not apply")

    framework = models.ForeignKey(Framework, models.PROTECT, related_name="requirements", verbose_name=_("library"))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("belongs to")
    )
    # As the source names it; the import finds it again by this.
    external_id = models.CharField(max_length=220)
    id_key = models.CharField(max_length=220, editable=False)  # the printed identifier, normalised for comparing
    slug = models.CharField(max_length=230, editable=False)  # its part of the address
    label = models.CharField(_("number"), max_length=80, blank=True)
    title = models.CharField(_("title"), max_length=300)
    text = models.TextField(_("text"), blank=True)
    guidance = models.TextField(_("guidance"), blank=True)
    parts = models.JSONField(default=list, blank=True)  # nested, as audits.frameworks.values.Part.as_data
    parameters = models.JSONField(default=list, blank=True)
    related = ArrayField(models.CharField(max_length=220), default=list, blank=True)
    is_group = models.BooleanField(default=False)
    is_enhancement = models.BooleanField(default=False)
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False)
    successors = ArrayField(models.CharField(max_length=220), default=list, blank=True)
    depth = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)  # in reading order
    # sha256 of what the source says; links and answers keep it to notice that the words changed.
    digest = models.CharField(max_length=64, blank=True, editable=False)
    left_source_at = models.DateTimeField(null=True, editable=False)  # a later file of the same edition lacks it

    applicability = models.CharField(
        _("applicability"), max_length=8, choices=Applicability.choices, default="", blank=True
    )
    justification = models.TextField(_("justification"), blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = RequirementQuerySet.as_manager()
    history = FieldHistory(excluded_fields=["row_version", "position", "id_key", "slug", "parts", "parameters"])

    class Meta:
        ordering = ["framework", "position", "id"]
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["framework", "external_id"], name="one_requirement_per_external_id"),
            models.UniqueConstraint(fields=["framework", "slug"], name="one_requirement_per_address"),
            models.CheckConstraint(
                condition=~Q(applicability="not") | ~Q(justification=""),
                name="what_does_not_apply_has_a_justification",
            ),
        ]
        indexes = [
            models.Index(fields=["framework", "parent", "position"], name="requirement_tree"),
            models.Index(fields=["id_key"], name="requirement_id_key"),
            GinIndex(SearchVector("label", "title", "text", config="portal"), name="requirement_words"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}".strip()

    def get_absolute_url(self) -> str:
        return reverse("audits:requirement", args=[self.framework.code, self.slug])

    @property
    def code(self) -> str:
        """What ledger lines and pages call it."""
        return self.label or self.external_id

    @property
    def audience_keys(self) -> list[str]:
        """Who sees it: who sees its library."""
        return self.framework.audience_keys

    def decide_applicability(self, *, by: Any, applicability: str, justification: str = "") -> bool:
        """Say whether the requirement applies, and why not. False where that was said already."""
        if not by.has_perm("audits.change_requirement", self):
            raise NotAllowed(_t("You may not decide for this library."))
        justification = justification.strip()
        if applicability not in self.Applicability.values:
            raise Refused(_t("Choose whether it applies."))
        if applicability == self.Applicability.DOES_NOT and not justification:
            raise Refused(_t("Enter why it does not apply."))
        with transaction.atomic():
            row = Requirement.objects.select_for_update(no_key=True).get(pk=self.pk)
            if (row.applicability, row.justification) == (applicability, justification):
                return False
            before = row.applicability
            row.applicability, row.justification = applicability, justification
            row.decided_by, row.decided_at = by, timezone.now()
            row.save(by=by, reason=justification or "applicability")
            catalog.refresh(row, words=False)
            record_line(row, "applicability", by=by, reason=justification, data={"from": before, "to": applicability})
        self.refresh_from_db()
        return True

    @property
    def is_active(self) -> bool:
        return not (self.is_group or self.is_withdrawn or self.left_source_at)
