"""OSCAL catalogues and profiles (NIST Open Security Controls Assessment Language), from their JSON shape.

Read are the keys of OSCAL 1.x and those of its milestones before 1.0: ``properties`` for ``props``, ``parameters``
(also as a mapping by id) for ``params``, ``subcontrols`` for nested ``controls``, one value where a list is expected,
and ``include``/``exclude`` with ``calls`` and ``id-selectors`` in profiles. YAML has the same shape; XML is brought
into it by ``oscal_xml``. Source: pages.nist.gov/OSCAL, reference of the catalogue and profile models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from audits.frameworks.places import Findings, UnreadableFramework
from audits.frameworks.values import Entry, Library, Parameter, Part, Pick, Profile, series_of
from core.safe.words import gettext_noop

MAX_DEPTH = 24
_INSERT = re.compile(r"\{\{\s*(?:insert:\s*)?(?:param\s*,\s*)?([\w.\-]+)\s*\}\}")
_STATEMENTS = ("statement", "requirement")
_GUIDANCE = ("guidance", "supplemental-guidance", "discussion")
_SUCCESSION = ("incorporated-into", "moved-to")


def read_catalog(data: dict[str, Any], source_format: str) -> Library:
    """A library from the value of the key ``catalog``; raises ``UnreadableFramework``."""
    return _CatalogReader(data, source_format).library()


def read_profile(data: dict[str, Any], source_format: str) -> Profile:
    """A profile from the value of the key ``profile``; raises ``UnreadableFramework``."""
    found = Findings()
    title, edition = _title_and_edition(data)
    profile = Profile(source_format, title, edition, series_of(title))
    for number, item in enumerate(_list(data, "imports", "import"), start=1):
        if not isinstance(item, dict):
            found.add(f"imports {number}", gettext_noop("Here a mapping is expected."))
            continue
        profile.sources.append(_text(item.get("href")))
        includes = list(_picks(item, "include-controls", "include"))
        if "include-all" in item or not includes:
            includes.append(Pick(everything=True))
        profile.include += includes
        profile.exclude += _picks(item, "exclude-controls", "exclude")
    if not profile.sources:
        found.add("profile", gettext_noop("The profile imports nothing, so it selects nothing."))
    found.refuse_any()
    return profile


def _picks(item: dict[str, Any], *names: str) -> Iterator[Pick]:
    for selector in _list(item, *names):
        if not isinstance(selector, dict):
            continue
        pick = Pick(with_children=_says_yes(selector.get("with-child-controls")))
        pick.ids += [_text(one) for one in _list(selector, "with-ids", "with-id")]
        for call in _list(selector, "calls", "call", "id-selectors"):
            if isinstance(call, dict):
                pick.ids.append(_text(call.get("control-id") or call.get("subcontrol-id")))
                pick.with_children |= _says_yes(call.get("with-child-controls") or call.get("with-subcontrols"))
        for match in _list(selector, "matching", "matches", "match", "pattern-selectors"):
            pattern = match.get("pattern") if isinstance(match, dict) else match
            pick.patterns.append(_text(pattern))
        pick.everything = "all" in selector or "include-all" in selector
        yield pick


class _CatalogReader:
    """Walks groups and controls once, parents first."""

    def __init__(self, data: dict[str, Any], source_format: str) -> None:
        self.found = Findings()
        title, edition = _title_and_edition(data)
        metadata = _mapping(data.get("metadata"))
        self.result = Library(source_format, title, edition, series_of(title))
        self.result.publisher = _publisher(metadata)
        self.result.published_on = _text(metadata.get("published") or metadata.get("last-modified"))[:10]
        self.result.language = _text(metadata.get("language"))[:20]
        self.data = data

    def library(self) -> Library:
        self._children(self.data, "", "", 0)
        if not self.result.entries and not self.found.problems:
            self.found.add("catalog", gettext_noop("The catalogue holds no groups and no controls."))
        self.found.refuse_any()
        return self.result

    def _children(self, holder: dict[str, Any], parent: str, place: str, depth: int, in_control: bool = False) -> None:
        if depth > MAX_DEPTH:
            self.found.add(place, gettext_noop("Nested more than %(limit)d deep.", limit=MAX_DEPTH))
            return
        for name, reader in (("groups", self._group), ("controls", self._control), ("subcontrols", self._control)):
            for number, item in enumerate(_list(holder, name, name[:-1]), start=1):
                here = f"{place} › {name} {number}" if place else f"{name} {number}"
                if isinstance(item, dict):
                    reader(item, parent, here, depth, in_control)
                else:
                    self.found.add(here, gettext_noop("Here a mapping is expected."))

    def _group(self, item: dict[str, Any], parent: str, place: str, depth: int, in_control: bool) -> None:
        title = _text(item.get("title"))
        key = _text(item.get("id"))
        if not key:  # OSCAL does not ask for one
            name = "-".join(re.findall(r"[^\W_]+", title.casefold()))[:80]
            key = name and f"{parent}/{name}".strip("/")
        if self.found.is_taken(key):
            key = f"group:{key}"
        if not self.found.claim(key, place):
            return
        entry = Entry(key, _label(item) or key.upper(), title or key, is_group=True, parent=parent, depth=depth)
        self._body(entry, item)
        self.result.entries.append(entry)
        self._children(item, key, place, depth + 1)

    def _control(self, item: dict[str, Any], parent: str, place: str, depth: int, in_control: bool) -> None:
        key = _text(item.get("id"))
        if not self.found.claim(key, place):
            return
        title = _text(item.get("title"))
        entry = Entry(key, _label(item) or key.upper(), title or key, parent=parent, depth=depth)
        entry.is_enhancement = in_control or _text(item.get("class")).casefold().endswith("enhancement")
        entry.is_withdrawn = any(
            _text(prop.get("name")).casefold() == "status" and _value(prop).casefold() == "withdrawn"
            for prop in _props(item)
        )
        self._body(entry, item)
        self._links(entry, item)
        self.result.entries.append(entry)
        self._children(item, key, place, depth + 1, in_control=True)

    def _body(self, entry: Entry, item: dict[str, Any]) -> None:
        entry.parameters = _parameters(item)
        words = {parameter.key: parameter for parameter in entry.parameters}
        entry.parts = _parts(item, words, 0)
        entry.text = _prose_of(entry.parts, _STATEMENTS)
        entry.guidance = _prose_of(entry.parts, _GUIDANCE)
        if not entry.text and not entry.guidance:
            entry.text = _prose_of(entry.parts, ()) or _filled(_text(item.get("prose")), words)

    def _links(self, entry: Entry, item: dict[str, Any]) -> None:
        for link in _list(item, "links", "link"):
            if not isinstance(link, dict):
                continue
            target, relation = _text(link.get("href")).removeprefix("#"), _text(link.get("rel"))
            if relation in _SUCCESSION:
                entry.successors.append(target)
            elif relation in ("related", "required"):
                entry.related.append(target)


def _title_and_edition(data: dict[str, Any]) -> tuple[str, str]:
    metadata = _mapping(data.get("metadata"))
    title = _text(metadata.get("title") or data.get("title"))
    if not title:
        raise UnreadableFramework.because(gettext_noop("It has no title."), "metadata")
    return title, _text(metadata.get("version"))[:60] or _text(metadata.get("last-modified"))[:10]


def _publisher(metadata: dict[str, Any]) -> str:
    roles = {
        _text(uuid)
        for item in _list(metadata, "responsible-parties", "responsible-party")
        if isinstance(item, dict) and item.get("role-id") in ("creator", "publisher")
        for uuid in _list(item, "party-uuids", "party-uuid", "party-ids")
    }
    parties = [party for party in _list(metadata, "parties", "party") if isinstance(party, dict)]
    for party in sorted(parties, key=lambda one: _text(one.get("uuid") or one.get("id")) not in roles):
        if name := _text(party.get("name") or party.get("party-name") or _mapping(party.get("org")).get("org-name")):
            return name[:200]
    return ""


def _parameters(item: dict[str, Any]) -> list[Parameter]:
    named = item.get("params", item.get("parameters", item.get("param")))
    if isinstance(named, dict) and "id" not in named:  # milestones: a mapping by id
        listed = [{"id": key} | _mapping(value) for key, value in named.items()]
    else:
        listed = [one for one in _list(item, "params", "parameters", "param") if isinstance(one, dict)]
    read = []
    for one in listed:
        select = _mapping(one.get("select") or one.get("selection"))
        guidelines = [
            _text(guide.get("prose") if isinstance(guide, dict) else guide)
            for guide in _list(one, "guidelines", "guideline", "guidance")
        ]
        choices = [_text(choice) for choice in _list(select, "choice", "choices", "alternatives")]
        text = " ".join(guidelines) or _text(one.get("usage"))
        read.append(Parameter(_text(one.get("id")), _text(one.get("label")), text, choices))
    return read


def _parts(item: dict[str, Any], words: dict[str, Parameter], depth: int) -> list[Part]:
    if depth > MAX_DEPTH:
        raise UnreadableFramework.because(gettext_noop("Nested more than %(limit)d deep.", limit=MAX_DEPTH), "parts")
    return [
        Part(
            name=_text(one.get("name")) or "part",
            key=_text(one.get("id")),
            label=_label(one),
            title=_text(one.get("title")),
            text=_filled(_text(one.get("prose")), words),
            parts=_parts(one, words, depth + 1),
        )
        for one in _list(item, "parts", "part")
        if isinstance(one, dict)
    ]


def _filled(prose: str, words: dict[str, Parameter], depth: int = 0) -> str:
    """The text with what is to be filled in said in brackets; choices may hold parameters themselves."""

    def said(match: re.Match[str]) -> str:
        parameter = words.get(match[1])
        if parameter is None:
            return f"[{match[1]}]"
        if parameter.choices and depth < 4:
            return "[" + " / ".join(_filled(choice, words, depth + 1) for choice in parameter.choices) + "]"
        return f"[{parameter.label or match[1]}]"

    return _INSERT.sub(said, prose) if "{{" in prose else prose


def _prose_of(parts: list[Part], names: tuple[str, ...]) -> str:
    """Parts of these names (all) as lines, each with its label, indented by its level."""
    lines: list[str] = []

    def add(part: Part, depth: int) -> None:
        line = " ".join(piece for piece in (part.label, part.title, part.text) if piece)
        if line:
            lines.append("  " * depth + line)
        for below in part.parts:
            add(below, depth + (1 if line else 0))

    for part in parts:
        if not names or part.name in names:
            add(part, 0)
    return "\n".join(lines)


def _props(item: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in _list(item, "props", "properties", "prop") if isinstance(one, dict)]


def _label(item: dict[str, Any]) -> str:
    """The printed identifier. Where several are given (plain and zero-padded), the first without a class counts."""
    labels = [prop for prop in _props(item) if _text(prop.get("name")).casefold() == "label"]
    labels.sort(key=lambda prop: bool(prop.get("class")))
    return _value(labels[0])[:80] if labels else ""


def _value(prop: dict[str, Any]) -> str:
    return _text(prop.get("value", prop.get("STRVALUE")))


def _list(holder: dict[str, Any], *names: str) -> list[Any]:
    """What stands under the first of these keys that is there; one value alone is a list of one."""
    for name in names:
        if (value := holder.get(name)) is not None:
            return value if isinstance(value, list) else [value]
    return []


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value).replace("\x00", "").strip()


def _says_yes(value: Any) -> bool:
    return _text(value).casefold() in ("yes", "true")
