"""Requirements in a table (CSV, XLSX): which column is what, and rows into a tree of groups and requirements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from audits.frameworks.places import Findings, UnreadableFramework
from audits.frameworks.values import Entry, Library, Part, Selection, series_of
from core.safe.words import gettext_noop

_EDITION = re.compile(r"(?<![\d.])v?(\d+(?:\.\d+){1,3}|(?:19|20)\d\d)(?![\d])")
_NAMES = {
    "key": ("req_id", "requirement_id", "id", "ref_id", "ref", "number", "no", "clause", "identifier", "control_id"),
    "text": ("req_description", "description", "requirement", "text", "wording", "statement", "control"),
    "title": ("title", "name", "short_name", "req_name", "requirement_name", "heading"),
    "guidance": ("guidance", "annotation", "discussion", "notes", "explanation"),
    "parent": ("parent", "parent_id", "parent_ref"),
    "level": ("l", "level", "lowest_level", "min_level"),
    "withdrawn": ("withdrawn", "deleted", "obsolete"),
}
_GROUPS = (("chapter_id", "chapter_name"), ("family_id", "family_name"), ("section_id", "section_name"))
_GROUP_NAMES = ("chapter", "family", "category", "domain", "section", "area", "group")
_MARK = re.compile(r"level_?(\d)$")
_NO = ("", "0", "no", "false", "-", "–", "n")


@dataclass
class ColumnMapping:
    """Which heading of the table holds what; empty where the table does not say it."""

    key: str = ""
    text: str = ""
    title: str = ""
    guidance: str = ""
    parent: str = ""
    level: str = ""
    withdrawn: str = ""
    groups: list[tuple[str, str]] = field(default_factory=list)  # (id, name) from the outermost, either may be ""
    marks: list[tuple[str, str]] = field(default_factory=list)  # (heading, level) where each level has a column


def guessed_mapping(headings: list[str]) -> ColumnMapping:
    """The mapping that the headings suggest: ASVS as shipped, and tables with usual names."""
    named = {_plain(heading): heading for heading in headings if heading.strip()}
    found = {role: next((named[name] for name in names if name in named), "") for role, names in _NAMES.items()}
    groups = [(named.get(key, ""), named.get(name, "")) for key, name in _GROUPS if key in named or name in named]
    if not groups:
        taken = set(found.values())
        groups = [("", named[name]) for name in _GROUP_NAMES if name in named and named[name] not in taken]
    marks = [(heading, match[1]) for name, heading in named.items() if (match := _MARK.match(name))]
    if found["level"]:
        marks = []
    if not found["text"]:
        found["text"], found["title"] = found["title"], ""
    return ColumnMapping(**found, groups=groups, marks=marks)


def read_table(rows: Iterator[list[str]], name: str, mapping: ColumnMapping | None = None) -> Library:
    """A library from rows of which the first holds the headings; raises ``UnreadableFramework``.

    Title and edition are read from the file's ``name``: "owasp_asvs_5.0.0_en.csv" is the edition 5.0.0."""
    headings = next(rows, [])
    reader = _TableReader(headings, mapping or guessed_mapping(headings))
    return reader.library(rows, name)


