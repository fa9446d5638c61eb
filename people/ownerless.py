"""Records whose owner left and that the administrator may not see: who works with them is asked to name an owner."""

from typing import Any

from django.db.models import Q, QuerySet
from django.dispatch import receiver

from core import catalog
from core.kinds import all_kinds
from core.notices import tell
from core.safe.words import gettext_noop
from people.kinds import OwnedKind
from people.leaving import person_left
from people.models import OwnedRecord, Person


@receiver(person_left)
def ask_for_new_owners(person: Person, by: Any, **kwargs: Any) -> None:
    """What the administrator sees is on the list to hand over; the rest must not be forgotten."""
    for kind in all_kinds():
        if isinstance(kind, OwnedKind):
            seen = kind.visible_to(by).filter(owner=person).values("pk") if by is not None else ()
            for record in kind.model.objects.filter(owner=person).exclude(pk__in=seen):
                _ask(kind, record, person)


def _ask(kind: OwnedKind, record: OwnedRecord, person: Person) -> None:
    text = gettext_noop("%(name)s left and owns %(code)s. Choose a new owner.", name=person, code=record.code)
    occasion = f"ownerless:{kind.key}:{record.pk}:{person.session_round}"
    entry = catalog.entry_of(record)
    tell(_who_may_choose(kind, record, person), "owned", text, occasion=occasion, url=kind.address(record), entry=entry)


def _who_may_choose(kind: OwnedKind, record: OwnedRecord, person: Person) -> list[Person]:
    """Who may change it; where nobody may, everybody who works with it: better known than forgotten."""
    workers = list(_workers(record).exclude(pk=person.pk))
    return [one for one in workers if kind.may_change(one, record)] or workers


def _workers(record: OwnedRecord) -> QuerySet[Person]:
    keys = record.working_keys()
    people = [int(key.removeprefix("person:")) for key in keys if key.startswith("person:")]
    groups = [key.removeprefix("group:") for key in keys if key.startswith("group:")]
    return Person.objects.active().filter(Q(pk__in=people) | Q(groups__name__in=groups)).distinct()
