"""The filters of the document list: read from the address, applied to what the person may see."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.columns import Column
from core.models import CatalogEntry
from core.numbering import tidy_code
from core.questions import IDS, THE_PORTAL, OneOf, Question, Slot
from core.templatetags.kept import kept_by
from documents.forms import departments
from documents.kinds import kind_choices
from documents.lifecycle import EDITABLE
from documents.models import Document, State, Version
from people.models import Department

SORTS = {"code": "code", "title": "title", "owner": "owner__name", "review": "review_due_on", "changed": "changed_at"}
ROWS = 50
SHOWN = (
    *("code", "title", "kind", "audience", "review_due_on", "review_months", "retired_at", "changed_at"),
    *("owner__name", "department__name"),
)

STATES = [
    ("effective", _("Effective")),
    ("approved", _("Approved, not yet effective")),
    ("in_review", _("In review")),
    ("changes_requested", _("Changes requested")),
    ("draft", _("Draft")),
    ("retired", _("Retired")),
]
COLUMNS = (
    Column("kind", _("Kind"), usual=False),
    Column("version", _("Version")),
    Column("owner", _("Owner")),
    Column("department", _("Department")),
    Column("audience", _("Who may read it"), usual=False),
    Column("effective", _("Effective from"), usual=False),
    Column("review", _("Review due")),
    Column("interval", _("Months between reviews"), usual=False),
    Column("changed", _("Changed"), usual=False),
)
OWNERS = [("none", _("Without an active owner"))]
REVIEWS = [("overdue", _("Overdue")), ("soon", _("Next 90 days"))]


@dataclass(frozen=True)
class FurtherFilter:
    """A filter that an upper app adds to the list of documents. Its field is there while the address names a value."""

    name: str
    field: Callable[[Any], forms.Field]  # (person)
    apply: Callable[[QuerySet[Document], Any], QuerySet[Document]]  # (documents, cleaned value)


_further: dict[str, FurtherFilter] = {}


def register_filter(further: FurtherFilter) -> None:
    """Let the list of documents be narrowed by something that an upper app knows; from ``AppConfig.ready()``."""
    _further[further.name] = further


_DEPARTMENTS = Question(lambda _: departments())


def _any(label: Any, choices: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [("", label), *choices]


class DocumentFilter(forms.Form):
    """What the address asks for. Values that are no choices are ignored, never an error and never an oracle."""

    q = forms.CharField(label=_("Title or number"), required=False, max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    department = forms.ModelChoiceField(label=_("Department"), queryset=None, required=False, empty_label=_("Any"))
    state = forms.ChoiceField(label=_("State"), required=False, choices=_any(_("Any"), STATES))
    review = forms.ChoiceField(label=_("Review"), required=False, choices=_any(_("Any"), REVIEWS))
    owner = forms.ChoiceField(label=_("Owner"), required=False, choices=_any(_("Any"), OWNERS))
    mine = forms.BooleanField(label=_("Mine only"), required=False)

    hide_optional = True  # every filter is optional

    def __init__(self, data: Any, *, person: Any) -> None:
        super().__init__(data)
        self.person = person
        self.sort = data.get("sort", "code")
        self.fields["kind"].choices = _any(_("Any"), kind_choices())
        self.fields["department"].queryset = departments()
        self.further = [further for further in _further.values() if data.get(further.name)]
        for further in self.further:
            self.fields[further.name] = further.field(person)
        self.is_valid()

    def drawn(self) -> str:
        """The fields as they are shown. They depend on what was asked for and on what can be chosen, on nobody's
        rights, and the list of departments is long: drawn once."""
        departments = tuple((one.pk, one.name) for one in _DEPARTMENTS.rows(THE_PORTAL))
        asked = tuple(tuple(self.data.getlist(name)) for name in self.fields)
        return kept_by(("document filter", get_language(), asked, departments), self._draw)

    def _draw(self) -> str:
        fields = (field.as_field_group() for field in self.visible_fields())
        return mark_safe("".join(fields))  # noqa: S308 - each is escaped by the template that draws it

    @property
    def is_used(self) -> bool:
        return any(self.cleaned_data.get(name) for name in self.fields)

    def apply(self, documents: QuerySet[Document]) -> QuerySet[Document]:
        """The documents that match, in the order asked for."""
        chosen = self.cleaned_data
        if chosen.get("q"):
            documents = documents.filter(self._words(chosen["q"]))
        if chosen.get("kind"):
            documents = documents.filter(kind=chosen["kind"])
        if chosen.get("department"):
            documents = documents.filter(department__lineage__contains=[chosen["department"].pk])
        if chosen.get("owner") == "none":
            documents = documents.filter(Q(owner=None) | Q(owner__is_active=False), retired_at=None)
        if chosen.get("mine"):
            documents = documents.filter(Q(owner=self.person) | Q(created_by=self.person))
        if chosen.get("review"):
            documents = self._by_review(documents, chosen["review"])
        if chosen.get("state"):
            documents = self._by_state(documents, chosen["state"])
        for further in self.further:
            if chosen.get(further.name):
                documents = further.apply(documents, chosen[further.name])
        return documents.select_related("owner", "department").order_by(*self._order(owned=False))

    def _order(self, *, owned: bool) -> list[Any]:
        """Who nobody answers for, and what is never due, comes last either way. Among ``owned`` alone the index of
        names is the order."""
        name = self.sort.removeprefix("-")
        field, is_down = SORTS.get(name, "code"), self.sort.startswith("-")
        if is_down and (name == "review" or (name == "owner" and not owned)):
            return [F(field).desc(nulls_last=True), "pk"]
        return [f"-{field}" if is_down else field, "pk"]

    def to_count(self) -> QuerySet | None:
        """Who is in force stands in the index of records as well: counted there, no versions are asked, which takes
        three times as long. None where what was chosen does not all stand there."""
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        if chosen.get("state") != "effective" or not chosen.keys() <= {"kind", "department", "state"}:
            return None
        entries = CatalogEntry.objects.visible_to(self.person).in_force().filter(state="effective")
        if "kind" in chosen:
            entries = entries.filter(kind=chosen["kind"])
        if "department" in chosen:
            below = Department.objects.filter(lineage__contains=[chosen["department"].pk])
            entries = entries.filter(department_id__in=below.values("pk"))
        return entries.filter(content_type=ContentType.objects.get_for_model(Document))

    def rows(self, documents: QuerySet[Document], first: int, last: int) -> list[Document]:
        """These rows of what ``apply`` gave, with what the list shows. By owner, the names are read in their order and
        a page's documents of each, instead of joining all documents to sort them."""
        documents = documents.only(*SHOWN)
        if SORTS.get(self.sort.removeprefix("-")) != SORTS["owner"]:
            return list(documents[first:last])
        owned = documents.filter(owner__isnull=False).order_by(*self._order(owned=True))
        found = list(owned[first:last])
        if len(found) < last - first:
            skipped = 0 if found else first - owned.count()
            found += documents.filter(owner=None)[skipped : skipped + last - first - len(found)]
        return found

    def _words(self, text: str) -> Q:
        query = Q(code__icontains=tidy_code(text))
        words = Q()
        for word in text.split():
            words &= Q(title__icontains=word)
        return query | words

    def _by_review(self, documents: QuerySet[Document], when: str) -> QuerySet[Document]:
        today = timezone.localdate()
        if when == "overdue":
            return documents.filter(review_due_on__lt=today, retired_at=None)
        return documents.filter(review_due_on__range=(today, today + timedelta(days=90)), retired_at=None)

    def _by_state(self, documents: QuerySet[Document], state: str) -> QuerySet[Document]:
        """By versions this person may see; a reader finds nothing by asking for drafts."""
        if state == "retired":
            return documents.exclude(retired_at=None)
        versions = Version.objects.filter(document=OuterRef("pk"))
        # Who may see a document may see what is released of it; the rest is for who works on it.
        if state == "effective":
            return documents.filter(Exists(versions.effective()), retired_at=None)
        if state == "approved":
            return documents.filter(Exists(versions.scheduled()))
        return documents.worked_on_by(self.person).filter(Exists(versions.filter(state=state)))


_VERSIONS = Question(
    lambda person: (
        Version.objects.visible_to(person)
        .filter(OneOf("document", Slot("documents", IDS)))
        .defer("data")
        .order_by("sequence")
    )
)


def attach_shown_versions(documents: list[Document], person: Any) -> None:
    """Give each document on a page its ``shown`` version (in force, else the newest) and its ``draft``; one query."""
    ids = [document.pk for document in documents]
    visible = _VERSIONS.rows(person, documents=ids)
    now = timezone.now()
    for document in documents:
        document.shown, document.draft = None, None
    by_id = {document.pk: document for document in documents}
    for version in visible:
        document = by_id[version.document_id]
        version.document = document
        in_force = version.is_released and version.effective_from <= now
        if version.state in (*EDITABLE, State.IN_REVIEW):
            document.draft = version
        nothing_better = document.shown is None or document.shown.shown_state not in ("effective", "retired")
        if version.state != State.DISCARDED and (in_force or nothing_better):
            document.shown = version
