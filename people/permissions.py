"""Who may do what to which account."""

from typing import Any

from core.permissions import rule
from people.models import Delegation, Person


@rule("people.administer_person")
def may_administer(person: Any, other: Person) -> bool:
    """Administrators, but nobody touches an account that stands above their own."""
    return person.has_perm("people.change_person") and (person.is_superuser or not other.is_superuser)


@rule("people.end_delegation")
def may_end(person: Any, delegation: Delegation) -> bool:
    """Who is away, who stands in, and administrators."""
    return person.pk in (delegation.person_id, delegation.delegate_id) or person.has_perm(
        "people.administer_person", delegation.person
    )