class _TableReader:
    def __init__(self, headings: list[str], mapping: ColumnMapping) -> None:
        self.positions = {heading: position for position, heading in reversed(list(enumerate(headings)))}
        self.mapping = mapping
        self.found = Findings()
        self.entries: dict[str, Entry] = {}
        self.levels: dict[str, list[str]] = {}
        known = [mapping.key, mapping.text, mapping.title, mapping.guidance, mapping.parent, mapping.level]
        known += [heading for pair in mapping.groups for heading in pair] + [heading for heading, _ in mapping.marks]
        for heading in known:
            if heading and heading not in self.positions:
                self.found.add("line 1", gettext_noop("There is no column “%(name)s”.", name=heading[:80]))
        if not mapping.key:
            self.found.add("line 1", gettext_noop("No column holds an id. Say which one does."))
        if not (mapping.text or mapping.title):
            self.found.add("line 1", gettext_noop("No column holds the text. Say which one does."))
        self.found.refuse_any()

    def library(self, rows: Iterator[list[str]], name: str) -> Library:
        for line, row in enumerate(rows, start=2):
            self._take(row, f"line {line}")
        if not self.entries and not self.found.problems:
            self.found.add("", gettext_noop("The table has headings but no rows."))
        self._check_parents()
        self.found.refuse_any()
        title, edition = _title_and_edition(name)
        library = Library("table", title, edition, series_of(title))
        library.entries = list(_in_reading_order(self.entries))
        library.selections = self._selections()
        return library

    def _take(self, row: list[str], place: str) -> None:
        parent = ""
        for depth, (key_heading, name_heading) in enumerate(self.mapping.groups):
            key, name = self._cell(row, key_heading), self._cell(row, name_heading)
            parent = self._group(key, name, parent, depth, place)
        key = self._cell(row, self.mapping.key)
        if not self.found.claim(key, place):
            return
        text, title = self._cell(row, self.mapping.text), self._cell(row, self.mapping.title)
        guidance = self._cell(row, self.mapping.guidance)
        above = self._cell(row, self.mapping.parent) or parent
        entry = Entry(key, key[:80], title or _shortened(text) or key, parent=above, depth=len(self.mapping.groups))
        entry.text, entry.guidance = text, guidance
        entry.parts = [Part("statement", text=text)] if text and title else []
        entry.parts += [Part("guidance", text=guidance)] if guidance else []
        entry.is_withdrawn = self._cell(row, self.mapping.withdrawn).casefold() not in _NO
        self.entries[key] = entry
        level = self._cell(row, self.mapping.level) or next(
            (level for heading, level in self.mapping.marks if self._cell(row, heading).casefold() not in _NO), ""
        )
        if level:
            self.levels.setdefault(level[:40], []).append(key)

    def _group(self, key: str, name: str, parent: str, depth: int, place: str) -> str:
        label = key or name
        if not label:
            return parent
        external_id = label if key else f"{parent}/{_plain(name)}".strip("/")
        known = self.entries.get(external_id)
        if known is None or not known.is_group:
            if known is not None:
                external_id = f"group:{external_id}"
            if external_id not in self.entries and self.found.claim(external_id, place):
                entry = Entry(external_id, key[:80], name or key, is_group=True, parent=parent, depth=depth)
                self.entries[external_id] = entry
        return external_id

    def _check_parents(self) -> None:
        for entry in self.entries.values():
            if entry.parent and entry.parent not in self.entries:
                message = gettext_noop("The parent “%(id)s” is not in the file.", id=entry.parent[:120])
                self.found.add(entry.label or entry.external_id, message)
                continue
            seen, above = {entry.external_id}, entry.parent
            while above and above not in seen and above in self.entries:
                seen.add(above)
                above = self.entries[above].parent
            if above and above in seen:
                message = gettext_noop("“%(id)s” is, over its parents, its own parent.", id=entry.external_id[:120])
                self.found.add(entry.label or entry.external_id, message)
                continue
            entry.depth = len(seen) - 1
            entry.is_enhancement = bool(not entry.is_group and entry.parent and not self.entries[entry.parent].is_group)

    def _selections(self) -> list[Selection]:
        """Levels as baselines. Numbered levels include those below them: level 2 is all of level 1 and its own."""
        numbered = all(level.isdigit() for level in self.levels)
        chosen: list[str] = []
        selections = []
        for level in sorted(self.levels, key=lambda one: (int(one) if one.isdigit() else 0, one)):
            chosen = chosen + self.levels[level] if numbered else self.levels[level]
            title = f"Level {level}" if numbered else level
            selections.append(Selection(f"level-{_plain(level)}", title, list(chosen)))
        return selections

    def _cell(self, row: list[str], heading: str) -> str:
        position = self.positions.get(heading, -1) if heading else -1
        return row[position].replace("\x00", "").strip() if 0 <= position < len(row) else ""


def _in_reading_order(entries: dict[str, Entry]) -> Iterator[Entry]:
    children: dict[str, list[Entry]] = {}
    for entry in entries.values():
        children.setdefault(entry.parent, []).append(entry)
    waiting = list(reversed(children.get("", [])))
    while waiting:
        entry = waiting.pop()
        yield entry
        waiting += reversed(children.get(entry.external_id, []))


def _title_and_edition(name: str) -> tuple[str, str]:
    stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    match = _EDITION.search(stem.replace("_", " "))
    title = _EDITION.sub(" ", stem.replace("_", " "))
    return " ".join(title.split())[:300] or stem[:300], match[1] if match else ""


def _shortened(text: str) -> str:
    line = text.split("\n", 1)[0]
    return line if len(line) <= 120 else line[:119].rsplit(" ", 1)[0] + "…"


def _plain(heading: str) -> str:
    return "_".join(re.findall(r"[^\W_]+", heading.casefold()))


def headings_of(rows: Iterator[list[str]]) -> list[str]:
    """The first row; raises ``UnreadableFramework`` where there is none."""
    row = next(rows, None)
    if row is None:
        raise UnreadableFramework.because(gettext_noop("The table is empty."))
    return row
