"""Preparing a Word file before it is turned into HTML: pending changes rejected, numbers and pictures made explicit."""

from __future__ import annotations

import re
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# Private-use characters carry a list item's number through the conversion; they are stripped from the text itself.
MARK_BEGIN, MARK_END = "\ue8f1", "\ue8f2"
NUMBER_MARK = re.compile(f"{MARK_BEGIN}(-?\\d+)([1aAiI]){MARK_END}")
_TYPES = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}


@dataclass
class Pending:
    """Tracked changes found, in words, so that they can be spoken of."""

    inserted: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    formats: int = 0
    authors: Counter[str] = field(default_factory=Counter)


def words_of(element: etree._Element) -> str:
    """The text of runs, deleted ones included."""
    return "".join(node.text or "" for node in element.iter(W + "t", W + "delText"))


def reject_changes(root: etree._Element, pending: Pending) -> None:
    """Make the text what it was before the tracked changes: they are proposals nobody has agreed to yet."""
    for element in list(root.iter(W + "ins", W + "moveTo", W + "del", W + "moveFrom", W + "cellIns")):
        if element.getparent() is None or not _is_inside(element, root):
            continue
        author = element.get(W + "author")
        if author:
            pending.authors[author] += 1
        kind = etree.QName(element).localname
        parent = etree.QName(element.getparent()).localname
        if kind in ("ins", "moveTo", "cellIns"):
            _reject_insertion(element, kind, parent, pending)
        else:
            _reject_deletion(element, kind, parent, pending)
    for change in list(
        root.iter(W + "pPrChange", W + "rPrChange", W + "trPrChange", W + "tcPrChange", W + "tblPrChange")
    ):
        pending.formats += 1
        _restore_format(change)
    for name in ("moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd"):
        for mark in list(root.iter(W + name)):
            _remove(mark)


def _reject_insertion(element: etree._Element, kind: str, parent: str, pending: Pending) -> None:
    if parent == "rPr":  # an inserted paragraph mark: without it the next paragraph belongs to this one
        paragraph = next(element.iterancestors(W + "p"), None)
        _remove(element)
        if paragraph is not None:
            _join_with_next(paragraph)
    elif parent == "trPr":
        row = next(element.iterancestors(W + "tr"))
        pending.inserted.append(words_of(row))
        _remove(row)
    elif kind == "cellIns":
        cell = next(element.iterancestors(W + "tc"))
        pending.inserted.append(words_of(cell))
        _remove(cell)
    else:
        if kind == "ins" and words_of(element):
            pending.inserted.append(words_of(element))
        _remove(element)


def _reject_deletion(element: etree._Element, kind: str, parent: str, pending: Pending) -> None:
    if parent in ("rPr", "trPr"):
        if parent == "trPr":
            pending.deleted.append(words_of(next(element.iterancestors(W + "tr"))))
        _remove(element)
        return
    if kind == "del" and words_of(element):
        pending.deleted.append(words_of(element))
    for text in element.iter(W + "delText"):
        text.tag = W + "t"
    for text in element.iter(W + "delInstrText"):
        text.tag = W + "instrText"
    unwrap(element)


def _restore_format(change: etree._Element) -> None:
    properties = change.getparent()
    if properties is None:
        return
    before = change[0] if len(change) else None
    kept = [child for child in properties if etree.QName(child).localname in ("rPr", "sectPr", "ins", "del")]
    for child in list(properties):
        properties.remove(child)
    for child in [*(list(before) if before is not None else []), *kept]:
        properties.append(child)


def _join_with_next(paragraph: etree._Element) -> None:
    following = paragraph.getnext()
    if following is None or following.tag != W + "p":
        return
    for child in [child for child in following if child.tag != W + "pPr"]:
        paragraph.append(child)
    properties = following.find(W + "pPr")
    mine = paragraph.find(W + "pPr")
    if properties is not None and not words_of(paragraph).strip():
        if mine is not None:
            paragraph.remove(mine)
        paragraph.insert(0, properties)
    _remove(following)


def _is_inside(element: etree._Element, root: etree._Element) -> bool:
    return any(ancestor is root for ancestor in element.iterancestors())


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def unwrap(element: etree._Element) -> None:
    """Put what an element holds in its place."""
    parent = element.getparent()
    place = parent.index(element)
    for child in list(element):
        parent.insert(place, child)
        place += 1
    parent.remove(element)


