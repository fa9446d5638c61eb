"""What is true of every record that belongs to somebody: code, title, owner, department, and who may see it.

    class Kpi(OwnedRecord):
        unit = models.CharField(max_length=20)

        history = OwnedHistory()  # or OwnedHistory(excluded_fields=["last_value"], m2m_fields=["processes"])

        class Meta(OwnedRecord.Meta):
            verbose_name = "KPI"
            verbose_name_plural = "KPIs"

``Kpi.objects.visible_to(person)`` is where every page, export, task and API route starts. ``save`` keeps
``audience_keys`` and the index entry up to date; after changing something else that decides who sees the record (named
readers, participants), call ``refresh_audience()``, or use ``set_readers``.

``changed_by`` and the reason in the history come from ``save(by=person, reason="…")``, as with every ``Record``.
"""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth import get_permission_codename
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from core import catalog
from core.history import FieldHistory
from core.kind_registry import kind_of_model
from core.many_rows import update_rows
from core.models import Record
from people.models.department import Department
from people.models.job_role import JobRole

DERIVED_FIELDS = ("audience_keys", "row_version")
READER_LISTS = ("readers", "reader_roles")


class Audience(models.TextChoices):
    """Who may see a record, besides those who work on it."""

    EVERYONE = "everyone", _("Everyone")
    DEPARTMENT = "department", _("The department and below")
    NAMED = "named", _("Named people and roles only (confidential)")


class OwnedQuerySet(models.QuerySet):
    """Questions about many owned records; a kind's own queryset extends it."""

    def visible_to(self, person: Any) -> Self:
        """Records whose audience shares a key with the person: one comparison of two arrays in the database."""
        return self.filter(audience_keys__overlap=person.keys())

    def owned_by(self, person: Any) -> Self:
        return self.filter(owner=person)

    def with_people(self) -> Self:
        """With what a list shows of people and departments, in the same query."""
        return self.select_related("owner", "department")


class OwnedHistory(FieldHistory):
    """``FieldHistory`` that leaves out what is derived, and keeps the lists of readers."""

    def __init__(self, *, excluded_fields: Iterable[str] = (), m2m_fields: Iterable[str] = (), **options: Any) -> None:
        super().__init__(
            excluded_fields=[*DERIVED_FIELDS, *excluded_fields], m2m_fields=[*READER_LISTS, *m2m_fields], **options
        )


class OwnedRecord(Record):
    """A record with a code, a title, an owner, a department and an audience.

    Confidential means that it is open to named people and roles only: then process officers do not see it unless they
    are named, while auditors see everything.
    """

    Audience = Audience

    code = models.CharField(_("code"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=300)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_%(app_label)s_%(class)s_set",
        verbose_name=_("owner"),
    )
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(app_label)s_%(class)s_set",
        verbose_name=_("department"),
    )
    audience = models.CharField(_("visible to"), max_length=12, choices=Audience.choices, default=Audience.EVERYONE)
    readers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("named people")
    )
    reader_roles = models.ManyToManyField(JobRole, blank=True, related_name="+", verbose_name=_("named job roles"))
    # Keys that open the record, kept by ``refresh_audiences``; a person carries keys too (people/keys.py).
    audience_keys = ArrayField(models.CharField(max_length=60), default=list, editable=False)

    # Related names that ``extra_audience_keys`` reads, fetched once for many records.
    AUDIENCE_PREFETCH: ClassVar[Sequence[str]] = ()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering: ClassVar[list[str]] = ["code"]
        indexes: ClassVar[list[models.Index]] = [GinIndex(fields=["audience_keys"], name="%(class)s_audience")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()

    def get_absolute_url(self) -> str:
        """The page of the record, where its kind says; a model without a kind overrides this."""
        return kind_of_model(type(self)).address(self)

    @property
    def is_confidential(self) -> bool:
        return self.audience == Audience.NAMED

    @classmethod
    def permission(cls, verb: str) -> str:
        """The name of Django's permission for this model: ``Kpi.permission("change")`` is "kpis.change_kpi"."""
        return f"{cls._meta.app_label}.{get_permission_codename(verb, cls._meta)}"

    def clean(self) -> None:
        super().clean()
        if self.audience == Audience.DEPARTMENT and self.department_id is None:
            raise ValidationError({"department": _("Choose the department whose people may see it.")})

    # --- who may see it ------------------------------------------------------------------------------

    def is_open_to_audience(self) -> bool:
        """Whether the audience sees it already. Override it where a draft is only for those who work on it."""
        return True

    def extra_audience_keys(self) -> Iterable[str]:
        """Keys of others who work on the record and therefore see it: ``f"person:{pk}"``, ``f"role:{pk}"``.

        Name the relations that it reads in ``AUDIENCE_PREFETCH``, so that many records cost no more queries than one.
        """
        return ()

    def working_keys(self) -> set[str]:
        """Keys of owner, creator, auditors, officers unless it is confidential, and who else works on it."""
        keys = {"group:auditor", *self.extra_audience_keys()}
        if not self.is_confidential:
            keys.add("group:officer")
        return keys | {f"person:{pk}" for pk in (self.owner_id, self.created_by_id) if pk}

    def reader_keys(self) -> set[str]:
        """Keys of the audience that was chosen for the record."""
        if self.audience == Audience.EVERYONE:
            return {"everyone"}
        if self.audience == Audience.DEPARTMENT:
            return {f"department:{self.department_id}"} if self.department_id else set()
        people = {f"person:{person.pk}" for person in self.readers.all()}
        return people | {f"role:{role.pk}" for role in self.reader_roles.all()}

    def refresh_audience(self) -> None:
        """Store the keys again after anything has changed that decides who sees the record."""
        type(self).refresh_audiences([self])

    @classmethod
    def refresh_audiences(cls, records: "list[Self]") -> None:
        """The same for many, in few statements. The keys are made from what is stored, with the rows locked, so that
        of two changes at the same time none is lost. Entries in the index get the new keys in the same transaction."""
        lists = [*READER_LISTS, *cls.AUDIENCE_PREFETCH, *(["grants"] if hasattr(cls, "grants") else [])]
        with transaction.atomic():
            rows = cls._base_manager.filter(pk__in=[record.pk for record in records]).order_by("pk")
            stored = {row.pk: row for row in rows.select_for_update(no_key=True).prefetch_related(*lists)}
            for record in records:
                record.audience_keys = stored[record.pk]._keys()
            changed = [record for record in records if record.audience_keys != stored[record.pk].audience_keys]
            update_rows(changed, ("audience_keys",))
            catalog.store_audiences(changed)

    def _keys(self) -> list[str]:
        keys = self.working_keys()
        if self.is_open_to_audience():
            keys |= self.reader_keys()
        if hasattr(self, "grants"):
            keys |= {grant.audience_key for grant in self.grants.all()}
        return sorted(keys)

    def set_readers(self, *, people: Iterable[Any], roles: Iterable[JobRole], by: Any) -> None:
        """Say who are the named people and job roles; the history shows ``by``."""
        self._history_user = by
        with transaction.atomic():
            self.readers.set(people)
            self.reader_roles.set(roles)
            self.refresh_audience()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and bring audience and index entry up to date in the same transaction, so that no caller forgets."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            self.refresh_audience()
            if catalog.is_listed(type(self)):
                catalog.refresh(self)
