"""What people and departments add to kinds of record: ``OwnedKind``, and how facts that name them look and are read."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.functional import lazy
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import catalog
from core.bulk import BulkAction
from core.kinds import Fact, RecordForm, RecordKind
from core.kinds.bulk import ReasonForm, set_fact
from core.kinds.changes import FactChange, lock, pending, write
from core.kinds.filters import RecordFilter
from core.kinds.record_kind import Route
from core.kinds.value_types import RelatedListType, RelatedType, register_related_type
from core.navigation import Link
from core.notices import tell
from core.permissions import has_rule
from core.safe.words import gettext_noop
from core.templatetags.ui import person as person_mark
from people.fields import PeopleField, PersonField, RolesField, written
from people.leaving import Held, Holding, register_holding
from people.models import Department, JobRole, OwnedRecord, Person, register_grants
from people.people_table import department_paths
from people.permissions import register_owner_rules
from people.views.sharing import EndShareView, RecordShareView

# --- values that name people and departments -------------------------------------------------------------------


class PersonType(RelatedType):
    """A colleague: initials and name on pages, name and address in tables, the address for programs."""

    may_be_hidden = False
    is_sorted = True

    def name(self, record: Any) -> str:
        return record.email

    def html_of(self, record: Any) -> SafeString:
        return person_mark(record)

    def cell(self, value: Any) -> str:
        return "" if value is None else written(value)

    def form_field(self, *, person: Any = None, **options: Any) -> forms.Field:
        usual = {"label": capfirst(self.field.verbose_name), "required": not self.field.blank}
        usual["help_text"] = self.field.help_text or _("A name or an e-mail address")
        return PersonField(**(usual | options))

    def read(self, text: str, *, person: Any = None) -> Any:
        return self.form_field(required=False).clean(text)

    def order_by(self, name: str) -> str:
        return f"{name}__name"

    def restore(self, stored: Any) -> Any:
        found = super().restore(stored)
        if found is not None and not found.is_active:
            raise ValidationError(_t("%(name)s is deactivated. Choose somebody else.") % {"name": found})
        return found


class PeopleType(RelatedListType):
    """Several colleagues."""

    may_be_hidden = False

    def html_of(self, record: Any) -> SafeString:
        return person_mark(record)

    def name(self, record: Any) -> str:
        return record.email

    def form_field(self, *, person: Any = None, **options: Any) -> forms.Field:
        usual = {"label": capfirst(self.field.verbose_name), "required": not self.field.blank}
        usual["help_text"] = self.field.help_text or _("Names or e-mail addresses, with commas")
        return PeopleField(**(usual | options))

    def read(self, text: str, *, person: Any = None) -> Any:
        return self.form_field(required=False).clean(text)


class DepartmentType(RelatedType):
    """A department; a filter by it finds what belongs to it and to those below."""

    may_be_hidden = False
    is_filtered = True
    is_sorted = True

    def visible(self, person: Any) -> QuerySet[Department]:
        return Department.objects.filter(is_active=True)

    def name(self, record: Any) -> str:
        return record.code

    def cell(self, value: Any) -> str:
        return "" if value is None else value.name

    def order_by(self, name: str) -> str:
        return f"{name}__name"

    def read(self, text: str, *, person: Any = None) -> Any:
        """By short name, name, or the path from the top."""
        wanted = " / ".join(step.strip() for step in text.split("/")).lower()
        if not wanted:
            return None
        paths = department_paths()
        departments = list(self.visible(person))
        found = [one for one in departments if wanted in (one.code.lower(), paths[one.pk].lower())]
        found = found or [one for one in departments if one.name.lower() == wanted]
        if not found:
            raise ValidationError(_t("There is no department “%(name)s”.") % {"name": text[:100]})
        if len(found) > 1:
            raise ValidationError(
                _t("Several departments are called “%(name)s”. Write the short name.") % {"name": text}
            )
        return found[0]

    def filtered(self, records: QuerySet, name: str, value: Any) -> QuerySet:
        return records.filter(**{f"{name}__lineage__contains": [value.pk]})


class JobRolesType(RelatedListType):
    """Several job roles."""

    may_be_hidden = False

    def form_field(self, *, person: Any = None, **options: Any) -> forms.Field:
        usual = {"label": capfirst(self.field.verbose_name), "required": not self.field.blank}
        return RolesField(**(usual | options))


class JobRoleType(RelatedType):
    """One job role."""

    may_be_hidden = False


def register_types() -> None:
    """Called when the app is ready."""
    register_related_type(Person, PersonType, PeopleType)
    register_related_type(Department, DepartmentType)
    register_related_type(JobRole, JobRoleType, JobRolesType)


# --- owned records -----------------------------------------------------------------------------------------------


class OwnedFilter(RecordFilter):
    """The filters of a list, and “Mine only”."""

    mine = forms.BooleanField(label=_("Mine only"), required=False)

    def apply(self, records: QuerySet) -> QuerySet:
        if self.cleaned_data.get("mine"):
            records = records.filter(Q(owner=self.person) | Q(created_by=self.person))
        return super().apply(records)


class OwnerForm(ReasonForm):
    """Who owns the chosen records from now on."""

    owner = PersonField(
        label=_("New owner"),
        help_text=_("A name or an e-mail address"),
        error_messages={"required": _("Choose the new owner.")},
    )
    field_order = ("owner", "reason")


class DepartmentForm(ReasonForm):
    """Which department the chosen records belong to from now on."""

    department = forms.ModelChoiceField(
        label=_("Department"),
        queryset=Department.objects.none(),
        help_text=_("Codes stay. Records visible to their department follow it."),
        error_messages={"required": _("Choose a department.")},
    )
    field_order = ("department", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.filter(is_active=True)


class OwnedKind(RecordKind):
    """A kind whose model is an ``OwnedRecord``: its facts come with owner, department and who may see it, its list with
    “Mine only” and bulk actions for owner and department, and its records are handed over when their owner leaves."""

    model: ClassVar[type[OwnedRecord]]
    filter_class = OwnedFilter
    owner_is_required = True

    owned_facts: Sequence[Fact] = (
        Fact("owner", head=True),
        Fact("department"),
        Fact("audience", head=True, column=False, filterable=False),
        Fact("readers", column=None, exported=False, hide_empty=True),
        Fact("reader_roles", column=None, exported=False, hide_empty=True),
    )

    def get_facts(self) -> Iterable[Fact]:
        declared = {fact.name for fact in self.facts}
        return (*super().get_facts(), *(fact for fact in self.owned_facts if fact.name not in declared))

    def may_change_some(self, person: Any) -> bool:
        """Officers change every record they see, owners their own."""
        return super().may_change_some(person) or self.model.objects.filter(owner=person.pk).exists()

    def initial(self, person: Any) -> dict[str, Any]:
        return {"owner": written(person), "department": person.department_id}

    def adapt_form(self, form: RecordForm) -> None:
        if "owner" in form.fields:
            form.fields["owner"].required = self.owner_is_required
        if "reader_roles" in form.fields and not JobRole.objects.filter(is_active=True).exists():
            del form.fields["reader_roles"]  # there is nothing to choose

    def prepare_new(self, record: Any, values: dict[str, Any], *, by: Any) -> None:
        if record.owner_id is None and "owner" not in values:
            record.owner = by
        super().prepare_new(record, values, by=by)

    def check(self, record: Any, values: dict[str, Any]) -> None:
        problems: dict[str, Any] = {}
        owner = values.get("owner")
        if owner is not None and not owner.is_active:
            problems["owner"] = _("%(name)s is deactivated. Choose somebody else.") % {"name": owner}
        if self.owner_is_required and record.owner_id is None:
            problems["owner"] = _("Choose an owner.")
        if record.is_confidential and not self._names_somebody(record, values):
            problems["readers"] = _("Name at least one person or job role who may see it.")
        if problems:
            raise ValidationError(problems)

    def _names_somebody(self, record: Any, values: dict[str, Any]) -> bool:
        if record.pk is None:
            return bool(values.get("readers") or values.get("reader_roles"))
        named = (values.get(name, getattr(record, name).all()) for name in ("readers", "reader_roles"))
        return any(bool(one) for one in named)

    def after_save(self, record: Any, changes: list[FactChange], *, by: Any) -> None:
        record.refresh_audience()
        super().after_save(record, changes, by=by)
        if any(change.fact.name == "owner" for change in changes) and record.owner_id != getattr(by, "pk", None):
            self.tell_owner(record)

    def tell_owner(self, record: Any) -> None:
        """The new owner hears of it."""
        if record.owner is None:
            return
        text = gettext_noop("You own %(code)s now: %(title)s", code=record.code, title=self.title_of(record))
        occasion = f"owner:{self.key}:{record.pk}:{record.row_version}"
        tell([record.owner], "owned", text, occasion=occasion, url=self.address(record), entry=catalog.entry_of(record))

    def bulk_actions(self) -> Sequence[BulkAction]:
        return (
            set_fact(self, "owner", label=_("Assign owner"), icon="swap", form=OwnerForm, order=10),
            set_fact(self, "department", label=_("Set department"), icon="process", form=DepartmentForm, order=20),
            *super().bulk_actions(),
        )

    @property
    def can_be_shared(self) -> bool:
        """Whether the model has grants (people/models/grant.py)."""
        return hasattr(self.model, "grants")

    def routes(self) -> list[Route]:
        if not self.can_be_shared:
            return super().routes()
        share = f"{self.base_path}/<str:code>/share/"
        more = [("share", share, RecordShareView), ("share-end", f"{share}<int:grant>/end/", EndShareView)]
        return [*super().routes(), *more]

    def menu(self, person: Any, record: Any) -> list[Link]:
        if not self.can_be_shared or not self.may_change(person, record):
            return super().menu(person, record)
        return [*super().menu(person, record), Link(_t("Share"), "users", self.address(record, "share"))]

    def register(self) -> None:
        if not has_rule(self.permission("change")):
            register_owner_rules(self.model)
        if self.can_be_shared:
            register_grants(self.model.grants.rel.related_model)
        super().register()
        register_holding(
            Holding(
                self.key,
                lazy(lambda: _t("%(kinds)s they own") % {"kinds": self.plural}, str)(),
                self.held_by,
                self.hand_over,
                50 + self.order,
            )
        )

    # --- when the owner leaves ---

    def held_by(self, person: Person, seen_by: Any) -> list[Held]:
        """What the person owns, as far as the other may see it."""
        records = self._held(seen_by).filter(owner=person)
        return [Held(self.title_of(record), self.address(record), record.code) for record in records]

    def _held(self, seen_by: Any) -> Any:
        """Records that ``seen_by`` may see; all of them for the portal itself, which hands them over."""
        return self.model._default_manager.all() if seen_by is None else self.visible_to(seen_by)

    def hand_over(self, person: Person, *, to: Person, by: Any) -> int:
        """Give the records to somebody else; each is a change of its own in history and ledger."""
        ids = list(self._held(None).filter(owner=person).order_by("pk").values_list("pk", flat=True))
        for pk in ids:
            with transaction.atomic():
                record = lock(self.model.objects.get(pk=pk))
                changes = pending(self, record, {"owner": to})
                write(self, record, changes, by=by, reason=_t("handed over by %(name)s") % {"name": person})
        return len(ids)
