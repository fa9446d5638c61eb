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
NUMBER_MARK = re.compile(f"{MARK_BEGIN}(-?\\d+)([1aAiI])(\\+?){MARK_END}")  # + where its words stand there as well
_LISTS = {True: "PortalOrdered", False: "PortalBullets"}  # the two lists that all items become for the converter
DEEPEST = 9
_NAMED_DEPTH = re.compile(r"list (?:number|bullet) ([2-5])")
_BOXES = {"☐", "☑", "☒", "□", "◻", "✓", "✔", "✗", "✘", "🗹", "🗵"}
_BOX_FONTS = {0x6F: "☐", 0xA8: "☐", 0xFC: "✓", 0xFE: "☑", 0xFD: "☒", 0xFB: "✗"}  # of Wingdings
_TYPES = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}


@dataclass
class Pending:
    """Tracked changes found, in words, so that they can be spoken of."""

    inserted: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    formats: int = 0
    authors: Counter[str] = field(default_factory=Counter)


def words_of(element: etree._Element) -> str:
    """The text of runs, deleted ones included."""
    return "".join(node.text or "" for node in element.iter(W + "t", W + "delText"))


def _shown(element: etree._Element) -> str:
    """The words of what was changed; pictures by their name."""
    pictures = [one.get("descr") or one.get("name") or "picture" for one in element.iter(WP + "docPr")]
    return " ".join([words_of(element).strip(), *(f"[Image: {name}]" for name in pictures)]).strip()


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
    pending.formats += sum(
        1
        for _ in root.iter(
            *(W + name for name in ("sectPrChange", "tblGridChange", "numberingChange", "cellDel", "cellMerge"))
        )
    )
    for name in ("moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd"):
        for mark in list(root.iter(W + name)):
            _remove(mark)


def _reject_insertion(element: etree._Element, kind: str, parent: str, pending: Pending) -> None:
    if parent == "rPr":  # an inserted paragraph mark: without it the next paragraph belongs to this one
        paragraph = next(element.iterancestors(W + "p"), None)
        _remove(element)
        if paragraph is not None:
            pending.formats += not any(True for _ in paragraph.iter(W + "ins", W + "moveTo"))
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
        if words := _shown(element):
            (pending.inserted if kind == "ins" else pending.moved).append(words)
        elif parent == "numPr":
            pending.formats += 1
        _remove(element)


def _reject_deletion(element: etree._Element, kind: str, parent: str, pending: Pending) -> None:
    if parent in ("rPr", "trPr"):
        row = next(element.iterancestors(W + "tr")) if parent == "trPr" else None
        if row is not None and next(row.iter(W + "delText"), None) is None:  # else its words tell themselves
            pending.deleted.append(_shown(row))
        _remove(element)
        return
    if kind == "del" and _shown(element):
        pending.deleted.append(_shown(element))
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


@dataclass(frozen=True, slots=True)
class _Level:
    """How the items of one level of a list are counted, and what is written before each."""

    kind: str = "decimal"
    start: int = 1
    text: str = ""
    font: str = ""
    restarts: bool = True  # below each item of the level above

    @property
    def is_ordered(self) -> bool:
        return self.kind not in ("bullet", "none")

    def label(self, counted: dict[int, tuple[int, str]]) -> str:
        """The words or the box before an item, which say more than its number does: "Step 3:", "☐"."""
        if not self.is_ordered and self.text:
            sign = _BOX_FONTS.get(ord(self.text[0]) & 0xFF, "") if self.font == "Wingdings" else self.text
            if sign in _BOXES:
                return sign
        if self.font in ("Wingdings", "Symbol") or not re.search(r"[^\W\d_]{2}", re.sub(r"%\d", " ", self.text)):
            return ""
        return re.sub(r"%(\d)", lambda place: _written(*counted.get(int(place[1]) - 1, (1, "decimal"))), self.text)


