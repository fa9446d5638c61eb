"""Who may do what to which account, and the rules that every owned record shares."""

from typing import Any

from core.entry_rules import entry_rule
from core.permissions import rule, sees
from people.models import Delegation, OwnedRecord, Person


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


# --- owned records ---------------------------------------------------------------------------------------------


def is_owner(person: Any, record: OwnedRecord) -> bool:
    """The owner, as long as they see the record."""
    return person.pk == record.owner_id and sees(person, record)


def sees_and_has(person: Any, permission: str, record: OwnedRecord) -> bool:
    """Whoever has the permission by a group ("kpis.change_kpi") and sees the record."""
    return person.has_perm(permission) and sees(person, record)


def may_change_owned(person: Any, record: OwnedRecord) -> bool:
    """The owner, and whoever may change records of this model at all and sees this one."""
    return is_owner(person, record) or sees_and_has(person, record.permission("change"), record)


def register_owner_rules(model: type[OwnedRecord]) -> None:
    """The usual answers for an owned record: owner and officers change it, attach files and keep its comments.

    Permission names are Django's ("kpis.change_kpi"): asked without a record, groups answer; asked with one, this rule.
    A model with stricter rules of its own registers those with ``@rule`` instead of calling this.
    """
    rule(model.permission("change"))(may_change_owned)
    entry_rule("core.attach_to", model)(may_change_owned)
    entry_rule("core.keep_comments", model)(may_change_owned)
