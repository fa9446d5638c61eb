"""People, departments, managers and job roles from a table: first a plan that changes nothing, then the same plan done.

The plan speaks in words (a path, an address, names), so that it can be shown, compared with what is stored, and made
again at the moment it is carried out.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _t

from people.changing import change_person
from people.import_rows import Outcome, PlannedRow, RowReader, stays
from people.invitations import add_person, send_link
from people.leaving import deactivate, reactivate
from people.models import Department, JobRole, Person
from people.structure import save_part


@dataclass
class Plan:
    """What a table would change, row by row."""

    rows: list[PlannedRow]
    new_departments: list[str] = field(default_factory=list)
    new_roles: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """How many rows of each outcome; the names are those of every import of the portal."""
        found = {outcome: 0 for outcome in Outcome}
        for row in self.rows:
            found[row.outcome] += 1
        return {
            "read": sum(1 for row in self.rows if row.line),
            "created": found[Outcome.NEW],
            "updated": found[Outcome.CHANGED],
            "unchanged": found[Outcome.UNCHANGED],
            "refused": found[Outcome.REFUSED],
            "left": found[Outcome.LEFT],
        }

    def digest(self) -> str:
        """Changes when the plan does, so that what is done is what was shown."""
        shown = [[row.line, row.email, row.outcome, [asdict(one) for one in row.changes]] for row in self.rows]
        return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()

    @property
    def changes_anything(self) -> bool:
        return any(row.outcome in (Outcome.NEW, Outcome.CHANGED, Outcome.LEFT) for row in self.rows)


def make_plan(rows: list[dict[str, str]], *, by: Any, others_left: bool = False) -> Plan:
    """Compare the table with what is stored; nothing is written."""
    reader = RowReader(rows, by=by, others_left=others_left)
    planned = [reader.read(row) for row in rows]
    _refuse_twice(planned)
    _refuse_rings(planned, reader)
    if others_left:
        named = {row.email for row in planned}
        planned += [
            PlannedRow(0, person.email, person.name, Outcome.LEFT, person=person)
            for person in reader.people.values()
            if person.is_active and person.email.lower() not in named and not stays(person, by)
        ]
    _refuse_leaving_nobody(planned, reader)
    alive = [row for row in planned if row.outcome in (Outcome.NEW, Outcome.CHANGED)]
    return Plan(planned, reader.missing_departments(alive), reader.missing_roles(alive))


def _refuse_twice(planned: list[PlannedRow]) -> None:
    first: dict[str, int] = {}
    for row in planned:
        if row.email and row.email in first:
            row.refuse(_t("The same address stands in line %(line)s.") % {"line": first[row.email]})
        first.setdefault(row.email, row.line)


def _refuse_rings(planned: list[PlannedRow], reader: RowReader) -> None:
    """Nobody reports to themself, not even over others."""
    manager_of = {email: one.manager.email.lower() for email, one in reader.people.items() if one.manager}
    manager_of |= {row.email: row.values["manager"] for row in planned if "manager" in row.values}
    for row in planned:
        if row.outcome == Outcome.REFUSED or not row.values.get("manager"):
            continue
        seen, above = set(), manager_of.get(row.email)
        while above and above not in seen:
            if above == row.email:
                row.refuse(_t("They would report to themself, over others."))
                break
            seen.add(above)
            above = manager_of.get(above)


def _refuse_leaving_nobody(planned: list[PlannedRow], reader: RowReader) -> None:
    """At least one administrator must be left when all is done."""
    administrators = {email for email, one in reader.people.items() if one.is_active and stays(one, None)}
    losing = [row for row in planned if row.email in administrators and reader.loses_administration(row)]
    if losing and len(losing) == len(administrators):
        for row in losing:
            row.refuse(_t("No administrator would be left."))


def carry_out(plan: Plan, *, by: Any, reason: str, send_links: bool = False) -> list[Person]:
    """Do what the plan says, all or nothing. Returns who left."""
    with transaction.atomic():
        doer = _Doer(by=by, reason=reason)
        for row in _managers_first(plan):
            if row.outcome == Outcome.NEW:
                person = doer.add(row)
                if send_links:
                    send_link(person, by=by)
            elif row.outcome == Outcome.CHANGED:
                doer.change(row)
        return [deactivate(row.person, by=by, reason=reason) for row in plan.rows if row.outcome == Outcome.LEFT]


def _managers_first(plan: Plan) -> list[PlannedRow]:
    """Rows in an order in which every manager is there before who reports to them; rings are refused already."""
    rows = {row.email: row for row in plan.rows if row.outcome in (Outcome.NEW, Outcome.CHANGED)}
    depth: dict[str, int] = {}
    for email in rows:
        path = [email]
        while path[-1] in rows and path[-1] not in depth:
            path.append(rows[path[-1]].values.get("manager") or "")
        known = depth.get(path[-1], -1)
        for step, one in enumerate(reversed(path[:-1])):
            depth[one] = known + step + 1
    return sorted(rows.values(), key=lambda row: (depth[row.email], row.line))


class _Doer:
    """Turns the words of planned rows into records, making departments and roles that are missing."""

    def __init__(self, *, by: Any, reason: str) -> None:
        self.by, self.reason = by, reason
        self.roles = {role.name.lower(): role for role in JobRole.objects.all()}
        self.departments = {(one.parent_id, one.name.lower()): one for one in Department.objects.all()}
        self.codes = {one.code.upper() for one in self.departments.values()}

    def add(self, row: PlannedRow) -> Person:
        values = self._records(row)
        values.pop("active", None)
        return add_person(by=self.by, email=row.email, name=str(values.pop("name")), values=values, reason=self.reason)

    def change(self, row: PlannedRow) -> None:
        changed = {change.field for change in row.changes}
        person = Person.objects.prefetch_related("groups", "job_roles").get(pk=row.person.pk)
        if "active" in changed:
            reactivate(person, by=self.by, reason=self.reason)
            person.refresh_from_db(fields=["is_active", "deactivated_at"])
        values = {name: value for name, value in self._records(row).items() if name in changed - {"active"}}
        change_person(person, by=self.by, values=values, reason=self.reason)

    def _records(self, row: PlannedRow) -> dict[str, Any]:
        values = dict(row.values)
        if "department" in values:
            values["department"] = self._department(values["department"])
        if "manager" in values:
            values["manager"] = Person.objects.get(email__iexact=values["manager"]) if values["manager"] else None
        if "job_roles" in values:
            values["job_roles"] = [self._role(name) for name in values["job_roles"]]
        return values

    def _role(self, name: str) -> JobRole:
        role = self.roles.get(name.lower())
        if role is None:
            role = self.roles[name.lower()] = JobRole()
            save_part(role, by=self.by, values={"name": name})
        return role

    def _department(self, path: str) -> Department | None:
        parent: Department | None = None
        for name in path.split(" / ") if path else []:
            key = (parent.pk if parent else None, name.lower())
            department = self.departments.get(key)
            if department is None:
                department = self.departments[key] = Department()
                values = {"name": name, "code": self._fresh_code(name), "parent": parent}
                save_part(department, by=self.by, values=values)
            parent = department
        return parent

    def _fresh_code(self, name: str) -> str:
        letters = "".join(letter for letter in name.upper() if letter.isascii() and letter.isalnum())[:3] or "DEP"
        code, number = letters, 1
        while code in self.codes:
            number += 1
            code = f"{letters}{number}"
        self.codes.add(code)
        return code
