"""One row of a table of people against what is stored: what it asks for, what that changes, or why it cannot be."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _t

from core.safe.line import one_line
from people.changing import Change, words
from people.forms import time_zone_choices
from people.groups import GROUPS
from people.models import Department, JobRole, Person
from people.people_table import department_paths

YES = {"yes", "y", "true", "1", "ja", "j", "x", "active", "aktiv", "employed"}
NO = {"no", "n", "false", "0", "nein", "inactive", "inaktiv", "left", "leaver", "terminated", "ausgeschieden"}
LONGEST = {"name": 120, "email": 254}


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    LEFT = "left"


@dataclass
class PlannedRow:
    """One row of the plan. ``values`` holds words: a path, an address, names."""

    line: int
    email: str
    name: str = ""
    outcome: Outcome = Outcome.UNCHANGED
    values: dict[str, Any] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    person: Person | None = None

    def refuse(self, problem: str) -> None:
        self.outcome = Outcome.REFUSED
        self.problems.append(problem)


def _names_by_person(pairs: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for person, name in pairs:
        found.setdefault(person, []).append(name)
    return found


class RowReader:
    """Reads rows with everything stored at hand, so that a thousand rows cost a handful of queries."""

    def __init__(self, rows: list[dict[str, str]], *, by: Any, others_left: bool = False) -> None:
        self.by, self.others_left = by, others_left
        self.people = {person.email.lower(): person for person in Person.objects.all()}
        self.email_of = {person.pk: email for email, person in self.people.items()}
        # Names alone: fetching the records of each person took two thirds of the time for 5,000 people.
        self.groups_of = _names_by_person(Person.groups.through.objects.values_list("person_id", "group__name"))
        self.roles_of = _names_by_person(Person.job_roles.through.objects.values_list("person_id", "jobrole__name"))
        self.coming = {row.get("email", "").lower() for row in rows if self._says(row) is not False}
        self.leaving = {row.get("email", "").lower() for row in rows if self._says(row) is False}
        self.paths = department_paths()
        self.departments = {department.pk: department for department in Department.objects.all()}
        self.by_path = {path.lower(): pk for pk, path in self.paths.items()}
        self.by_code = {department.code.lower(): pk for pk, department in self.departments.items()}
        self.roles = {role.name.lower(): role for role in JobRole.objects.all()}
        self.zones = {zone.lower(): zone for zone, _label in time_zone_choices()}

    def is_administrator(self, person: Person) -> bool:
        return person.is_superuser or "administrator" in self.groups_of.get(person.pk, ())

    def stays(self, person: Person) -> bool:
        """Who is not taken to have left for missing in a table: administrators, and who sends it."""
        return self.is_administrator(person) or (self.by is not None and person.pk == self.by.pk)

    def read(self, row: dict[str, str]) -> PlannedRow:
        """What this row asks for."""
        email = row.get("email", "").lower()
        person = self.people.get(email)
        planned = PlannedRow(int(row["line"]), email, row.get("name") or (person.name if person else ""), person=person)
        try:
            validate_email(email)
        except ValidationError:
            planned.refuse(_t("“%(text)s” is no e-mail address.") % {"text": email})
            return planned
        for name, read in self._readers().items():
            if name in row:
                try:
                    value = read(row[name], planned)
                except ValueError as problem:
                    planned.refuse(str(problem))
                else:
                    if value is not None:
                        planned.values[name] = value
        if planned.outcome != Outcome.REFUSED:
            self._decide(planned)
        return planned

    def _readers(self) -> dict[str, Any]:
        return {
            "name": self._name,
            "department": self._department,
            "manager": self._manager,
            "job_roles": self._job_roles,
            "groups": self._groups,
            "language": self._language,
            "time_zone": self._time_zone,
            "active": self._active,
        }

    # --- the columns: a value in words, None to leave it, ValueError with the reason -----------------------

    def _name(self, text: str, row: PlannedRow) -> str | None:
        name = one_line(text)
        if len(name) > LONGEST["name"]:
            raise ValueError(_t("The name is longer than %(n)s letters.") % {"n": LONGEST["name"]})
        return name or None

    def _department(self, text: str, row: PlannedRow) -> str:
        steps = [step.strip() for step in text.split("/") if step.strip()]
        path = " / ".join(steps)
        if not path:
            return ""
        pk = self.by_code.get(path.lower()) or self.by_path.get(path.lower())
        if pk is None and len(steps) == 1:
            named = [pk for pk, one in self.departments.items() if one.name.lower() == path.lower()]
            if len(named) > 1:
                raise ValueError(_t("Several departments are called “%(name)s”. Write the path.") % {"name": path})
            pk = named[0] if named else None
        if pk is None:
            return path
        if not self.departments[pk].is_active:
            raise ValueError(_t("The department “%(name)s” is out of use.") % {"name": path})
        return self.paths[pk]

    def _manager(self, text: str, row: PlannedRow) -> str:
        email = text.lower()
        if not email:
            return ""
        known = self.people.get(email)
        if email == row.email:
            raise ValueError(_t("Nobody is their own manager."))
        is_here = known is not None and known.is_active and not (self.others_left and not self.stays(known))
        if email in self.leaving or (known is not None and not (email in self.coming or is_here)):
            raise ValueError(_t("The manager “%(text)s” leaves or has left.") % {"text": text})
        if not (email in self.coming or is_here):
            raise ValueError(_t("The manager “%(text)s” is neither here nor in the file.") % {"text": text})
        return email

    def _job_roles(self, text: str, row: PlannedRow) -> list[str]:
        names: dict[str, str] = {}
        for name in (piece.strip() for piece in text.replace("|", ";").split(";")):
            role = self.roles.get(name.lower())
            if role is not None and not role.is_active:
                raise ValueError(_t("The job role “%(name)s” is out of use.") % {"name": name})
            if len(name) > LONGEST["name"]:
                raise ValueError(_t("A job role is longer than %(n)s letters.") % {"n": LONGEST["name"]})
            if name:
                names[name.lower()] = role.name if role else name
        return sorted(names.values())

    def _groups(self, text: str, row: PlannedRow) -> list[str] | None:
        names = sorted({piece.strip().lower() for piece in text.replace(",", ";").split(";") if piece.strip()})
        unknown = [name for name in names if name not in GROUPS]
        if unknown:
            raise ValueError(_t("There is no group “%(name)s”.") % {"name": unknown[0]})
        return names or None

    def _language(self, text: str, row: PlannedRow) -> str | None:
        if text and text.lower() not in dict(settings.LANGUAGES):
            raise ValueError(_t("There is no language “%(text)s”.") % {"text": text})
        return text.lower() or None

    def _time_zone(self, text: str, row: PlannedRow) -> str | None:
        if text and text.lower() not in self.zones:
            raise ValueError(_t("There is no time zone “%(text)s”.") % {"text": text})
        return self.zones.get(text.lower())

    def _active(self, text: str, row: PlannedRow) -> bool | None:
        if text and text.lower() not in YES | NO:
            raise ValueError(_t("“%(text)s” is neither yes nor no.") % {"text": text})
        return self._says({"active": text})

    @staticmethod
    def _says(row: dict[str, str]) -> bool | None:
        """Whether a row says that somebody works here (True), has left (False), or nothing of it."""
        text = row.get("active", "").lower()
        return True if text in YES else False if text in NO else None

    # --- what becomes of it ---------------------------------------------------------------------------------

    def _decide(self, row: PlannedRow) -> None:
        if row.person is None:
            if row.values.get("active") is False:
                return  # somebody who never was here has left: nothing to do
            if not row.values.get("name"):
                row.refuse(_t("Somebody new needs a name."))
                return
            if self.by is not None and not self.by.has_perm("people.change_person"):
                row.refuse(_t("Only administrators may do this."))  # not one any more when the work runs
                return
            row.values.setdefault("groups", ["staff"])
            row.outcome = Outcome.NEW
            row.changes = [
                Change(name, "", words(value)) for name, value in row.values.items() if value and value is not True
            ]
            return
        row.changes = self._differences(row)
        if not row.changes:
            return
        if self.by is not None and not self.by.has_perm("people.administer_person", row.person):
            row.refuse(_t("You may not change this account."))
        elif row.values.get("active") is False:
            if not row.person.is_active:
                row.changes = []
            elif self.by is not None and row.person.pk == self.by.pk:
                row.refuse(_t("Nobody deactivates their own account."))
            else:
                row.outcome = Outcome.LEFT
        else:
            row.outcome = Outcome.CHANGED

    def _differences(self, row: PlannedRow) -> list[Change]:
        now = self._now(row.person)
        found = []
        for name, value in row.values.items():
            before, after = words(now[name]), words(value)
            if name == "active":
                before, after = (_t("yes") if one else _t("no") for one in (now[name], value))
            if before != after:
                found.append(Change(name, before, after))
        return found

    def _now(self, person: Person) -> dict[str, Any]:
        return {
            "name": person.name,
            "department": self.paths.get(person.department_id, ""),
            "manager": self.email_of.get(person.manager_id, ""),
            "job_roles": self.roles_of.get(person.pk, []),
            "groups": self.groups_of.get(person.pk, []),
            "language": person.language,
            "time_zone": person.time_zone,
            "active": person.is_active,
        }

    def loses_administration(self, row: PlannedRow) -> bool:
        """Whether somebody who is an administrator would not be one after this row."""
        if row.outcome == Outcome.LEFT:
            return True
        if row.person is None or row.person.is_superuser:
            return False
        groups = row.values.get("groups")
        return row.outcome == Outcome.CHANGED and groups is not None and "administrator" not in groups

    def missing_departments(self, rows: list[PlannedRow]) -> list[str]:
        """Paths that would be made."""
        wanted = {row.values["department"] for row in rows if row.values.get("department")}
        every = {" / ".join(path.split(" / ")[: n + 1]) for path in wanted for n in range(path.count(" / ") + 1)}
        return sorted(path for path in every if path.lower() not in self.by_path)

    def missing_roles(self, rows: list[PlannedRow]) -> list[str]:
        """Job roles that would be made."""
        wanted = {name for row in rows for name in row.values.get("job_roles", [])}
        return sorted(name for name in wanted if name.lower() not in self.roles)
