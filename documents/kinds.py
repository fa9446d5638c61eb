"""Kinds of controlled document. Document control is written once; an upper app registers what is special.

A kind says which files it accepts as its content, how that is edited, read, compared and exported, and which parts
others may point at. Content is bytes: what a text looks like, how a picture is drawn and in which encoding they are
stored is the kind's alone. Nothing outside a kind decodes content.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.kind_registry import KindLabel, register_label


class PartOf(NamedTuple):
    """What others may point at inside a document, as one version has it: a step, an element, a question."""

    key: str  # at most 255 letters; says the same part in every version
    label: str
    type: str = ""  # in the words of the kind: "step", "userTask", "number"


class ContentRefused(Exception):
    """A kind cannot take this content; the message says why and what to do, for the person who sent it."""

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Export:
    """One form in which a version can be taken along."""

    label: Any
    icon: str
    url: str


@dataclass(frozen=True)
class Compared:
    """How a kind shows what changed between two contents: safe HTML, and how many changes it tells."""

    html: SafeString
    changes: int


@dataclass(frozen=True)
class PaperContent:
    """A version's content as it is drawn in a PDF: safe HTML, and rules that the sheet of paper does not know."""

    html: SafeString
    css: str = ""
    is_landscape: bool = False


def decode_utf8(content: bytes) -> str:
    """The text of bytes that the portal stored itself."""
    return content.decode(errors="replace")


def encode_utf8(text: str) -> bytes:
    """Bytes to store for what an editor sent; lone surrogates, which no encoding has, become question marks."""
    return text.encode(errors="replace")


@dataclass(frozen=True)
class Kind:
    """One sort of controlled document. The functions under "content" take the stored bytes.

    Where a kind needs a page of its own it gives ``reading``, ``editing`` or ``comparing``; who may open the page was
    asked before these are called.
    """

    key: str
    label: Any
    plural: Any
    prefix: str
    icon: str
    write_permission: str  # who may start and change documents of this kind at all
    media_type: str
    empty_content: bytes
    # what is stored, and what was removed, in words; raises ``ContentRefused`` for what the kind cannot take
    clean: Callable[[bytes], tuple[bytes, list[str]]]
    text: Callable[[bytes], str]  # visible words, for search and compare
    blocks: Callable[[bytes], list[str]]  # the same, one string a block
    render: Callable[[bytes], str]  # safe HTML for the record page
    parts: Callable[[bytes], list[PartOf]]  # in reading order
    edit_template: str = ""
    is_empty: Callable[[bytes], bool] | None = None  # nothing to submit yet; without it: no visible words
    to_editor: Callable[[bytes], str] = decode_utf8
    from_editor: Callable[[str], bytes] = encode_utf8
    encoding: str = "utf-8"  # of the stored bytes; empty where they say it themselves, as XML does
    accepts: tuple[str, ...] = ()  # endings of files that become content byte for byte: (".bpmn",)
    file_ending: str = ""  # of the content as a file; empty: the content alone is no file people can use
    content_label: Any = _("Text of the document")
    reading: Callable[[Any, Any], str] | None = None  # (request, version) → safe HTML instead of ``render``
    editing: Callable[[Any, Any], Any] | None = None  # (request, version) → the answer of the edit address
    comparing: Callable[[Any, Any, Any, bool], Compared] | None = None  # (request, before, after, only_changes)
    paper: Callable[[Any], PaperContent] | None = None  # (version) → its content in a PDF instead of ``render``
    exports: Callable[[Any], list[Export]] | None = None  # (version) → in which forms it can be taken along
    order: int = 100
    review_months: int = 24
    extra: dict[str, Any] = field(default_factory=dict)

    def has_nothing_in(self, content: bytes) -> bool:
        """Whether there is nothing that could be submitted."""
        return self.is_empty(content) if self.is_empty else not self.text(content).strip()

    def takes(self, file_name: str) -> bool:
        """Whether a file of this name becomes content of this kind, instead of a document that is a file."""
        return PurePath(file_name).suffix.lower() in self.accepts


@dataclass(frozen=True)
class Prepared:
    """A text ready to be stored: as the kind cleans it, with its words and parts. Made without a database."""

    content: bytes
    words: str
    parts: list[PartOf]
    indexed: str = ""  # its words as the search compares them, where somebody has cut them already

    @classmethod
    def by(cls, kind: Kind, body: bytes) -> "Prepared":
        content, _removed = kind.clean(body)
        return cls(content, kind.text(content), kind.parts(content))


_kinds: dict[str, Kind] = {}


def register_kind(kind: Kind) -> None:
    """Make a kind known; called from the app's ``ready``."""
    _kinds[kind.key] = kind
    register_label(KindLabel(kind.key, kind.label, kind.plural, kind.icon, kind.order))


def kind_named(key: str) -> Kind:
    return _kinds[key]


def all_kinds() -> list[Kind]:
    """All kinds, in the order in which people meet them."""
    return sorted(_kinds.values(), key=lambda kind: (kind.order, str(kind.key)))


def kind_choices() -> list[tuple[str, Any]]:
    return [(kind.key, kind.label) for kind in all_kinds()]
