"""People, departments, managers and job roles from a table: first a plan that changes nothing, then the same plan done.

The plan speaks in words (a path, an address, names), so that it can be shown, compared with what is stored, and made
again at the moment it is carried out.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _t

from people.changing import change_person
from people.import_rows import Outcome, PlannedRow, RowReader
from people.invitations import send_links
from people.leaving import deactivate, reactivate
from people.many import Newcomer, add_people, change_people
from people.models import Department, JobRole, Person
from people.structure import save_part

AT_ONCE = 500  # rows in one transaction


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
    # A table without one good row says nothing about who has left.
    if others_left and any(row.outcome != Outcome.REFUSED for row in planned):
        named = {row.email for row in planned}
        planned += [
            PlannedRow(0, person.email, person.name, Outcome.LEFT, person=person)
            for person in reader.people.values()
            if person.is_active and person.email.lower() not in named and not reader.stays(person)
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
    manager_of = {
        email: reader.email_of[one.manager_id]
        for email, one in reader.people.items()
        if one.manager_id in reader.email_of
    }
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
    administrators = {email for email, one in reader.people.items() if one.is_active and reader.is_administrator(one)}
    losing = [row for row in planned if row.email in administrators and reader.loses_administration(row)]
    if losing and len(losing) == len(administrators):
        for row in losing:
            row.refuse(_t("No administrator would be left."))


def carry_out(
    plan: Plan, *, by: Any, reason: str, send_links: bool = False, step: Callable[[int, int], None] | None = None
) -> list[Person]:
    """Do what the plan says, some hundred rows at a time; returns who left.

    Each part is done whole or not at all. A try that was interrupted is gone on with by planning again: what is done
    already is no difference any more. ``step`` is told how many rows are done, of how many.
    """
    doer = _Doer(by=by, reason=reason, send_links=send_links)
    left = [row for row in plan.rows if row.outcome == Outcome.LEFT]
    parts = [*_levels(plan), *_slices([row for row in plan.rows if row.outcome == Outcome.CHANGED])]
    total, done = sum(map(len, parts)) + len(left), 0
    tell = step or (lambda _done, _total: None)
    tell(0, total)
    for part in parts:
        doer.do(part)
        done += len(part)
        tell(done, total)
    for number, row in enumerate(left, start=done + 1):
        deactivate(row.person, by=by, reason=reason)
        tell(number, total)
    return [row.person for row in left]


def _slices(rows: list[PlannedRow]) -> list[list[PlannedRow]]:
    return [rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE)]


def _levels(plan: Plan) -> list[list[PlannedRow]]:
    """New rows in parts, so that every manager is there before who reports to them; rings are refused already."""
    rows = {row.email: row for row in plan.rows if row.outcome == Outcome.NEW}
    depth: dict[str, int] = {}
    for email in rows:
        path = [email]
        while path[-1] in rows and path[-1] not in depth:
            path.append(rows[path[-1]].values.get("manager") or "")
        known = depth.get(path[-1], -1)
        for step, one in enumerate(reversed(path[:-1])):
            depth[one] = known + step + 1
    levels: dict[int, list[PlannedRow]] = {}
    for row in sorted(rows.values(), key=lambda row: (depth[row.email], row.line)):
        levels.setdefault(depth[row.email], []).append(row)
    return [part for level in levels.values() for part in _slices(level)]


class _Doer:
    """Turns the words of planned rows into records, making departments and roles that are missing."""

    def __init__(self, *, by: Any, reason: str, send_links: bool) -> None:
        self.by, self.reason, self.send_links = by, reason, send_links
        self.roles = {role.name.lower(): role for role in JobRole.objects.all()}
        self.departments = {(one.parent_id, one.name.lower()): one for one in Department.objects.all()}
        self.codes = {one.code.upper() for one in self.departments.values()}
        self.people = {one.email.lower(): one for one in Person.objects.all()}
        administrators = Person.objects.filter(Q(is_superuser=True) | Q(groups__name="administrator"))
        self.administrators = set(administrators.values_list("pk", flat=True))

    @transaction.atomic
    def do(self, rows: list[PlannedRow]) -> None:
        """Carry out one part: rows that are all new, or all changed."""
        newcomers, changes = [], {}
        for row in rows:
            if row.outcome == Outcome.NEW:
                values = {name: value for name, value in self._records(row).items() if name != "active"}
                newcomers.append(Newcomer(row.email, values))
            elif self._is_delicate(row):
                self._change(row)
            else:
                changes[row.person.pk] = self._changed(row)
        added = add_people(newcomers, by=self.by, reason=self.reason) if newcomers else []
        self.people |= {person.email: person for person in added}
        if added and self.send_links:
            send_links(added, by=self.by)
        if changes:
            change_people(changes, by=self.by, reason=self.reason)

    def _is_delicate(self, row: PlannedRow) -> bool:
        """Whether rules beyond the plain change apply: who comes back, and who administers or would."""
        changed = {change.field for change in row.changes}
        touches_administration = "groups" in changed and "administrator" in row.values["groups"]
        return "active" in changed or touches_administration or row.person.pk in self.administrators

    def _changed(self, row: PlannedRow) -> dict[str, Any]:
        changed = {change.field for change in row.changes} - {"active"}
        return {name: value for name, value in self._records(row).items() if name in changed}

    def _change(self, row: PlannedRow) -> None:
        person = Person.objects.prefetch_related("groups", "job_roles").get(pk=row.person.pk)
        if any(change.field == "active" for change in row.changes):
            reactivate(person, by=self.by, reason=self.reason)
            person.refresh_from_db(fields=["is_active", "deactivated_at"])
        change_person(person, by=self.by, values=self._changed(row), reason=self.reason)

    def _records(self, row: PlannedRow) -> dict[str, Any]:
        values = dict(row.values)
        if "department" in values:
            values["department"] = self._department(values["department"])
        if "manager" in values:
            values["manager"] = self.people[values["manager"]] if values["manager"] else None
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