def _written(number: int, kind: str) -> str:
    """A number as its list writes it: 3, c, C, iii, III."""
    if kind in ("lowerLetter", "upperLetter") and number > 0:
        word = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
    elif kind in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        word = ""
        for value, sign in zip(
            (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
            ["m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"],
            strict=True,
        ):
            word += sign * (number // value)
            number %= value
    else:
        word = f"{number:02d}" if kind == "decimalZero" else str(number)
    return word.upper() if kind.startswith("upper") else word


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list: its depth, its number with the sort of it unless it is a bullet, and the words before it."""

    depth: int
    number: tuple[int, str] | None
    label: str = ""


class Numbering:
    """Counts list paragraphs as Word does, from `numbering.xml` and the paragraph styles."""

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._linked: dict[tuple[str, str], int] = {}  # the level of a list that a style stands for
        self._own_levels: dict[tuple[str, int], _Level] = {}  # of one list, instead of those it shares
        self._overrides: dict[tuple[str, int], int] = {}
        self._counters: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        self._styles = _style_numbers(styles)
        self._named = {style_id: name.lower() for style_id, name in style_names(styles)}
        if numbering is not None:
            self._read(numbering)

    def _read(self, numbering: etree._Element) -> None:
        write_out_shared_lists(numbering)
        for abstract in numbering.iter(W + "abstractNum"):
            key = abstract.get(W + "abstractNumId") or ""
            levels = self._levels[key] = {}
            for level in abstract.iter(W + "lvl"):
                depth = _int(level.get(W + "ilvl"), 0)
                levels[depth] = self._format(level)
                self._linked[key, _value(level.find(W + "pStyle"), "")] = depth
        for number in numbering.iter(W + "num"):
            num_id = number.get(W + "numId") or ""
            self._abstract[num_id] = _value(number.find(W + "abstractNumId"), "")
            for override in number.iter(W + "lvlOverride"):
                level, start = _int(override.get(W + "ilvl"), 0), override.find(W + "startOverride")
                other = override.find(W + "lvl")
                if other is not None:
                    self._own_levels[num_id, level] = self._format(other)
                    self._overrides[num_id, level] = self._own_levels[num_id, level].start
                if start is not None:
                    self._overrides[num_id, level] = _int(_value(start, "1"), 1)

    def _format(self, level: etree._Element) -> _Level:
        fonts = level.find(f"{W}rPr/{W}rFonts")
        return _Level(
            _value(level.find(W + "numFmt"), "decimal"),
            _int(_value(level.find(W + "start"), "1"), 1),
            _value(level.find(W + "lvlText"), ""),
            (fonts.get(W + "hAnsi") or fonts.get(W + "ascii") or "") if fonts is not None else "",
            _value(level.find(W + "lvlRestart"), "") != "0",
        )

    def item(self, paragraph: etree._Element) -> Item | None:
        """The item of a list that this paragraph is, or None for plain text."""
        num_id, level, depth = self._place(paragraph)
        abstract = self._abstract.get(num_id)
        if abstract is None:
            return None
        found = self._level(num_id, level)
        counters = self._counters.setdefault(abstract, {})
        if (num_id, level) in self._overrides and (num_id, level) not in self._begun:
            self._begun.add((num_id, level))
            counters[level] = self._overrides[num_id, level]
        else:
            counters[level] = counters[level] + 1 if level in counters else found.start
        for deeper in [other for other in counters if other > level and self._level(num_id, other).restarts]:
            del counters[deeper]
        label = found.label({other: (count, self._level(num_id, other).kind) for other, count in counters.items()})
        return Item(depth, (counters[level], _TYPES.get(found.kind, "1")) if found.is_ordered else None, label)

    def _level(self, num_id: str, level: int) -> _Level:
        shared = self._levels.get(self._abstract.get(num_id, ""), {})
        return self._own_levels.get((num_id, level)) or shared.get(level) or _Level()

    def _place(self, paragraph: etree._Element) -> tuple[str, int, int]:
        """The list of a paragraph, the level of it, and how deep it is shown: "List Bullet 2" is a list of its own."""
        properties = paragraph.find(W + "pPr")
        if properties is None:
            return "", 0, 0
        style = _value(properties.find(W + "pStyle"), "")
        num_id, level = self._styles.get(style, (None, None))
        numbers = properties.find(W + "numPr")
        own = numbers.find(W + "numId") if numbers is not None else None
        num_id = _value(own, num_id or "")
        if level is None:
            level = self._linked.get((self._abstract.get(num_id, ""), style), 0)
        if numbers is not None:
            level = _int(_value(numbers.find(W + "ilvl"), str(level)), 0)
        named = _NAMED_DEPTH.fullmatch(self._named.get(style, ""))
        return num_id, level, int(named[1]) - 1 if named and level == 0 and own is None else level


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
    """Write each numbered paragraph's number before its text, where the conversion carries it along, and make of each
    list one of the two that the converter is told of."""
    for text in body.iter(W + "t"):
        if text.text and (MARK_BEGIN in text.text or MARK_END in text.text):
            text.text = text.text.replace(MARK_BEGIN, "").replace(MARK_END, "")
    for paragraph in body.iter(W + "p"):
        item = numbering.item(paragraph)
        _put_into_list(paragraph, item)
        if item is None:
            continue
        number = "".join(map(str, item.number)) if item.number else ""
        before = f"{MARK_BEGIN}{number}{'+' if item.label else ''}{MARK_END}" if number else ""
        if words := before + (f"{item.label} " if item.label else ""):
            place = 1 if paragraph.find(W + "pPr") is not None else 0
            paragraph.insert(place, text_run(words))


def _put_into_list(paragraph: etree._Element, item: Item | None) -> None:
    properties = paragraph.find(W + "pPr")
    if properties is None:
        return
    for numbers in properties.findall(W + "numPr"):
        properties.remove(numbers)
    numbers = etree.SubElement(properties, W + "numPr")
    depth = min(max(item.depth, 0), DEEPEST - 1) if item else 0
    etree.SubElement(numbers, W + "ilvl").set(W + "val", str(depth))
    etree.SubElement(numbers, W + "numId").set(W + "val", _LISTS[item.number is not None] if item else "0")


def add_lists(numbering: etree._Element | None) -> None:
    """The two lists to which all items belong for the converter: it asks of a list only what sort it is of."""
    for is_ordered, key in _LISTS.items() if numbering is not None else ():
        abstract = etree.SubElement(numbering, W + "abstractNum")
        abstract.set(W + "abstractNumId", key)
        for depth in range(DEEPEST):
            level = etree.SubElement(abstract, W + "lvl")
            level.set(W + "ilvl", str(depth))
            etree.SubElement(level, W + "numFmt").set(W + "val", "decimal" if is_ordered else "bullet")
        number = etree.SubElement(numbering, W + "num")
        number.set(W + "numId", key)
        etree.SubElement(number, W + "abstractNumId").set(W + "val", key)


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
        if name in ("author", "date", "abstract"):  # of pandoc: they take their look from the title
            return None
        if match := re.fullmatch(r"heading (\d)", name):
            return int(match[1])
        outline = style.find(f"{W}pPr/{W}outlineLvl")
        if outline is not None:
            level = _int(_value(outline, "9"), 9)
            return level + 1 if level < 9 else None
        style = by_id.get(_value(style.find(W + "basedOn"), ""))
    return None


def _style_numbers(styles: etree._Element | None) -> dict[str, tuple[str | None, int | None]]:
    if styles is None:
        return {}
    by_id = {style.get(W + "styleId") or "": style for style in styles.iter(W + "style")}
    found: dict[str, tuple[str | None, int | None]] = {}
    for style_id in by_id:
        style: etree._Element | None = by_id[style_id]
        for _ in range(12):
            if style is None:
                break
            numbers = style.find(f"{W}pPr/{W}numPr")
            if numbers is not None:
                level = numbers.find(W + "ilvl")
                found[style_id] = (
                    _value(numbers.find(W + "numId"), "") or None,
                    _int(_value(level, "0"), 0) if level is not None else None,
                )
                break
            style = by_id.get(_value(style.find(W + "basedOn"), ""))
    return found


def _value(element: etree._Element | None, default: str) -> str:
    return default if element is None else element.get(W + "val") or default


def _int(value: str | None, default: int) -> int:
    return int(value) if value and re.fullmatch(r"-?\d{1,9}", value) else default