class Numbering:
    """Counts list paragraphs as Word does, from `numbering.xml` and the paragraph styles."""

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        self._levels: dict[str, dict[int, tuple[str, int]]] = {}
        self._abstract: dict[str, str] = {}
        self._own_levels: dict[tuple[str, int], tuple[str, int]] = {}  # of one list, instead of those it shares
        self._overrides: dict[tuple[str, int], int] = {}
        self._counters: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        self._styles = _style_numbers(styles)
        if numbering is not None:
            self._read(numbering)

    def _read(self, numbering: etree._Element) -> None:
        write_out_shared_lists(numbering)
        for abstract in numbering.iter(W + "abstractNum"):
            self._levels[abstract.get(W + "abstractNumId") or ""] = {
                _int(level.get(W + "ilvl"), 0): self._format(level) for level in abstract.iter(W + "lvl")
            }
        for number in numbering.iter(W + "num"):
            num_id = number.get(W + "numId") or ""
            self._abstract[num_id] = _value(number.find(W + "abstractNumId"), "")
            for override in number.iter(W + "lvlOverride"):
                level, start = _int(override.get(W + "ilvl"), 0), override.find(W + "startOverride")
                other = override.find(W + "lvl")
                if other is not None:
                    self._own_levels[num_id, level] = self._format(other)
                    self._overrides[num_id, level] = self._own_levels[num_id, level][1]
                if start is not None:
                    self._overrides[num_id, level] = _int(_value(start, "1"), 1)

    def _format(self, level: etree._Element) -> tuple[str, int]:
        """The sort of numbers of a level, and the first of them."""
        start = _int(_value(level.find(W + "start"), "1"), 1)
        return _value(level.find(W + "numFmt"), "decimal"), start

    def number(self, paragraph: etree._Element) -> tuple[int, str] | None:
        """The number before this paragraph and its kind, or None for bullets and plain text."""
        num_id, level = self._place(paragraph)
        abstract = self._abstract.get(num_id or "")
        if abstract is None or num_id is None:
            return None
        formats = self._levels.get(abstract, {})
        kind, start = self._own_levels.get((num_id, level)) or formats.get(level, ("decimal", 1))
        counters = self._counters.setdefault(abstract, {})
        if (num_id, level) in self._overrides and (num_id, level) not in self._begun:
            self._begun.add((num_id, level))
            counters[level] = self._overrides[num_id, level]
        else:
            counters[level] = counters[level] + 1 if level in counters else start
        for deeper in [other for other in counters if other > level]:
            del counters[deeper]
        if kind in ("bullet", "none"):
            return None
        return counters[level], _TYPES.get(kind, "1")

    def _place(self, paragraph: etree._Element) -> tuple[str | None, int]:
        properties = paragraph.find(W + "pPr")
        if properties is None:
            return None, 0
        style = _value(properties.find(W + "pStyle"), "")
        style_num, style_level = self._styles.get(style, (None, 0))
        numbers = properties.find(W + "numPr")
        if numbers is None:
            return style_num, style_level
        num_id = _value(numbers.find(W + "numId"), style_num or "")
        return num_id, _int(_value(numbers.find(W + "ilvl"), str(style_level)), 0)


def write_out_shared_lists(numbering: etree._Element) -> None:
    """A list that takes its levels from a list style gets them itself: the converter fails where the style is gone."""
    shared = {
        _value(abstract.find(W + "styleLink"), ""): abstract
        for abstract in numbering.iter(W + "abstractNum")
        if abstract.find(W + "styleLink") is not None
    }
    for abstract in numbering.iter(W + "abstractNum"):
        link = abstract.find(W + "numStyleLink")
        if link is None:
            continue
        abstract.remove(link)
        own = shared.get(_value(link, ""))
        if own is not None and abstract.find(W + "lvl") is None:
            abstract.extend(deepcopy(level) for level in own.iter(W + "lvl"))


