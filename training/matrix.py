"""Who has read what: the people and documents of a filter as a matrix, in a few queries whatever their number."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from documents.kinds import kind_choices
from documents.models import Document
from people.models import Department, JobRole, Person
from training.models import Reading

PEOPLE_PER_PAGE = 50
DOCUMENTS_PER_PAGE = 20
STATES = [
    ("to_read", _("To read")),
    ("overdue", _("Overdue")),
    ("acknowledged", _("Read and acknowledged")),
]
STATE_WORDS = {**dict(STATES), "ended": _("Not needed any more"), "": _("Not assigned")}


class ReadingFilter(forms.Form):
    """What the address asks for."""

    q = forms.CharField(label=_("Person or document"), required=False, max_length=200)
    department = forms.ModelChoiceField(
        label=_("Department"), queryset=Department.objects.filter(is_active=True), required=False, empty_label=_("Any")
    )
    role = forms.ModelChoiceField(
        label=_("Job role"), queryset=JobRole.objects.all(), required=False, empty_label=_("Any")
    )
    kind = forms.ChoiceField(label=_("Type"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any")), *STATES])

    hide_optional = True

    def __init__(self, data: Any, *, person: Person) -> None:
        super().__init__(data)
        self.person = person
        self.fields["kind"].choices = [("", _("Any")), *kind_choices()]
        self.is_valid()

    @property
    def is_used(self) -> bool:
        return any(self.cleaned_data.get(name) for name in self.fields)

    def apply(self) -> QuerySet[Reading]:
        """The readings that match, of those that the person may see."""
        chosen = self.cleaned_data
        readings = Reading.objects.visible_to(self.person).counted()
        if text := (chosen.get("q") or "").strip():
            named = Q(person__name__icontains=text) | Q(document__title__icontains=text)
            readings = readings.filter(named | Q(document__code__icontains=text))
        if chosen.get("department"):
            readings = readings.filter(person__department__lineage__contains=[chosen["department"].pk])
        if chosen.get("role"):
            readings = readings.filter(person__job_roles=chosen["role"])
        if chosen.get("kind"):
            readings = readings.filter(document__kind=chosen["kind"])
        state = chosen.get("state")
        if state == "acknowledged":
            readings = readings.done()
        elif state == "overdue":
            readings = readings.overdue()
        elif state == "to_read":
            readings = readings.open().filter(due_on__gte=timezone.localdate())
        return readings


@dataclass
class Row:
    """One person of the matrix with the reading of each document, or None."""

    person: Any
    cells: list[Reading | None] = field(default_factory=list)


@dataclass
class Matrix:
    """Documents across, people down."""

    documents: list[Document]
    rows: list[Row]
    people: int  # how many people there are on all pages
    all_documents: int


def matrix_of(
    readings: QuerySet[Reading], *, people_from: int = 0, documents_from: int = 0, whole: bool = False
) -> Matrix:
    """A page of the matrix, or the whole of it for a file. Of a document each person's newest reading counts."""
    people = Person.objects.filter(pk__in=readings.order_by().values("person")).order_by("name", "pk")
    documents = Document.objects.filter(pk__in=readings.order_by().values("document")).order_by("code")
    counts = len(people) if whole else people.count(), len(documents) if whole else documents.count()
    shown_people = list(people.select_related("department"))
    shown_documents = list(documents)
    if not whole:
        shown_people = list(people.select_related("department")[people_from : people_from + PEOPLE_PER_PAGE])
        shown_documents = list(documents[documents_from : documents_from + DOCUMENTS_PER_PAGE])
    newest: dict[tuple[int, int], Reading] = {}
    inside = readings.filter(person__in=shown_people, document__in=shown_documents).select_related("version")
    for reading in inside.order_by("version__sequence"):
        newest[reading.person_id, reading.document_id] = reading
    rows = [
        Row(person, [newest.get((person.pk, document.pk)) for document in shown_documents]) for person in shown_people
    ]
    return Matrix(shown_documents, rows, *counts)


def totals(readings: QuerySet[Reading]) -> dict[str, int]:
    """How many are to be read, overdue and acknowledged."""
    today = timezone.localdate()
    is_open = Q(acknowledged_at=None, ended_at=None)
    return readings.aggregate(
        to_read=Count("pk", filter=is_open & Q(due_on__gte=today)),
        overdue=Count("pk", filter=is_open & Q(due_on__lt=today)),
        acknowledged=Count("pk", filter=~Q(acknowledged_at=None)),
    )


def by_department(readings: QuerySet[Reading]) -> list[dict[str, Any]]:
    """Due and overdue by the department of the person, the most overdue first."""
    today = timezone.localdate()
    is_open = Q(acknowledged_at=None, ended_at=None)
    return list(
        readings.order_by()
        .values("person__department__name", "person__department")
        .annotate(
            to_read=Count("pk", filter=is_open & Q(due_on__gte=today)),
            overdue=Count("pk", filter=is_open & Q(due_on__lt=today)),
            acknowledged=Count("pk", filter=~Q(acknowledged_at=None)),
        )
        .order_by("-overdue", "person__department__name")
    )


def list_rows(readings: Iterable[Reading]) -> list[list[str]]:
    """The readings as a table for a file."""
    head = [
        _t("Person"), _t("Department"), _t("Number"), _t("Title"), _t("Version"), _t("State"), _t("Due"),
        _t("Acknowledged"), _t("Content (SHA-256)"),
    ]  # fmt: skip
    return [
        head,
        *(
            [
                reading.printed_name or str(reading.person),
                str(reading.person.department or ""),
                reading.document.code,
                reading.version.title,
                reading.version.number,
                str(STATE_WORDS[reading.state]),
                reading.due_on.isoformat(),
                timezone.localtime(reading.acknowledged_at).isoformat(timespec="seconds")
                if reading.acknowledged_at
                else "",
                reading.manifest_hash,
            ]
            for reading in readings
        ),
    ]


def matrix_rows(matrix: Matrix) -> list[list[str]]:
    """The matrix as a table for a file."""
    head = [_t("Person"), _t("Department"), *(f"{document.code} {document.title}" for document in matrix.documents)]
    return [head, *([str(row.person), str(row.person.department or ""), *map(_cell, row.cells)] for row in matrix.rows)]


def _cell(reading: Reading | None) -> str:
    if reading is None:
        return ""
    words = str(STATE_WORDS[reading.state])
    day = timezone.localdate(reading.acknowledged_at) if reading.acknowledged_at else reading.due_on
    return f"{words}, {reading.version.number}, {day.isoformat()}"
