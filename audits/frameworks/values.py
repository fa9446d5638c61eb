"""What a requirement library holds, as plain values. No Django."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_EDITION = re.compile(r"\b(?:v|version|edition|draft)\b\.?|\bv?\d+(?:\.\d+)+\S*|\b(?:19|20)\d\d\b")
_PIECES = re.compile(r"[^\W\d_]+|\d+")


def normalised_id(text: str) -> str:
    """An identifier as people compare it: "AC-02(01)", "ac-2.1" and "AC 2 (1)" all give "ac.2.1"."""
    pieces = _PIECES.findall(text.casefold())
    return ".".join(piece.lstrip("0") or "0" if piece.isdigit() else piece for piece in pieces)


@dataclass(slots=True)
class Part:
    """One piece of a requirement's text: its statement, an item of it, guidance, an assessment objective."""

    name: str
    key: str = ""
    label: str = ""
    title: str = ""
    text: str = ""
    parts: list[Part] = field(default_factory=list)

    def walk(self) -> Iterator[Part]:
        """This part and all parts below it."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def as_data(self) -> dict[str, object]:
        """The part as JSON: empty fields are left out."""
        data: dict[str, object] = {"name": self.name}
        data |= {name: value for name in ("key", "label", "title", "text") if (value := getattr(self, name))}
        if self.parts:
            data["parts"] = [part.as_data() for part in self.parts]
        return data


@dataclass(slots=True)
class Parameter:
    """A place in the text that the organisation fills in."""

    key: str
    label: str = ""
    text: str = ""
    choices: list[str] = field(default_factory=list)

    def as_data(self) -> dict[str, object]:
        """The parameter as JSON: empty fields are left out."""
        return {name: value for name in ("key", "label", "text", "choices") if (value := getattr(self, name))}


@dataclass(slots=True)
class Entry:
    """One node of the tree: a group (family, chapter), a requirement or an enhancement of one."""

    external_id: str
    label: str  # the identifier as printed: "AC-02(01)"
    title: str
    is_group: bool = False
    parent: str = ""  # external id of the node above; empty at the root
    depth: int = 0
    is_enhancement: bool = False
    is_withdrawn: bool = False
    successors: list[str] = field(default_factory=list)  # where a withdrawn requirement went
    text: str = ""
    guidance: str = ""
    parts: list[Part] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    related: list[str] = field(default_factory=list)

    @property
    def part_count(self) -> int:
        return sum(1 for part in self.parts for _ in part.walk())


@dataclass(slots=True)
class Selection:
    """A baseline that the library itself defines: a name and the requirements it selects."""

    key: str
    title: str
    ids: list[str]


@dataclass(slots=True)
class Counts:
    """How much a file holds; ``active`` is requirements without the withdrawn ones, parts and parameters are those of
    requirements (a group may have some as well)."""

    groups: int = 0
    requirements: int = 0
    base: int = 0
    enhancements: int = 0
    withdrawn: int = 0
    active: int = 0
    parts: int = 0
    parameters: int = 0


@dataclass(slots=True)
class Library:
    """A whole catalogue of requirements in one edition; ``entries`` stand in reading order, parents first."""

    source_format: str
    title: str
    edition: str
    series: str  # the same for all editions of one library
    publisher: str = ""
    licence: str = ""
    language: str = ""
    published_on: str = ""  # ISO date
    entries: list[Entry] = field(default_factory=list)
    selections: list[Selection] = field(default_factory=list)

    def counts(self) -> Counts:
        """The figures of the file, as they are reported after an import."""
        requirements = [entry for entry in self.entries if not entry.is_group]
        withdrawn = sum(entry.is_withdrawn for entry in requirements)
        enhancements = sum(entry.is_enhancement for entry in requirements)
        return Counts(
            groups=len(self.entries) - len(requirements),
            requirements=len(requirements),
            base=len(requirements) - enhancements,
            enhancements=enhancements,
            withdrawn=withdrawn,
            active=len(requirements) - withdrawn,
            parts=sum(entry.part_count for entry in requirements),
            parameters=sum(len(entry.parameters) for entry in requirements),
        )


@dataclass(slots=True)
class Pick:
    """One instruction of a profile: these ids or patterns (shell style), or everything."""

    ids: list[str] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    everything: bool = False
    with_children: bool = False


@dataclass(slots=True)
class Profile:
    """A baseline as a file of its own: it selects from a library and adds nothing."""

    source_format: str
    title: str
    edition: str
    series: str
    sources: list[str] = field(default_factory=list)  # what it says it selects from
    include: list[Pick] = field(default_factory=list)
    exclude: list[Pick] = field(default_factory=list)


def series_of(title: str) -> str:
    """What stays the same in the titles of all editions: words without version numbers and years."""
    words = re.findall(r"[^\W_]+", _EDITION.sub(" ", title.casefold()))
    return "-".join(words)[:120]
