"""Many accounts at once: what adding and changing do for one, in a handful of statements, history and ledger kept.

Accounts that need a second look (administrators, superusers) are for ``people.changing`` one by one; callers sort.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from core.ledger import line_of, record_lines
from people.changing import LISTS, Change, change_person, pending, refuse_unless_administered, words
from people.models import JobRole, Person

PLAIN = ("name", "department", "manager", "language", "time_zone")


@dataclass
class Newcomer:
    """Somebody to be added. ``values`` holds records: department, manager, job_roles; and groups by name."""

    email: str
    values: dict[str, Any]


def add_people(newcomers: list[Newcomer], *, by: Any, reason: str) -> list[Person]:
    """New accounts without a password, as ``people.invitations.add_person`` makes one."""
    people, roles, groups = [], {}, {}
    for one in newcomers:
        values = dict(one.values)
        held, names = values.pop("job_roles", []), values.pop("groups", None) or ["staff"]
        person = Person(email=one.email, is_staff="administrator" in names, **values)
        person.password = make_password(None)
        people.append(person)
        roles[one.email], groups[one.email] = held, names
    with transaction.atomic():
        Person.objects.bulk_create(people)
        _put_into_groups({person: groups[person.email] for person in people})
        _give_roles({person: roles[person.email] for person in people})
        _keep_history(people, by=by, reason=reason, update=False)
        record_lines(
            [
                line_of(
                    person,
                    "person_added",
                    by=by,
                    reason=reason,
                    data={"email": person.email, "groups": words(groups[person.email])},
                )
                for person in people
            ]
        )
    return people


def change_people(wanted: dict[int, dict[str, Any]], *, by: Any, reason: str) -> int:
    """Set the values of each person (by id), as ``people.changing.change_person`` does for one; returns how many
    became different."""
    with transaction.atomic():
        found = Person.objects.select_for_update(no_key=True, of=("self",)).select_related("manager", "department")
        people = found.prefetch_related("groups", "job_roles").in_bulk(wanted)
        changes: dict[Person, list[Change]] = {}
        for pk, person in people.items():
            refuse_unless_administered(person, by=by, event="change person")
            if by is not None and person.pk == by.pk:  # nobody gives themself more without a second person
                change_person(person, by=by, values=wanted[pk], reason=reason)
                continue
            if different := pending(person, wanted[pk]):
                changes[person] = different
        for person, different in changes.items():
            for change in different:
                if change.field not in LISTS:
                    setattr(person, change.field, wanted[person.pk][change.field])
        Person.objects.bulk_update(changes, PLAIN, batch_size=500)
        _put_into_groups({p: wanted[p.pk]["groups"] for p in _with(changes, "groups")}, anew=True)
        _give_roles({p: wanted[p.pk]["job_roles"] for p in _with(changes, "job_roles")}, anew=True)
        _keep_history(list(changes), by=by, reason=reason, update=True)
        record_lines([_line(person, different, by=by, reason=reason) for person, different in changes.items()])
    return len(changes)


def _line(person: Person, different: list[Change], *, by: Any, reason: str) -> Any:
    data: dict[str, Any] = {change.field: [change.before, change.after] for change in different}
    return line_of(person, "person_changed", by=by, reason=reason, data=data)


def _with(changes: dict[Person, list[Change]], field: str) -> list[Person]:
    return [person for person, different in changes.items() if any(change.field == field for change in different)]


def _put_into_groups(names: dict[Person, Iterable[str]], *, anew: bool = False) -> None:
    through = Person.groups.through
    known = dict(Group.objects.values_list("name", "pk"))
    if anew:
        through.objects.filter(person__in=list(names)).delete()
    rows = [through(person_id=p.pk, group_id=known[name]) for p, wanted in names.items() for name in wanted]
    through.objects.bulk_create(rows)


def _give_roles(roles: dict[Person, list[JobRole]], *, anew: bool = False) -> None:
    through = Person.job_roles.through
    if anew:
        through.objects.filter(person__in=list(roles)).delete()
    through.objects.bulk_create(
        [through(person_id=person.pk, jobrole_id=role.pk) for person, held in roles.items() for role in held]
    )


def _keep_history(people: list[Person], *, by: Any, reason: str, update: bool) -> None:
    """One line of history each, with the job roles held after the change."""
    kept = Person.history.bulk_history_create(
        people, update=update, default_user=by, default_change_reason=reason[:100] or None
    )
    line = {row.id: row.history_id for row in kept}
    held = Person.job_roles.through.objects.filter(person__in=people)
    history_of_roles = apps.get_model("people", "HistoricalPerson_job_roles")
    history_of_roles.objects.bulk_create(
        [
            history_of_roles(
                history_id=line[one.person_id], person_id=one.person_id, jobrole_id=one.jobrole_id, id=one.pk
            )
            for one in held
        ]
    )
