"""Kinds of controlled document. Document control is written once; an upper app registers what is special.

A kind says how its content is edited, rendered, read as text, and which parts others may point at.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One sort of controlled document."""

    key: str
    label: Any
    plural: Any
    prefix: str
    icon: str
    write_permission: str  # who may start and change documents of this kind at all
    media_type: str
    empty_content: bytes
    clean: Callable[[bytes], tuple[bytes, list[str]]]  # what is stored, and what was removed, in words
    text: Callable[[bytes], str]  # visible words, for search and compare
    blocks: Callable[[bytes], list[str]]  # the same, one string a block
    render: Callable[[bytes], str]  # safe HTML for the record page
    parts: Callable[[bytes], list[tuple[str, str]]]  # (key, label) of what others may point at
    edit_template: str
    order: int = 100
    review_months: int = 24
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """A text ready to be stored: as the kind cleans it, with its words and parts. Made without a database."""

    content: bytes
    words: str
    parts: list[tuple[str, str]]
    indexed: str = ""  # its words as the search compares them, where somebody has cut them already

    @classmethod
    def by(cls, kind: Kind, body: bytes) -> "Prepared":
        content, _removed = kind.clean(body)
        return cls(content, kind.text(content), kind.parts(content))


_kinds: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Make a kind known; called from the app's ``ready``."""
    _kinds[kind.key] = kind


def kind_named(key: str) -> Kind:
    return _kinds[key]


def all_kinds() -> list[Kind]:
    """All kinds, in the order in which people meet them."""
    return sorted(_kinds.values(), key=lambda kind: (kind.order, str(kind.key)))


def kind_choices() -> list[tuple[str, Any]]:
    return [(kind.key, kind.label) for kind in all_kinds()]