def mark_numbers(body: etree._Element, numbering: Numbering) -> None:
    """Write each numbered paragraph's number before its text, where the conversion carries it along."""
    for text in body.iter(W + "t"):
        if text.text and (MARK_BEGIN in text.text or MARK_END in text.text):
            text.text = text.text.replace(MARK_BEGIN, "").replace(MARK_END, "")
    for paragraph in body.iter(W + "p"):
        number = numbering.number(paragraph)
        if number is None:
            continue
        place = 1 if paragraph.find(W + "pPr") is not None else 0
        paragraph.insert(place, text_run(f"{MARK_BEGIN}{number[0]}{number[1]}{MARK_END}"))


def text_run(words: str) -> etree._Element:
    """A run holding these words."""
    run = etree.Element(W + "r")
    text = etree.SubElement(run, W + "t")
    text.text = words
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return run


def name_lost_pictures(body: etree._Element, parts: dict[str, str]) -> list[str]:
    """Put a named placeholder where a chart, a diagram or a picture outside the file cannot come along."""
    lost = []
    for drawing in list(body.iter(W + "drawing")):
        blip = next(drawing.iter(A + "blip"), None)
        embedded = blip is not None and parts.get(blip.get(R + "embed") or "", "")
        if embedded or (blip is None and drawing.find(f".//{W}txbxContent") is not None):
            continue
        properties = next(drawing.iter(WP + "docPr"), None)
        name = (
            "" if properties is None else properties.get("descr") or properties.get("title") or properties.get("name")
        )
        if blip is None and any(node.tag == MC + "Choice" for node in drawing.iterancestors()):
            continue
        lost.append(name or "picture")
        _replace_run(drawing, f"[Image: {name or 'picture'}]")
    return lost


def _replace_run(drawing: etree._Element, words: str) -> None:
    parent = drawing.getparent()
    text = etree.Element(W + "t")
    text.text = words
    parent.replace(drawing, text)


def heading_styles(styles: etree._Element | None) -> dict[str, int]:
    """Names of paragraph styles that are headings by name, by ancestry or by outline level; 0 is the title."""
    found: dict[str, int] = {}
    if styles is None:
        return found
    by_id = {
        style.get(W + "styleId"): style for style in styles.iter(W + "style") if style.get(W + "type") == "paragraph"
    }
    for style in by_id.values():
        level = _heading_level(style, by_id)
        name = _value(style.find(W + "name"), "")
        if level is not None and name:
            found[name] = level
    return found


def style_names(styles: etree._Element | None) -> list[tuple[str, str]]:
    """The paragraph styles: key and name."""
    return [
        (style.get(W + "styleId") or "", _value(style.find(W + "name"), ""))
        for style in (styles.iter(W + "style") if styles is not None else ())
        if style.get(W + "type") == "paragraph"
    ]


def _heading_level(style: etree._Element | None, by_id: dict[str | None, etree._Element]) -> int | None:
    for _ in range(12):
        if style is None:
            return None
        name = _value(style.find(W + "name"), "").lower()
        if name == "title":
            return 0
        if match := re.fullmatch(r"heading (\d)", name):
            return int(match[1])
        outline = style.find(f"{W}pPr/{W}outlineLvl")
        if outline is not None:
            level = _int(_value(outline, "9"), 9)
            return level + 1 if level < 9 else None
        style = by_id.get(_value(style.find(W + "basedOn"), ""))
    return None


def _style_numbers(styles: etree._Element | None) -> dict[str, tuple[str | None, int]]:
    if styles is None:
        return {}
    by_id = {style.get(W + "styleId") or "": style for style in styles.iter(W + "style")}
    found: dict[str, tuple[str | None, int]] = {}
    for style_id in by_id:
        style: etree._Element | None = by_id[style_id]
        for _ in range(12):
            if style is None:
                break
            numbers = style.find(f"{W}pPr/{W}numPr")
            if numbers is not None:
                found[style_id] = (
                    _value(numbers.find(W + "numId"), "") or None,
                    _int(_value(numbers.find(W + "ilvl"), "0"), 0),
                )
                break
            style = by_id.get(_value(style.find(W + "basedOn"), ""))
    return found


def _value(element: etree._Element | None, default: str) -> str:
    return default if element is None else element.get(W + "val") or default


def _int(value: str | None, default: int) -> int:
    return int(value) if value and re.fullmatch(r"-?\d{1,9}", value) else default
