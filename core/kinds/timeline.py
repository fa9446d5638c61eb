"""The history of a record in words: who changed which fact from what to what, when and why; moves, files, sharing.

Field changes come from the field history, everything else from the ledger, in one list, newest first. Values are shown
as the page shows them, and what nobody changed (derived keys, counters) is not mentioned.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _t

from core.event_words import event_of, words_of
from core.history import DELETED, NEW
from core.kinds.facts import Fact
from core.kinds.value_types import DASH, RelatedType
from core.ledger import lines_of

MAX_LINES = 500
# What the field history says in more detail itself.
IN_THE_FIELDS = ("created", "changed")

# What verbs of the portal give as reason of a save, in no particular language.
VERBS = frozenset({"agreed", "planned", "written", "started", "opened", "edited", "created", "changed"})


@dataclass
class HistoryItem:
    """One line of the history."""

    at: datetime
    actor: Any
    words: str
    icon: str = "pencil"
    tone: str = ""
    reason: str = ""
    changes: list[tuple[Any, str, str]] = field(default_factory=list)  # label, before, after
    data: dict[str, Any] = field(default_factory=dict)  # what the ledger keeps of it, for a kind that says more

    @property
    def actor_name(self) -> str:
        return str(self.actor) if self.actor else _t("The portal")


def history_of(kind: Any, record: Any, person: Any) -> list[HistoryItem]:
    """The history of a record as this person may know it, newest first, ``MAX_LINES`` at most."""
    items = [*field_items(kind, record, person), *ledger_items(record)]
    return sorted(items, key=lambda item: item.at, reverse=True)[:MAX_LINES]


def ledger_items(record: Any, limit: int = MAX_LINES) -> list[HistoryItem]:
    """What the ledger says beside changes of fields."""
    if not hasattr(record, "history"):
        lines = lines_of(record)[:limit]
    else:
        lines = lines_of(record).exclude(event__in=IN_THE_FIELDS)[:limit]
    return [
        HistoryItem(
            line.at,
            line.actor or line.actor_name,
            words_of(line),
            event_of(line).icon,
            event_of(line).tone,
            line.reason,
            data=line.data,
        )
        for line in lines
    ]


def field_items(kind: Any, record: Any, person: Any) -> list[HistoryItem]:
    """What the field history says, each save compared with the one before."""
    if not hasattr(record, "history"):
        return []
    rows = list(record.history.select_related("history_user").order_by("-history_id")[: MAX_LINES + 1])
    if not rows:
        return []
    # A state changes by moves, which the ledger tells with their reasons.
    tracked = {one.name for one in rows[0].tracked_fields}
    facts = [fact for fact in kind.all_facts.values() if fact.name in tracked and fact.name != "state"]
    lists = _lists(kind, rows)
    words = _Words(kind, rows, lists, person)
    items = [_compared(newer, older, facts, lists, words) for newer, older in zip(rows, rows[1:], strict=False)]
    found = [item for item in items if item is not None]
    first = rows[-1]
    if first.history_type == NEW:
        reason = _reason_of(first)
        found.append(HistoryItem(first.history_date, first.history_user, _t("created it"), "plus", reason=reason))
    return found


Lists = dict[str, dict[int, frozenset[int]]]  # fact → line of history → keys of its records


def _lists(kind: Any, rows: list[Any]) -> Lists:
    """What stood in the many-to-many facts at each line, with one query for each fact."""
    found: Lists = {}
    for source in rows[0]._history_m2m_fields:
        if source.name not in kind.all_facts:
            continue
        kept: dict[int, set[int]] = defaultdict(set)
        model = getattr(type(rows[0]), source.name).model
        target = source.m2m_reverse_field_name()
        pairs = model.objects.filter(history__in=[row.pk for row in rows]).values_list("history_id", f"{target}_id")
        for line, key in pairs:
            kept[line].add(key)
        found[source.name] = {line: frozenset(keys) for line, keys in kept.items()}
    return found


def _reason_of(row: Any) -> str:
    """The reason that a person gave; what a verb wrote in its place is told by the ledger."""
    reason = row.history_change_reason or ""
    moves = {move.name for move in getattr(row.instance_type, "MOVES", ())}
    return "" if reason in moves | VERBS else reason


def _compared(newer: Any, older: Any, facts: list[Fact], lists: Lists, words: "_Words") -> HistoryItem | None:
    changes = []
    for fact in facts:
        before, after = getattr(older, fact.field.attname), getattr(newer, fact.field.attname)
        if before != after:
            changes.append((fact.label, words.of(fact, before), words.of(fact, after)))
    for name, kept in lists.items():
        before, after = kept.get(older.pk, frozenset()), kept.get(newer.pk, frozenset())
        if before != after:
            fact = words.facts[name]
            changes.append((fact.label, words.of_list(fact, before), words.of_list(fact, after)))
    if newer.history_type == DELETED:
        return HistoryItem(newer.history_date, newer.history_user, _t("deleted it"), "x")
    if not changes:
        return None
    reason = _reason_of(newer)
    return HistoryItem(newer.history_date, newer.history_user, _t("changed it"), reason=reason, changes=changes)


class _Words:
    """Stored values in words; the names of related records are read with one query for each model."""

    def __init__(self, kind: Any, rows: list[Any], lists: Lists, person: Any) -> None:
        self.facts = kind.all_facts
        wanted: dict[str, set[int]] = defaultdict(set)
        for name, fact in self.facts.items():
            if isinstance(fact.value_type, RelatedType) and not fact.is_list and hasattr(rows[0], f"{name}_id"):
                wanted[name] = {key for row in rows if (key := getattr(row, fact.field.attname)) is not None}
        for name, kept in lists.items():
            wanted[name] = {key for keys in kept.values() for key in keys}
        self.named = {name: self.facts[name].value_type.names(keys, person) for name, keys in wanted.items()}

    def of(self, fact: Fact, stored: Any) -> str:
        if fact.name in self.named:
            return self.named[fact.name].get(stored, DASH) if stored is not None else DASH
        return fact.value_type.words(stored) or DASH

    def of_list(self, fact: Fact, keys: frozenset[int]) -> str:
        return ", ".join(sorted(self.named[fact.name].get(key, DASH) for key in keys)) or DASH
