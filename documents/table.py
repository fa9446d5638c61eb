"""The document list as a table that goes out and comes back: what each column says, and what a changed cell means.

A cell that is as it was exported, or empty, changes nothing. Kind, version, state and effective date are for reading.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.bulk import BulkAction, Change, TableRow, Undo, gone_words
from core.day_field import DayField
from core.lifecycle import Invalid, NotAllowed, Refused
from core.numbering import tidy_code
from core.safe.spreadsheet import UnreadableTable, read_rows
from core.state_labels import state_label
from documents.bulk_actions import may_keep_some
from documents.bulk_facts import facts_back, kept, plan_facts, plan_facts_back
from documents.drafting import save_draft
from documents.filters import attach_shown_versions
from documents.keeping import change_facts
from documents.models import Document
from people.fields import PersonField, written
from people.models import Department
from people.people_table import department_paths

LABELS = {
    "code": _("Number"),
    "title": _("Title"),
    "kind": _("Kind"),
    "version": _("Version"),
    "state": _("State"),
    "owner": _("Owner"),
    "department": _("Department"),
    "effective": _("Effective from"),
    "review_due_on": _("Next review"),
    "review_months": _("Months between reviews"),
}
_WORDS = {
    "code": _("Says which document it is"),
    "title": _("Of the open draft; what is in force keeps its own until the next version"),
    "owner": _("A name or an e-mail address"),
    "department": _("Its short name, its name, or the path “Operations / Inbound”"),
    "review_due_on": _("A day from today on, as 2027-03-31"),
    "review_months": _("A whole number; 0 means no periodic review"),
}
EDITABLE = tuple(name for name in _WORDS if name != "code")
LONGEST = 300


@dataclass
class Places:
    """Departments as the table names them: by name where that is unique, else by the path from the top."""

    paths: dict[int, str]
    departments: dict[int, Department]

    @classmethod
    def read(cls) -> "Places":
        return cls(department_paths(), {one.pk: one for one in Department.objects.all()})

    def word(self, pk: int | None) -> str:
        if pk is None:
            return ""
        name = self.departments[pk].name
        return name if sum(one.name == name for one in self.departments.values()) == 1 else self.paths[pk]

    def find(self, text: str) -> Department:
        """The department by short name, path or unique name; ``Refused`` otherwise."""
        wanted = " / ".join(step.strip() for step in text.split("/")).lower()
        fitting = [
            one
            for pk, one in self.departments.items()
            if wanted in (one.code.lower(), self.paths[pk].lower(), one.name.lower())
        ]
        exact = [one for one in fitting if one.name.lower() != wanted] or fitting
        if len(exact) != 1:
            raise Refused(
                _t("Several departments are called “%(name)s”. Write the path.") % {"name": text}
                if exact
                else _t("There is no department “%(name)s”.") % {"name": text}
            )
        if not exact[0].is_active:
            raise Refused(_t("The department “%(name)s” is out of use.") % {"name": text})
        return exact[0]


# --- out -------------------------------------------------------------------------------------------------


def head(names: Iterable[str] = tuple(LABELS)) -> list[str]:
    return [str(LABELS[name]) for name in names]


def column_words() -> list[tuple[Any, Any]]:
    """What stands in each column that is taken over, in words."""
    return [(LABELS[name], text) for name, text in _WORDS.items()]


def rows_of(documents: list[Document], person: Any) -> list[list[str]]:
    """The rows of documents the person may see, in the order of ``head``; three queries."""
    attach_shown_versions(documents, person)
    places = Places.read()
    return [list(cells_of(document, places).values()) for document in documents]


def cells_of(document: Any, places: Places) -> dict[str, str]:
    """One document's cells; it has its ``shown`` version attached."""
    version = document.shown
    effective = version.effective_on if version else None
    return {
        "code": document.code,
        "title": version.title if version else document.title,
        "kind": str(document.kind_of.label),
        "version": version.number if version else "",
        "state": str(state_label(version.shown_state).word) if version else "",
        "owner": written(document.owner) if document.owner else "",
        "department": places.word(document.department_id),
        "effective": f"{effective:%Y-%m-%d}" if effective else "",
        "review_due_on": f"{document.review_due_on:%Y-%m-%d}" if document.review_due_on else "",
        "review_months": str(document.review_months),
    }


# --- back ------------------------------------------------------------------------------------------------


def read_table(file: IO[bytes], name: str, person: Any) -> tuple[list[TableRow], list[str]]:
    """The rows of an edited export with the documents they name, and the headings that mean nothing here."""
    table = list(read_rows(file, name))
    if not table:
        raise UnreadableTable(_t("The file is empty."))
    names = [_column(cell) for cell in table[0]]
    if "code" not in names:
        raise UnreadableTable(
            _t("The first row must name the columns, one of them “%(name)s”.") % {"name": LABELS["code"]}
        )
    unknown = [cell.strip()[:80] for cell, name in zip(table[0], names, strict=True) if name is None and cell.strip()]
    cells = [dict(zip(names, (cell.replace("\0", "").strip() for cell in row), strict=False)) for row in table[1:]]
    codes = {tidy_code(row.get("code", "")) for row in cells}
    known = dict(Document.objects.visible_to(person).filter(code__in=codes).values_list("code", "pk"))
    seen: dict[int, int] = {}
    return [_row(line, row, known, seen) for line, row in enumerate(cells, start=2)], unknown


def _column(cell: str) -> str | None:
    """The column behind a heading, in any of the portal's languages."""
    return _headings().get(cell.strip().lower())


