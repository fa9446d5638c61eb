"""Who may do what: one rule per permission, asked through ``person.has_perm(permission, record)``.

Rules are small predicates that apps register in their ``permissions.py``::

    @rule("documents.decide_version")
    def may_decide(person, version) -> bool: ...

A permission asked *without* a record ("may this person write procedures at all?") is answered by Django's
groups. A permission asked *with* a record is answered by its rule alone: neither a group nor being a superuser
skips a four-eyes rule.
"""

from collections.abc import Callable
from typing import Any

Predicate = Callable[[Any, Any], bool]


def sees(person: Any, record: Any) -> bool:
    """Whether a record, or the one behind an entry, would be among ``visible_to(person)``: asked without a query."""
    return opens(record.audience_keys, person)


def opens(keys: list[str], person: Any) -> bool:
    """Whether one of the person's keys is among these."""
    return not set(keys).isdisjoint(person.keys())


_rules: dict[str, Predicate] = {}


class DuplicateRule(Exception):
    """Two apps claim the same permission."""


def rule(permission: str) -> Callable[[Predicate], Predicate]:
    """Register the decorated predicate as the answer to ``permission`` for one record."""

    def register(predicate: Predicate) -> Predicate:
        if permission in _rules and _rules[permission] is not predicate:
            raise DuplicateRule(permission)
        _rules[permission] = predicate
        return predicate

    return register


def has_rule(permission: str) -> bool:
    """Whether an app has registered the answer to this permission."""
    return permission in _rules


class PredicateBackend:
    """Asks the rules. It signs nobody in and says nothing about permissions without a record."""

    def authenticate(self, request: Any, **credentials: Any) -> None:
        return None

    def has_perm(self, person: Any, permission: str, record: Any = None) -> bool:
        if record is None or not person.is_active:
            return False
        predicate = _rules.get(permission)
        return bool(predicate and predicate(person, record))
