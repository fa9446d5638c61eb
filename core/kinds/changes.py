"""Creating and changing a record: the one way that form, table, bulk change, undo and API take.

Values are clean Python values by the name of their fact. The record is locked, the person's right and the record's own
rules (``Model.clean``, constraints, ``RecordKind.check``) are asked again, history and ledger are written, the index is
brought up to date and those who watch the record are told, in one transaction.
"""

import copy
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _t

from core import catalog
from core.history import NEW
from core.kinds.facts import Fact
from core.ledger import record_line, record_refusal
from core.lifecycle import NotAllowed, Refused
from core.safe.words import gettext_noop
from core.watching import announce


@dataclass(frozen=True)
class FactChange:
    """One fact that becomes different."""

    fact: Fact
    before: Any
    after: Any

    @property
    def label(self) -> Any:
        return self.fact.label

    def stored(self) -> list[Any]:
        """Before and after as exact JSON, for the ledger and for undoing."""
        return [self.fact.value_type.store(self.before), self.fact.value_type.store(self.after)]

    def words(self) -> list[str]:
        """Label, before and after for people, in the active language."""
        kind_of_value = self.fact.value_type
        return [str(self.label), kind_of_value.words(self.before), kind_of_value.words(self.after)]


def pending(kind: Any, record: Any, values: dict[str, Any]) -> list[FactChange]:
    """What setting these values would change, in the order of the facts."""
    found = []
    for name, fact in kind.all_facts.items():
        if name in values:
            before = fact.value_of(record)
            if not fact.value_type.equal(before, values[name]):
                found.append(FactChange(fact, before, values[name]))
    return found


def refuse_unless_possible(kind: Any, record: Any, changes: list[FactChange], *, by: Any) -> None:
    """Raise ``NotAllowed`` when this person may not make these changes, ``ValidationError`` when they make no sense."""
    if not kind.may_change(by, record):
        raise NotAllowed(_t("You may not change this %(kind)s.") % {"kind": kind.label})
    fixed = [change.label for change in changes if not change.fact.is_editable]
    if fixed:
        raise NotAllowed(_t("This cannot be changed here: %(what)s.") % {"what": ", ".join(map(str, fixed))})
    changed = copy.copy(record)
    _set_plain(changed, changes)
    names = {change.fact.name for change in changes}
    untouched = {field.name for field in kind.model._meta.fields} - names
    _validate(kind, changed, {change.fact.name: change.after for change in changes}, exclude=untouched)


def change(
    kind: Any, record: Any, values: dict[str, Any], *, by: Any, reason: str = "", row_version: int | None = None
) -> list[FactChange]:
    """Set facts of a record; returns what became different, nothing where nothing did.

    Raises ``Stale`` when somebody saved since ``row_version`` was read, ``NotAllowed``, ``ValidationError``. What was
    refused leaves a line in the ledger."""
    try:
        with transaction.atomic():
            stored = lock(record)
            if row_version is not None:
                stored.refuse_if_changed_since(row_version)
            changes = pending(kind, stored, values)
            refuse_unless_possible(kind, stored, changes, by=by)
            if changes:
                write(kind, stored, changes, by=by, reason=reason)
    except Refused as refusal:
        record_refusal(record, "change", by=by, reason=str(refusal.message))
        raise
    return changes


def create(kind: Any, values: dict[str, Any], *, by: Any, reason: str = "") -> Any:
    """Make a new record. Raises ``NotAllowed`` or ``ValidationError``; then nothing is stored."""
    if not kind.may_add(by):
        refusal = NotAllowed(_t("You may not create a %(kind)s.") % {"kind": kind.label})
        record_refusal(None, f"create {kind.key}", by=by, reason=str(refusal.message))
        raise refusal
    facts = {name: kind.all_facts[name] for name in values}
    lists = {name: values[name] for name, fact in facts.items() if fact.is_list}
    with transaction.atomic():
        record = kind.model(**{name: value for name, value in values.items() if name not in lists})
        kind.prepare_new(record, values, by=by)
        _validate(kind, record, values, exclude=set())
        record.skip_history_when_saving = True  # one line of history, with the lists
        record.save(by=by, reason=reason)
        for name, chosen in lists.items():
            getattr(record, name).set(chosen)
        del record.skip_history_when_saving
        _write_history(record, NEW, by=by, reason=reason)
        record_line(record, "created", by=by, reason=reason)
        kind.after_save(record, [], by=by)
    return record


def lock(record: Any) -> Any:
    """The record as it stands in the database, locked until the transaction ends."""
    if hasattr(record, "locked"):
        return record.locked()
    return type(record)._base_manager.select_for_update(no_key=True).get(pk=record.pk)


def write(kind: Any, record: Any, changes: list[FactChange], *, by: Any, reason: str) -> None:
    """Store what was decided on, in the caller's transaction and with the record locked; nothing is asked again."""
    _set_plain(record, changes)
    lists = [change for change in changes if change.fact.is_list]
    record.skip_history_when_saving = True
    for each in lists:
        getattr(record, each.fact.name).set(each.after)
    del record.skip_history_when_saving
    record.save(by=by, reason=reason)
    data = {"changes": {each.fact.name: each.stored() for each in changes}}
    record_line(record, "changed", by=by, reason=reason, data=data)
    kind.after_save(record, changes, by=by)
    if catalog.is_listed(type(record)):
        entry = catalog.entry_of(record)
        text = gettext_noop("%(by)s changed %(record)s", by=by, record=record)
        announce(entry, text, occasion=f"{kind.key}:{record.pk}:{record.row_version}", by=by)


def _write_history(record: Any, history_type: str, *, by: Any, reason: str) -> None:
    kept = getattr(type(record), "kept_history", None)
    if kept is not None:
        kept.write(history_type, [record], by=by, reason=reason, with_lists=True)


def _set_plain(record: models.Model, changes: list[FactChange]) -> None:
    for each in changes:
        if not each.fact.is_list:
            setattr(record, each.fact.name, each.after)


def _validate(kind: Any, record: Any, values: dict[str, Any], *, exclude: set[str]) -> None:
    """By the rules of the model, then by those of the kind; all messages at once, each at its field."""
    problems: dict[str, Any] = {}
    for check in (lambda: record.full_clean(exclude=exclude), lambda: kind.check(record, values)):
        try:
            check()
        except ValidationError as problem:
            problem.update_error_dict(problems)
    if problems:
        raise ValidationError(problems)
