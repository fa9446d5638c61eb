"""Who may do what with an action. The four-eyes rule itself lives in the record (``Action.check_move``)."""

from typing import Any

from actions.models import Action
from core.entry_rules import entry_rule
from core.permissions import opens, rule, sees

KEEP = "actions.change_action"  # asked without a record: by groups


def acts_as(person: Any, holder_id: int | None) -> bool:
    """Whether the person is this one, or stands in for them today."""
    return holder_id is not None and opens([f"person:{holder_id}"], person)


@rule("actions.complete_action")
def may_complete(person: Any, action: Action) -> bool:
    return acts_as(person, action.owner_id)


@rule("actions.verify_action")
def may_verify(person: Any, action: Action) -> bool:
    """The named verifier, and who keeps actions; never anybody who owned it or did it."""
    if action.had_a_hand_in(person):
        return False
    return acts_as(person, action.verifier_id) or may_keep(person, action)


@rule("actions.extend_action")
def may_extend(person: Any, action: Action) -> bool:
    """The owner asks whoever verifies it: nobody moves their own due date."""
    return (acts_as(person, action.verifier_id) or may_keep(person, action)) and not action.had_a_hand_in(person)


@rule("actions.change_action")
def may_change(person: Any, action: Action) -> bool:
    """Whoever agreed on it, verifies it or keeps actions: words, owner, verifier."""
    if not sees(person, action):
        return False
    return person.pk == action.created_by_id or acts_as(person, action.verifier_id) or may_keep(person, action)


@rule("actions.cancel_action")
def may_cancel(person: Any, action: Action) -> bool:
    """As changing, but never whoever should do it."""
    return may_change(person, action) and not acts_as(person, action.owner_id)


@rule("actions.keep_action")
def may_keep(person: Any, action: Action) -> bool:
    return person.has_perm(KEEP) and sees(person, action)


@entry_rule("core.attach_to", Action)
def may_attach(person: Any, action: Action) -> bool:
    return acts_as(person, action.owner_id) or acts_as(person, action.verifier_id) or may_change(person, action)


@entry_rule("core.keep_comments", Action)
def may_keep_comments(person: Any, action: Action) -> bool:
    return may_change(person, action)
