"""Facts of one document among many: what would change, what was changed as exact values, and how that is taken back.

Only the facts that were changed are compared when they go back: what else has happened since does not matter.
"""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _t

from core.bulk import Change, Undo
from core.lifecycle import Refused
from documents.keeping import LABELS, FactChange, change_locked, pending, refuse_bad_facts, words
from documents.models import Document
from people.models import Department, Person


def plan_facts(document: Document, person: Any, values: dict[str, Any]) -> list[Change]:
    """What would change in one document, or ``Refused``."""
    changes = pending(document, values)
    refuse_bad_facts(document, changes, by=person)
    told = [Change(one.label, words(one.name, one.before), words(one.name, one.after)) for one in changes]
    moves = any(one.name == "department" for one in changes)
    if moves and document.audience == Document.Audience.DEPARTMENT:
        told.append(Change(_t("Readers"), _readers(document.department), _readers(values["department"])))
    return told


def _readers(department: Any) -> str:
    return _t("%(name)s and below") % {"name": department} if department else ""


def kept(changes: list[FactChange]) -> dict[str, Any]:
    """What was before and what is now of each fact, as values that last: people and departments by their key."""
    return {one.name: [_stored(one.before), _stored(one.after)] for one in changes}


def _stored(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.pk if isinstance(value, Person | Department) else value


def values_back(document: Document, kept: dict[str, Any]) -> dict[str, Any]:
    """The facts as they were before, where they are as they were left; ``Refused`` where they have moved since."""
    return {name: _as_it_was(document, name, before, after) for name, (before, after) in kept.items()}


def _as_it_was(document: Document, name: str, before: Any, after: Any) -> Any:
    now = getattr(document, name)
    if _stored(now) == before:
        return now  # somebody put it back already
    if _stored(now) != after:
        said = {"fact": LABELS[name], "now": words(name, now) or "–"}
        raise Refused(_t("%(fact)s: it has changed since and is now “%(now)s”.") % said)
    return before if before is None else _READERS.get(name, lambda stored: stored)(before)


def _person(key: int) -> Person:
    person = Person.objects.filter(pk=key).first()
    if person is None:
        raise Refused(_gone("owner"))
    if not person.is_active:
        raise Refused(_t("It belonged to %(name)s, who cannot sign in any more.") % {"name": person})
    return person


def _department(key: int) -> Department:
    department = Department.objects.filter(pk=key).first()
    if department is None:
        raise Refused(_gone("department"))
    if not department.is_active:
        raise Refused(_t("The department “%(name)s” is out of use.") % {"name": department})
    return department


def _gone(name: str) -> str:
    return _t("%(fact)s: what stood there before is not kept any more.") % {"fact": LABELS[name]}


_READERS = {"owner": _person, "department": _department, "review_due_on": date.fromisoformat}


def plan_facts_back(document: Document, person: Any, kept: dict[str, Any]) -> list[Change]:
    """What would go back to what, or ``Refused``."""
    return plan_facts(document, person, values_back(document, kept))


def facts_back(document: Document, person: Any, was: dict[str, Any], reason: str) -> dict[str, Any]:
    """Put the facts back, by the verb of the document's own page; returns what that changed."""
    return kept(change_locked(document, person, values_back(document, was), reason))


FACTS_BACK = Undo(plan_facts_back, facts_back)
