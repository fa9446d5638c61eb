"""Taking sanitised HTML apart: every character belongs to exactly one slice, and each slice to one typed block.

A block is a run of inline content (a heading, a paragraph, an item, the words of a step) with the block-level elements
it stands in, or a whole table. Tags between two blocks belong to the block that follows them.
"""

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import unescape

from core.safe.html_tokens import BLOCKS, HEADINGS, VOID

_TOKEN = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^<>\"]|\"[^\"]*\")*)>|[^<]+|<")
_ATTRIBUTE = re.compile(r"([^\s\"=<>/]+)=\"([^\"]*)\"")
_WORD = re.compile(r"\w+|[^\w\s]|\s+")
CALLOUTS = {"note": "note", "caution": "caution", "caution caution--stop": "stop"}


@dataclass(frozen=True)
class Word:
    """A word, a sign, a space or a picture, with the marks it carries ("strong", "sup", "link:/documents/…")."""

    text: str
    marks: frozenset[str] = frozenset()
    picture: str = ""  # the address of a picture; ``text`` is then its description


@dataclass(frozen=True)
class Place:
    """Where a block stands, as far as it says what the block means."""

    kind: str  # "heading", "step", "item", "paragraph", "quote", "code", "cell", "caption", "rule"
    level: int = 0  # of a heading, or how deep a list is nested
    is_ordered: bool = False
    callout: str = ""  # "note", "caution", "stop"
    details: tuple[str, ...] = ()  # attributes that change what is shown: start="3", colspan="2"


@dataclass
class Block:
    """One block in reading order. ``source`` is its slice of the text."""

    place: Place
    inline: str = ""  # its own content without the elements around it; a line break stands between blocks of a cell
    source: str = ""
    step: str = ""  # the key of the step it stands in
    number: str = ""  # of that step: "3", "3.2"
    section: str = ""  # the heading above it
    rows: list[list["Block"]] = field(default_factory=list)  # of a table

    @cached_property
    def words(self) -> list[Word]:
        """The content word by word, with the marks that each carries."""
        return words_of(self.inline)

    @property
    def runs(self) -> list[Word]:
        """The content in runs of text with the same marks."""
        return words_of(self.inline, whole_runs=True)

    @property
    def text(self) -> str:
        return " ".join("".join(run.text for run in self.runs).split())

    def signature(self) -> tuple[object, ...]:
        """Equal for blocks between which nothing differs."""
        if self.rows:
            return ("table", tuple(tuple(cell.signature() for cell in row) for row in self.rows))
        return (self.place, self.inline)


def words_of(inline: str, *, whole_runs: bool = False) -> list[Word]:
    """The words, signs, spaces and pictures of inline content; or whole runs of text, where nothing is compared."""
    words: list[Word] = []
    marks: list[str] = []
    for match in _TOKEN.finditer(inline):
        tag = (match[2] or "").lower()
        attributes = dict(_ATTRIBUTE.findall(match[3])) if match[3] else {}
        if not tag:
            text = unescape(match[0])
            words += [Word(part, frozenset(marks)) for part in ([text] if whole_runs else _WORD.findall(text))]
        elif tag == "img":
            words.append(Word(unescape(attributes.get("alt", "")), frozenset(marks), attributes.get("src", "")))
        elif tag == "br":
            words.append(Word("\n", frozenset(marks)))
        elif match[1]:
            del marks[-1:]
        else:
            marks.append("link:" + unescape(attributes.get("href", "")) if tag == "a" else tag)
    return words


@dataclass
class _Open:
    """An element that is open while the text is read."""

    tag: str
    attributes: dict[str, str]
    count: int = 0  # steps or items so far, of a list
    number: str = ""
    key: str = ""


