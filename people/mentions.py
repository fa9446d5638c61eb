"""Who is meant when a text names somebody."""

from collections.abc import Iterable

from django.db.models import Q
from django.db.models.functions import Lower

from people.models import Person


def find_by_name_or_address(names: Iterable[str]) -> dict[str, Person]:
    """Active people by their name or address in lower case; a name that two people bear is nobody's."""
    wanted = {name.lower() for name in names}
    if not wanted:
        return {}
    people = Person.objects.active().annotate(low=Lower("name"), address=Lower("email"))
    found: dict[str, Person] = {}
    twice: set[str] = set()
    for person in people.filter(Q(low__in=wanted) | Q(address__in=wanted)):
        for name in {person.low, person.address} & wanted:
            if name in found:
                twice.add(name)
            found[name] = person
    return {name: person for name, person in found.items() if name not in twice}
