"""A table of people as a file: its columns, reading it, and writing it so that it can be read again."""

import re
from collections.abc import Iterable, Iterator
from typing import IO

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.safe.spreadsheet import UnreadableTable, read_rows, unguarded
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
# What the columns are called in tables that come from elsewhere.
_ALSO = {
    "email": "e_mail mail email_address e_mail_address mail_address work_email mailadresse e_mail_adresse",
    "name": "full_name display_name employee_name employee vollständiger_name mitarbeiter",
    "first_name": "firstname given_name forename vorname",
    "last_name": "lastname surname family_name nachname familienname",
    "department": "dept department_code department_name department_path abteilung bereich",
    "manager": "manager_email line_manager line_manager_email supervisor supervisor_email reports_to "
    "vorgesetzter vorgesetzte führungskraft",
    "job_roles": "roles role job_role job job_title position funktion stelle rolle rollen",
    "groups": "group gruppe gruppen",
    "language": "lang sprache",
    "time_zone": "timezone tz zeitzone",
    "active": "is_active status aktiv",
}
OTHER_NAMES = {other: name for name, others in _ALSO.items() for other in others.split()}
_IN_TWO = ("first_name", "last_name")  # the name, where a table has it in two columns
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
    names = [re.sub(r"[^\w]+", "_", name.strip().lower()).strip("_") for name in table[0]]
    names = [OTHER_NAMES.get(name, name) for name in names]
    if "email" not in names:
        raise UnreadableTable(_t("The first row must name the columns, one of them “email”."))
    parts = _IN_TWO if "name" not in names else ()
    unknown = sorted({name for name in names if name and name not in COLUMNS and name not in parts})
    rows = []
    for line, cells in enumerate(table[1:], start=2):
        said: dict[str, str] = {}
        for name, cell in zip(names, cells, strict=False):
            said[name] = said.get(name) or _bare(
                cell
            )  # of two columns that mean the same, the first that says anything
        row = {name: value for name, value in said.items() if name in COLUMNS}
        if any(part in names for part in parts):
            row["name"] = " ".join(said[part] for part in parts if said.get(part))
        if any(row.values()):
            rows.append({"line": str(line), **row})
    if not rows:  # with everybody who is not in the file going, a file that came out empty would empty the portal
        raise UnreadableTable(_t("The file names nobody."))
    return rows, unknown


def _bare(cell: str) -> str:
    return unguarded(cell.replace("\0", "").strip())


def table_of(people: Iterable[Person]) -> Iterator[list[str]]:
    """The people with all columns, headings first; read again it changes nothing."""
    yield list(COLUMNS)
    paths = department_paths()
    for person in people:
        yield [
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


def department_paths() -> dict[int, str]:
    """Every department's names from the top down, by its id."""
    known = dict(Department.objects.values_list("pk", "name"))
    lineages = Department.objects.values_list("pk", "lineage")
    return {pk: " / ".join(known[step] for step in reversed(lineage) if step in known) for pk, lineage in lineages}
