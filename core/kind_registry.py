"""The kinds of record that apps registered, by key and by model."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.text import capfirst

if TYPE_CHECKING:
    from core.kinds.record_kind import RecordKind

_kinds: dict[str, "RecordKind"] = {}
_labels: dict[str, "KindLabel"] = {}


class KindLabel:
    """How entries of one kind are called in search, on the home page and among what people watch."""

    def __init__(self, key: str, label: Any, plural: Any, icon: str, order: int = 100) -> None:
        self.key, self.label, self.plural, self.icon, self.order = key, label, plural, icon, order


def add(kind: "RecordKind") -> None:
    """Make a kind known under its key; ``core.kinds.register`` does the rest."""
    _kinds[kind.key] = kind
    register_label(KindLabel(kind.key, capfirst(kind.label), kind.plural, kind.icon, kind.order))


def register_label(label: KindLabel) -> None:
    """Say how entries are called whose ``kind`` has this key; kinds of controlled documents do so too."""
    _labels[label.key] = label


def all_kinds() -> "list[RecordKind]":
    """All registered kinds, in the order of the navigation."""
    return sorted(_kinds.values(), key=lambda kind: (kind.order, kind.key))


def kind_named(key: str) -> "RecordKind":
    return _kinds[key]


def kind_of_model(model: type[models.Model]) -> "RecordKind | None":
    """The kind whose records are of this model, if there is one."""
    return next((kind for kind in _kinds.values() if kind.model is model), None)


def all_labels() -> list[KindLabel]:
    """Everything that can be found, in the order in which people meet it."""
    return sorted(_labels.values(), key=lambda label: (label.order, label.key))


def label_choices() -> list[tuple[str, Any]]:
    """Choices of a filter by kind."""
    return [(label.key, label.label) for label in all_labels()]


def icons() -> dict[str, str]:
    """Icon by key, for pages that show entries of every kind."""
    return {label.key: label.icon for label in _labels.values()}
