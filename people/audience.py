"""Who is behind the keys of a record: the other direction of ``people.keys``, for asking many people at once."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from people.keys import EVERYONE
from people.models import Person


def people_opened_by(keys: Iterable[str]) -> QuerySet[Person]:
    """Active people who carry one of these keys by themselves, a job role, their department or a group.

    Grants and delegations are left out: who sees a record for a while or in somebody's place is not its audience.
    """
    named = {kind: set[str]() for kind in ("person", "role", "department", "group")}
    for key in keys:
        if key == EVERYONE:
            return Person.objects.active()
        kind, _colon, value = key.partition(":")
        if kind in named:
            named[kind].add(value)
    numbers = {kind: [int(value) for value in named[kind]] for kind in ("person", "role", "department")}
    chosen = Q(pk__in=numbers["person"]) | Q(job_roles__in=numbers["role"]) | Q(groups__name__in=named["group"])
    if numbers["department"]:
        chosen |= Q(department__lineage__overlap=numbers["department"])
    return Person.objects.active().filter(chosen).distinct()