class _Reader:
    """Walks over the tokens with the stack of open elements."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.blocks: list[Block] = []
        self.stack: list[_Open] = []
        self.pending = ""  # source of tags and blanks since the last block
        self.current: Block | None = None
        self.table: Block | None = None
        self.section = ""
        self.sections = 0

    def read(self) -> tuple[list[Block], str]:
        """All blocks, and the source behind the last of them."""
        for match in _TOKEN.finditer(self.html):
            tag = (match[2] or "").lower()
            if not tag or tag not in BLOCKS:
                self._inline(match, tag)
            elif match[1]:
                self._close(tag, match[0])
            else:
                self._open(tag, match)
        self._end_block()
        return self.blocks, self.pending

    # --- inline --------------------------------------------------------------------------------------

    def _inline(self, match: re.Match[str], tag: str) -> None:
        source = match[0]
        if not tag and self.current is None and not source.strip():
            self._add_source(source)
            return
        block = self._block()
        if block is not self.table:
            block.source += source if self.table is None else ""
        if self.table is not None:
            self.table.source += source
        block.inline += source

    def _block(self) -> Block:
        """The block that inline content belongs to now, begun where none is open."""
        if self.current is None:
            self.current = self._begin()
        return self.current

    def _begin(self) -> Block:
        step = next((element for element in reversed(self.stack) if element.number), None)
        block = Block(
            self._place(),
            step=step.key if step else "",
            number=step.number if step else "",
            section=self.section,
        )
        if self.table is None:
            block.source, self.pending = self.pending, ""
            self.blocks.append(block)
        return block

    def _place(self) -> Place:
        place = Place("paragraph")
        for element in self.stack:
            tag, kind = element.tag, element.attributes.get("class", "")
            if tag in HEADINGS:
                place = replace(place, kind="heading", level=int(tag[1]))
            elif tag in ("ol", "ul"):
                details = tuple(
                    f"{name}={element.attributes[name]}" for name in ("start", "type") if name in element.attributes
                )
                place = replace(place, kind="item", level=place.level + 1, is_ordered=tag == "ol", details=details)
            elif tag in ("li", "section") and element.number:
                place = replace(place, kind="step")
            elif tag in ("div", "aside") and kind in CALLOUTS:
                place = replace(place, callout=CALLOUTS[kind])
            elif tag in ("blockquote", "pre", "caption", "figcaption"):
                place = replace(place, kind={"blockquote": "quote", "pre": "code"}.get(tag, "caption"))
            elif tag in ("td", "th"):
                names = ("colspan", "rowspan")
                details = tuple(f"{name}={element.attributes[name]}" for name in names if name in element.attributes)
                place = replace(place, kind="cell", details=(tag, *details))
        return place

    # --- block-level elements ------------------------------------------------------------------------

    def _open(self, tag: str, match: re.Match[str]) -> None:
        in_cell = self.table is not None and any(element.tag in ("td", "th") for element in self.stack)
        if not in_cell:
            self._end_block()
        elif self.current is not None and self.current.inline:
            self.current.inline += "\n"
        self._add_source(match[0])
        if tag in VOID:
            if tag == "hr" and not in_cell:
                self._begin().place = Place("rule")
                self._end_block()
            return
        element = _Open(tag, {name: unescape(value) for name, value in _ATTRIBUTE.findall(match[3])})
        self._number(element)
        self.stack.append(element)
        if tag == "table" and self.table is None:
            self.table = self._new_table()
        elif tag == "tr" and self.table is not None:
            self.table.rows.append([])
        elif tag in ("td", "th") and self.table is not None and not in_cell:
            if not self.table.rows:
                self.table.rows.append([])
            self.current = self._begin()
            self.table.rows[-1].append(self.current)

    def _new_table(self) -> Block:
        table = self._begin()
        table.place = replace(table.place, kind="table")
        return table

    def _number(self, element: _Open) -> None:
        """Give a step or an item of a numbered list its number, as readers see it."""
        if element.tag == "section" and "data-step" in element.attributes:
            self.sections += 1
            element.number, element.key = str(self.sections), element.attributes["data-step"]
            return
        if element.tag != "li" or not self.stack or self.stack[-1].tag != "ol":
            return
        parent = self.stack[-1]
        start = parent.attributes.get("start", "1")
        first = int(start) if start.lstrip("-").isdecimal() else 1
        above = next((open_.number for open_ in reversed(self.stack) if open_.number), "")
        element.number = f"{above}.{first + parent.count}" if above else str(first + parent.count)
        element.key = element.attributes.get("data-step", "")
        parent.count += 1

    def _close(self, tag: str, source: str) -> None:
        while self.stack:
            element = self.stack.pop()
            if element.tag == tag:
                break
        if self.table is None:
            self._end_block()
            self._add_source(source)
            return
        self.table.source += source
        if tag in ("td", "th", "caption"):
            self.current = None
        if tag == "table" and not any(element.tag == "table" for element in self.stack):
            self.table, self.current = None, None

    def _end_block(self) -> None:
        if self.table is not None:
            return
        if self.current is not None and self.current.place.kind == "heading":
            self.section = self.current.text
        self.current = None

    def _add_source(self, source: str) -> None:
        if self.table is not None:
            self.table.source += source
        else:
            self.pending += source


def blocks_of(html: str) -> tuple[list[Block], str]:
    """The blocks of sanitised HTML in reading order, and what stands behind the last of them (closing tags)."""
    return _Reader(html).read()
