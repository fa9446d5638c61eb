"""Bulk actions that set one fact of many records, by the same way as the form of one; each can be undone."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.bulk import BulkAction, Change, Undo
from core.kinds.changes import FactChange, change, pending, refuse_unless_possible
from core.lifecycle import Invalid, Refused


class ReasonForm(forms.Form):
    """Why many records are changed: it stands in the history and the ledger of each."""

    reason = forms.CharField(
        label=_("Reason"), max_length=80, required=False, help_text=_("Shown in the history of each record")
    )


def set_fact(
    kind: Any,
    fact: str,
    *,
    label: Any,
    icon: str,
    form: type[forms.Form],
    order: int = 50,
    is_for: Callable[[Any], bool] | None = None,
) -> BulkAction:
    """An action that sets ``fact`` to what the field of this name in ``form`` holds; ``form`` extends ReasonForm."""

    def plan(record: Any, person: Any, values: dict[str, Any]) -> list[Change]:
        return plan_values(kind, record, person, {fact: values[fact]})

    def apply(record: Any, person: Any, values: dict[str, Any]) -> dict[str, Any]:
        return apply_values(kind, record, person, {fact: values[fact]}, values.get("reason", ""))

    asked_for = is_for or kind.may_change_some
    return BulkAction(
        f"set-{fact}", label, icon, plan, apply, form=form, is_for=asked_for, order=order, undo=undo_of(kind)
    )


def plan_values(kind: Any, record: Any, person: Any, values: dict[str, Any]) -> list[Change]:
    """What would change in one record, or ``Refused`` with the reason."""
    changes = pending(kind, record, values)
    try:
        refuse_unless_possible(kind, record, changes, by=person)
    except ValidationError as problem:
        raise Invalid(in_one_line(kind, problem)) from problem
    return [Change(*each.words()) for each in changes]


def apply_values(kind: Any, record: Any, person: Any, values: dict[str, Any], reason: str) -> dict[str, Any]:
    """Change one record; returns what was before and after as exact values."""
    try:
        return kept(change(kind, record, values, by=person, reason=reason))
    except ValidationError as problem:
        raise Invalid(in_one_line(kind, problem)) from problem


def kept(changes: list[FactChange]) -> dict[str, Any]:
    """Before and after of each changed fact, as a row of a run keeps them for its undo."""
    return {each.fact.name: each.stored() for each in changes}


def undo_of(kind: Any) -> Undo:
    """How such changes are taken back: facts that are as the run left them become what they were before."""

    def plan(record: Any, person: Any, stored: dict[str, Any]) -> list[Change]:
        return plan_values(kind, record, person, _values_before(kind, record, stored))

    def apply(record: Any, person: Any, stored: dict[str, Any], reason: str) -> dict[str, Any]:
        return apply_values(kind, record, person, _values_before(kind, record, stored), reason)

    return Undo(plan, apply)


def _values_before(kind: Any, record: Any, stored: dict[str, Any]) -> dict[str, Any]:
    return {name: _value_before(kind.all_facts[name], record, *pair) for name, pair in stored.items()}


def _value_before(fact: Any, record: Any, before: Any, after: Any) -> Any:
    now = fact.value_of(record)
    if fact.value_type.store(now) not in (before, after):
        said = {"fact": fact.label, "now": fact.value_type.words(now) or "–"}
        raise Refused(_t("%(fact)s: it has changed since and is now “%(now)s”.") % said)
    try:
        return fact.value_type.restore(before)
    except ValidationError as problem:
        raise Refused(f"{fact.label}: {problem.messages[0]}") from problem


def in_one_line(kind: Any, problem: ValidationError) -> str:
    """The messages of a refused change, each with the label of its fact."""
    if not hasattr(problem, "error_dict"):
        return " ".join(problem.messages)
    told = []
    for name, messages in problem.message_dict.items():
        fact = kind.all_facts.get(name)
        told += [f"{fact.label}: {text}" if fact else text for text in messages]
    return " ".join(told)
