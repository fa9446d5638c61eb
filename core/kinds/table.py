"""The list of a kind as a table that goes out and comes back: a changed cell is previewed, then changes its record.

Cells that are as they were exported, or empty, change nothing. Derived facts and the state are for reading.
"""

from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.bulk import BulkAction, Change, TableRow, gone_words
from core.kinds.bulk import apply_values, plan_values, undo_of
from core.lifecycle import Invalid
from core.numbering import tidy_code
from core.safe.spreadsheet import UnreadableTable, read_rows

MAX_EXPORTED = 20_000
MAX_BYTES = 5 * 1024 * 1024
ID = "id"  # names the record where the kind has no code


def exported_facts(kind: Any) -> list[Any]:
    return [fact for fact in kind.all_facts.values() if fact.exported]


def editable_facts(kind: Any) -> list[Any]:
    """The columns that are taken back."""
    return [fact for fact in exported_facts(kind) if fact.is_editable and fact.name != "code"]


def head(kind: Any, facts: list[Any]) -> list[str]:
    """The headings; the first column names the record."""
    named = [str(fact.label) for fact in facts]
    return named if kind.lookup == "code" else [ID.upper(), *named]


def rows(kind: Any, records: QuerySet, person: Any) -> list[list[str]]:
    """Heading and rows of these records, in the order of ``head``."""
    facts = exported_facts(kind)
    found = list(kind.with_facts(records)[:MAX_EXPORTED])
    cells = [[fact.cell(record, person) for fact in facts] for record in found]
    if kind.lookup != "code":
        cells = [[str(record.pk), *row] for record, row in zip(found, cells, strict=True)]
    return [head(kind, facts), *cells]


def read_table(kind: Any, file: IO[bytes], name: str, person: Any) -> tuple[list[TableRow], list[str]]:
    """The rows of an edited export with the records they name, and headings that mean nothing here.

    Raises ``UnreadableTable`` in words."""
    table = list(read_rows(file, name))
    if not table:
        raise UnreadableTable(_("The file is empty."))
    headings = _headings(kind)
    names = [headings.get(cell.strip().lower()) for cell in table[0]]
    key = "code" if kind.lookup == "code" else ID
    if key not in names:
        label = kind.all_facts["code"].label if key == "code" else ID.upper()
        raise UnreadableTable(_t("The first row must name the columns, one of them “%(name)s”.") % {"name": label})
    unknown = [cell.strip()[:80] for cell, name in zip(table[0], names, strict=True) if name is None and cell.strip()]
    cells = [dict(zip(names, (cell.replace("\0", "").strip() for cell in row), strict=False)) for row in table[1:]]
    known = _known(kind, [row.get(key, "") for row in cells], person)
    editable = {fact.name for fact in editable_facts(kind)}
    seen: dict[int, int] = {}
    return [_row(line, row, key, editable, known, seen) for line, row in enumerate(cells, start=2)], unknown


def _headings(kind: Any) -> dict[str, str]:
    """Heading in lower case → fact, in any of the portal's languages."""
    found = {fact.name: fact.name for fact in exported_facts(kind)} | ({} if kind.lookup == "code" else {ID: ID})
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            found |= {str(fact.label).lower(): fact.name for fact in exported_facts(kind)}
    return found


def _known(kind: Any, names: list[str], person: Any) -> dict[str, int]:
    """How the table names a record → its key, for records that the person may see."""
    if kind.lookup == "code":
        codes = {tidy_code(name) for name in names if name}
        return dict(kind.visible_to(person).filter(code__in=codes).values_list("code", "pk"))
    ids = {int(name) for name in names if name.isdecimal() and len(name) < 18}
    return {str(pk): pk for pk in kind.visible_to(person).filter(pk__in=ids).values_list("pk", flat=True)}


def _row(
    line: int, row: dict[str | None, str], key: str, editable: set[str], known: dict[str, int], seen: dict[int, int]
) -> TableRow:
    named = row.get(key, "")
    pk = known.get(tidy_code(named) if key == "code" else named)
    values = {name: text for name, text in row.items() if name in editable and text}
    if pk is None:
        return TableRow(line, named, None, {}, gone_words() if named else _t("The row names no record."))
    if pk in seen:
        return TableRow(line, named, pk, {}, _t("The record stands in line %(line)s already.") % {"line": seen[pk]})
    seen[pk] = line
    return TableRow(line, named, pk, values)


def table_action(kind: Any) -> BulkAction:
    """Changing records by an edited table, as a bulk action that is begun with a file."""

    def plan(record: Any, person: Any, values: dict[str, Any]) -> list[Change]:
        return plan_values(kind, record, person, _meant(kind, record, values, person))

    def apply(record: Any, person: Any, values: dict[str, Any]) -> dict[str, Any]:
        meant = _meant(kind, record, values, person)
        return apply_values(kind, record, person, meant, _t("changed in a table"))

    return BulkAction(
        "table",
        _("Import edited table"),
        "table",
        plan,
        apply,
        is_for=kind.may_change_some,
        in_bar=False,
        undo=undo_of(kind),
    )


def _meant(kind: Any, record: Any, cells: dict[str, str], person: Any) -> dict[str, Any]:
    """The values of cells that are not as they would be exported now; ``Invalid`` names each column that is wrong."""
    values, problems = {}, []
    for fact in editable_facts(kind):
        text = cells.get(fact.name, "")
        if not text or text == fact.cell(record, person):
            continue
        try:
            values[fact.name] = fact.value_type.read(text, person=person)
        except ValidationError as problem:
            problems.append(f"{fact.label}: {problem.messages[0]}")
    if problems:
        raise Invalid(" ".join(problems))
    return values
