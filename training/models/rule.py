from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.lifecycle import LifecycleModel, Move
from core.numbering import tidy_code
from documents.kinds import all_kinds
from documents.models import Document
from people.models import Department, JobRole, OwnedHistory, OwnedQuerySet, OwnedRecord, Person

MAX_CODES = 200
CHANGE = "training.change_readingrule"


class RuleState(models.TextChoices):
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")


def document_types() -> list[tuple[str, Any]]:
    """Types of document by key."""
    return [(kind.key, kind.label) for kind in all_kinds()]


class ReadingRuleQuerySet(OwnedQuerySet):
    def active(self) -> Self:
        return self.filter(state=RuleState.ACTIVE)


class ReadingRule(LifecycleModel, OwnedRecord):
    """Who has to read and acknowledge which documents: people by job role or department, documents by type, department
    or number."""

    MOVES: ClassVar[tuple[Move, ...]] = (
        Move("retire", {RuleState.ACTIVE}, RuleState.RETIRED, CHANGE, _("Retire"), True, "archive"),
        Move("restore", {RuleState.RETIRED}, RuleState.ACTIVE, CHANGE, _("Use again"), icon="undo"),
    )

    state = models.CharField(_("state"), max_length=20, choices=RuleState.choices, default=RuleState.ACTIVE)
    document_type = models.CharField(
        _("type of document"), max_length=40, blank=True, choices=document_types, help_text=_("Empty means every type.")
    )
    document_department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("documents of department"),
        help_text=_("With the departments below it. Empty means every department."),
    )
    document_codes = models.TextField(
        _("only these documents"), blank=True, help_text=_("Document numbers with commas, for example SOP-INB-001.")
    )
    reader_department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("people of department"),
        help_text=_("With the departments below it."),
    )
    job_roles = models.ManyToManyField(JobRole, blank=True, related_name="+", verbose_name=_("people with job role"))
    is_for_everyone = models.BooleanField(_("everyone who may read the document"), default=False)
    window_days = models.PositiveSmallIntegerField(
        _("days to read"), default=14, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    needs_signature = models.BooleanField(_("acknowledge with a signature"), default=False)
    covers_minor = models.BooleanField(_("minor versions too"), default=False)

    objects = ReadingRuleQuerySet.as_manager()
    history = OwnedHistory(m2m_fields=["job_roles"])

    class Meta(OwnedRecord.Meta):
        verbose_name = _("reading rule")
        verbose_name_plural = _("reading rules")
        default_permissions = ("add", "change")
        permissions = [("view_readings", "See who has read what, of people they may see")]

    def clean(self) -> None:
        super().clean()
        codes = self.codes()
        if len(codes) > MAX_CODES:
            message = _t("Name at most %(most)s documents. Use the type or the department for more.")
            raise ValidationError({"document_codes": message % {"most": MAX_CODES}})
        known = set(Document.objects.filter(code__in=codes).values_list("code", flat=True))
        if missing := [code for code in codes if code not in known]:
            message = _t("There is no document with the number %(codes)s.")
            raise ValidationError({"document_codes": message % {"codes": ", ".join(missing[:5])}})

    def codes(self) -> list[str]:
        """The numbers it names, tidied."""
        parts = self.document_codes.replace("\n", ",").split(",")
        return list(dict.fromkeys(tidy_code(part) for part in parts if part.strip()))

    def covers(self, document: Document) -> bool:
        """Whether the document is among those that it names."""
        if self.document_type and self.document_type != document.kind:
            return False
        if self.document_codes and document.code not in self.codes():
            return False
        if self.document_department_id is None:
            return True
        return document.department is not None and self.document_department_id in document.department.lineage

    def documents(self) -> QuerySet[Document]:
        """The documents that it names and that are not retired."""
        documents = Document.objects.filter(retired_at=None)
        if self.document_type:
            documents = documents.filter(kind=self.document_type)
        if self.document_codes:
            documents = documents.filter(code__in=self.codes())
        if self.document_department_id:
            documents = documents.filter(department__lineage__contains=[self.document_department_id])
        return documents

    def readers_among(self, people: QuerySet[Person]) -> QuerySet[Person]:
        """Those of these people whom it names."""
        if self.is_for_everyone:
            return people
        named = Q(pk__in=[])
        roles = [role.pk for role in self.job_roles.all()]
        if roles:
            named |= Q(pk__in=Person.objects.filter(job_roles__in=roles).values("pk"))
        if self.reader_department_id:
            named |= Q(department__lineage__contains=[self.reader_department_id])
        return people.filter(named)
