"""A table of people as a file: its columns, reading it, and writing it so that it can be read again."""

import csv
import io
from collections.abc import Iterable
from typing import IO

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.safe.spreadsheet import UnreadableTable, guarded_row, read_rows, unguarded
from people.models import Department, Person

COLUMNS = {
    "email": _("E-mail address; says who it is"),
    "name": _("Name; needed for somebody new"),
    "department": _("Short name, or the path “Operations / Inbound”; made when missing"),
    "manager": _("E-mail address of the manager"),
    "job_roles": _("Job roles with semicolons; made when missing"),
    "groups": _(
        "officer, owner, manager, auditor, staff, administrator; empty leaves them, or “staff” for somebody new"
    ),
    "language": _("en or de; empty leaves it"),
    "time_zone": _("For example Europe/Berlin; empty leaves it"),
    "active": _("yes or no; empty leaves it"),
}
OTHER_NAMES = {
    "e_mail": "email",
    "mail": "email",
    "roles": "job_roles",
    "job_role": "job_roles",
    "timezone": "time_zone",
}
MOST_ROWS = 20_000


def read_table(file: IO[bytes], name: str) -> list[list[str]]:
    """Rows of an uploaded CSV or XLSX file."""
    return list(read_rows(file, name))


def named_rows(table: list[list[str]]) -> tuple[list[dict[str, str]], list[str]]:
    """Rows by column name, with their line number, and the names of columns that mean nothing here."""
    if not table:
        raise UnreadableTable(_t("The file is empty."))
    if len(table) > MOST_ROWS:
        raise UnreadableTable(_t("More than %(n)s rows. Split the file.") % {"n": MOST_ROWS})
    names = [name.strip().lower().replace(" ", "_").replace("-", "_") for name in table[0]]
    names = [OTHER_NAMES.get(name, name) for name in names]
    if "email" not in names:
        raise UnreadableTable(_t("The first row must name the columns, one of them “email”."))
    unknown = sorted({name for name in names if name and name not in COLUMNS})
    rows = []
    for line, cells in enumerate(table[1:], start=2):
        row = {name: _bare(cell) for name, cell in zip(names, cells, strict=False) if name in COLUMNS}
        if any(row.values()):
            rows.append({"line": str(line), **row})
    return rows, unknown


def _bare(cell: str) -> str:
    return unguarded(cell.replace("\0", "").strip())


def write_csv(people: Iterable[Person]) -> str:
    """The people as CSV with all columns; read again it changes nothing."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    paths = department_paths()
    for person in people:
        row = [
            person.email,
            person.name,
            paths.get(person.department_id, ""),
            person.manager.email if person.manager else "",
            "; ".join(sorted(role.name for role in person.job_roles.all())),
            "; ".join(sorted(group.name for group in person.groups.all())),
            person.language,
            person.time_zone,
            "yes" if person.is_active else "no",
        ]
        writer.writerow(guarded_row(row))
    return out.getvalue()


def department_paths() -> dict[int, str]:
    """Every department's names from the top down, by its id."""
    known = dict(Department.objects.values_list("pk", "name"))
    lineages = Department.objects.values_list("pk", "lineage")
    return {pk: " / ".join(known[step] for step in reversed(lineage) if step in known) for pk, lineage in lineages}