def _headings() -> dict[str, str]:
    found = {name: name for name in LABELS}
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            found |= {str(label).lower(): name for name, label in LABELS.items()}
    return found


def _row(line: int, row: dict[str | None, str], known: dict[str, int], seen: dict[int, int]) -> TableRow:
    said = row.get("code", "")
    pk = known.get(tidy_code(said))
    values = {name: row[name] for name in EDITABLE if row.get(name)}
    if pk is None:
        return TableRow(line, said, None, {}, gone_words() if said else _t("The row has no number."))
    if pk in seen:
        problem = _t("This number stands in line %(line)s already.") % {"line": seen[pk]}
        return TableRow(line, said, pk, {}, problem)
    seen[pk] = line
    return TableRow(line, said, pk, values)


def plan(document: Document, person: Any, values: dict[str, Any]) -> list[Change]:
    """What a row would change, or ``Refused`` with what is wrong in which column."""
    title, facts = _meant(document, person, values)
    changes = plan_facts(document, person, facts) if facts else []
    if title is not None:
        changes.insert(0, Change(LABELS["title"], document.draft.title, title))
    return changes


def apply(document: Document, person: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Change what the row says, each part by its own rule."""
    title, facts = _meant(document, person, values)
    changes = change_facts(document, by=person, values=facts, reason=_t("changed in a table")) if facts else []
    return {"facts": kept(changes), "title": _retitle(document, person, title) if title is not None else None}


def _retitle(document: Any, person: Any, title: str) -> dict[str, Any]:
    """Give the open draft this title; returns what that changed, and in which draft."""
    draft, before = document.draft, document.draft.title
    saved = save_draft(draft, by=person, row_version=draft.row_version, title=title).version
    return {"draft": draft.pk, "before": before, "after": saved.title}


def _meant(document: Document, person: Any, values: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """The title, where it is another one, and the facts that the cells name."""
    attach_shown_versions([document], person)
    places = Places.read()
    stands = cells_of(document, places)
    different = {name: text for name, text in values.items() if name in EDITABLE and text != stands[name]}
    title = different.pop("title", None)
    facts, problems = {}, []
    for name, text in different.items():
        try:
            facts[name] = _read(name, text, places)
        except (ValidationError, Refused) as problem:
            said = problem.messages[0] if isinstance(problem, ValidationError) else problem.message
            problems.append(f"{LABELS[name]}: {said}")
    if problems:
        raise Invalid(" ".join(problems))
    return _title_meant(document, person, title), facts


def _read(name: str, text: str, places: Places) -> Any:
    readers: dict[str, Callable[[str], Any]] = {
        "owner": PersonField().clean,
        "department": places.find,
        "review_due_on": _day,
        "review_months": forms.IntegerField(min_value=0, max_value=120).clean,
    }
    return readers[name](text)


def _day(text: str) -> date:
    day = DayField().clean(text)
    if day < timezone.localdate():
        raise Refused(_t("Choose today or a later day."))
    return day


def _title_meant(document: Any, person: Any, title: str | None) -> str | None:
    """The title for the open draft; what is in force keeps its own until the next version."""
    if title is None:
        return None
    draft = document.draft
    if draft is None or not draft.is_editable:
        raise Refused(_t("Title: it changes with a new version. Open a draft first."))
    if title == draft.title:
        return None
    _refuse_unless_writer(draft, person)
    if len(title) > LONGEST:
        raise Invalid(_t("Title: longer than %(n)s letters.") % {"n": LONGEST})
    return title


def _refuse_unless_writer(draft: Any, person: Any) -> None:
    if not person.has_perm("documents.change_version", draft):
        raise NotAllowed(_t("You may not change this document."))


# --- taken back ------------------------------------------------------------------------------------------


def plan_back(document: Document, person: Any, was: dict[str, Any]) -> list[Change]:
    """What of a row would go back to what, or ``Refused``."""
    changes = plan_facts_back(document, person, was["facts"]) if was["facts"] else []
    title = _title_back(document, person, was["title"])
    if title is not None:
        changes.insert(0, Change(LABELS["title"], document.draft.title, title))
    return changes


def put_back(document: Document, person: Any, was: dict[str, Any], reason: str) -> dict[str, Any]:
    """Put back what a row changed, each part by its own rule; returns what that changed."""
    title = _title_back(document, person, was["title"])
    facts = facts_back(document, person, was["facts"], reason) if was["facts"] else {}
    return {"facts": facts, "title": _retitle(document, person, title) if title is not None else None}


def _title_back(document: Any, person: Any, was: dict[str, Any] | None) -> str | None:
    """The title for the draft it was changed in, where that is still the open draft and still has it."""
    if was is None:
        return None
    attach_shown_versions([document], person)
    draft = document.draft
    if draft is None or draft.pk != was["draft"] or not draft.is_editable:
        raise Refused(_t("Title: the draft it was changed in is not open any more."))
    if draft.title == was["before"]:
        return None
    if draft.title != was["after"]:
        said = {"fact": LABELS["title"], "now": draft.title}
        raise Refused(_t("%(fact)s: it has changed since and is now “%(now)s”.") % said)
    _refuse_unless_writer(draft, person)
    return was["before"]


TABLE = BulkAction(
    "table",
    _("Take over an edited table"),
    "table",
    plan,
    apply,
    is_for=may_keep_some,
    in_bar=False,
    undo=Undo(plan_back, put_back),
)
