"""Who may work on requirement libraries and say what fulfils a requirement, as small predicates."""

from typing import Any

from audits.models import Requirement, RequirementLink
from core.entry_rules import entry_rule
from core.models import CatalogEntry
from core.permissions import rule, sees


@rule("audits.change_requirement")
def may_change_requirement(person: Any, requirement: Requirement) -> bool:
    """Who may change its library: words of own requirements, and whether a requirement applies."""
    return person.has_perm("audits.change_framework", requirement.framework)


def may_link(person: Any, requirement: Requirement, entry: CatalogEntry) -> bool:
    """Say that a record fulfils a requirement: who sees both and may change one of them."""
    if not (sees(person, requirement) and sees(person, entry)):
        return False
    return may_change_requirement(person, requirement) or person.has_perm("core.attach_to", entry)


@rule("audits.change_requirementlink")
def may_change_link(person: Any, link: RequirementLink) -> bool:
    return may_link(person, link.requirement, link.entry)


@entry_rule("core.attach_to", Requirement)
def may_attach(person: Any, requirement: Requirement) -> bool:
    return may_change_requirement(person, requirement)


@entry_rule("core.keep_comments", Requirement)
def may_keep_comments(person: Any, requirement: Requirement) -> bool:
    return may_change_requirement(person, requirement)
