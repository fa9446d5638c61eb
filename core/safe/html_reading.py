"""What sanitised HTML says: its visible words, its outline, and the steps others can point at."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import unescape

from core.safe.html_tokens import BLOCKS, HEADINGS, Token, tokens_of

_KEY = re.compile(r"[a-z0-9-]{1,40}")
KEPT_UP_TO = 200_000  # characters


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A heading or a step: `key` is the heading's anchor or the step's key, `level` counts from 1.

    `number` is what a reader sees before a step ("3", "3.2"); `title` is its first line, `text` all its own words.
    """

    kind: str
    level: int
    key: str
    title: str
    text: str
    number: str = ""


# The text that was read or made last, with its tokens. Who stores a text cleans it and asks for its keys, words and
# outline one after the other: it is taken apart once for all of them. Replaced as a whole, so threads may share it.
_last: list[tuple[str, Sequence[Token]]] = [("", ())]


def remember(html: str, tokens: Sequence[Token]) -> None:
    """These tokens say this text, of usual length; nobody changes them any more."""
    if len(html) < KEPT_UP_TO:
        _last[0] = (html, tokens)


def _read(html: str) -> Sequence[Token]:
    """Its tokens, to be looked at and not changed."""
    known, tokens = _last[0]
    if known == html:
        return tokens
    tokens = tuple(tokens_of(html))
    remember(html, tokens)
    return tokens


def text_of(html: str) -> str:
    """The visible words of cleaned HTML, one block a line."""
    return _text(_read(html))


def _text(tokens: Iterable[Token]) -> str:
    pieces: list[str] = []
    for token in tokens:
        if not token.tag:
            pieces.append(unescape(token.text).replace("\n", " "))
        elif token.tag in BLOCKS:
            pieces.append("\n")
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def blocks_of(html: str) -> list[str]:
    """The visible words block by block, for compare: a row of a table is one block, a bar between its cells."""
    pieces: list[str] = []
    rows = 0
    for token in _read(html):
        if not token.tag:
            pieces.append(unescape(token.text).replace("\n", " "))
        elif token.tag == "tr":
            rows += 1 if token.opens else -1
            pieces.append("\n")
        elif rows > 0 and token.tag in ("td", "th"):
            pieces.append(" | " if token.opens else "")
        elif token.tag in BLOCKS:
            pieces.append(" " if rows > 0 else "\n")
    lines = (" ".join(line.split()).removeprefix("|").strip() for line in "".join(pieces).split("\n"))
    return [line for line in lines if line]


def heading_anchors(tokens: Sequence[Token]) -> dict[int, str]:
    """An anchor for each heading that has words, by its place in the list of tokens."""
    fresh = _Fresh()
    return {
        position: fresh.name(slug(words))
        for position, token in enumerate(tokens)
        if token.opens and token.tag in HEADINGS and (words := _text(_inside(tokens, position)))
    }


def slug(words: str) -> str:
    """An anchor that cannot collide with the ids of the page around the text."""
    plain = unicodedata.normalize("NFKC", words).lower()
    return "s-" + (re.sub(r"[^\w]+", "-", plain).strip("-_")[:60].rstrip("-_") or "section")


def outline(html: str) -> list[OutlineEntry]:
    """Headings and steps of cleaned HTML in reading order."""
    tokens = _read(html)
    steps = _steps(tokens)
    entries: dict[int, OutlineEntry] = {}
    for position, anchor in heading_anchors(tokens).items():
        words = _text(_inside(tokens, position)).replace("\n", " ")
        entries[position] = OutlineEntry("heading", int(tokens[position].tag[1]), anchor, words, words)
    for position, (number, words) in steps.items():
        key = tokens[position].attributes.get("data-step", "")
        title = words.split("\n")[0][:200]
        entries[position] = OutlineEntry("step", number.count(".") + 1, key, title, words, number)
    return [entries[position] for position in sorted(entries)]


def ensure_step_keys(html: str) -> str:
    """Give every numbered step of cleaned HTML a key of its own; the first holder of a key keeps it.

    A new key is made from the step's words, so that the same text brought in twice gets the same keys.
    """
    tokens = _read(html)
    fresh = _Fresh()
    without: dict[int, str] = {}
    for position, (_, words) in _steps(tokens).items():
        key = tokens[position].attributes.get("data-step", "")
        if _KEY.fullmatch(key) and key not in fresh.used:
            fresh.used.add(key)
        else:
            without[position] = words
    if not without:
        return html
    keyed = list(tokens)
    for position, words in without.items():
        key = fresh.name(f"s-{sha256(words.encode('utf-8', 'replace')).hexdigest()[:10]}")
        step = keyed[position]
        keyed[position] = Token(step.tag, attributes={**step.attributes, "data-step": key})
    written = "".join(map(str, keyed))
    remember(written, keyed)
    return written


class _Fresh:
    """Names not used before: a second "scope" becomes "scope-2"."""

    def __init__(self) -> None:
        self.used: set[str] = set()
        self._counts: dict[str, int] = {}

    def name(self, base: str) -> str:
        name, count = base, self._counts.get(base, 1)
        while name in self.used:
            count += 1
            name = f"{base}-{count}"
        self._counts[base] = count
        self.used.add(name)
        return name


def _inside(tokens: Sequence[Token], position: int) -> Sequence[Token]:
    """The tokens between a heading's opening tag and the next closing tag of that name."""
    tag, end = tokens[position].tag, position + 1
    while end < len(tokens) and tokens[end].tag != tag:
        end += 1
    return tokens[position + 1 : end]


def _steps(tokens: Sequence[Token]) -> dict[int, tuple[str, str]]:
    """Number and own words (not those of steps inside it) of each step, by its place in the list of tokens."""
    numbers = _numbers(tokens)
    own: dict[int, list[Token]] = {}
    # One entry per open li or section: its place if it is a step, else that of the step around it.
    around: list[int | None] = []
    for position, token in enumerate(tokens):
        if token.opens and token.tag in ("li", "section"):
            around.append(position if position in numbers else around[-1] if around else None)
            if position in numbers:
                own[position] = []
        elif token.closing and token.tag in ("li", "section") and around:
            around.pop()
        if around and around[-1] is not None and around[-1] != position:
            own[around[-1]].append(token)
    return {position: (number, _text(own[position])) for position, number in numbers.items()}


def _numbers(tokens: Sequence[Token]) -> dict[int, str]:
    """The number a reader sees before each step, by its place in the list of tokens."""
    numbers: dict[int, str] = {}
    # One entry per open list: its counter, or None for bullets; and the number of the item it stands in.
    lists: list[int | None] = []
    above: list[str] = []
    here = ""
    sections = 0
    for position, token in enumerate(tokens):
        if token.tag in ("ol", "ul"):
            if token.opens:
                lists.append(_start(token) - 1 if token.tag == "ol" else None)
                above.append(here)
            elif lists:
                lists.pop()
                here = above.pop()
        elif token.opens and token.tag == "li" and lists and lists[-1] is not None:
            lists[-1] += 1
            here = f"{above[-1]}.{lists[-1]}" if above[-1] else str(lists[-1])
            numbers[position] = here
        elif token.opens and token.tag == "section" and "step" in token.attributes.get("class", "").split():
            sections += 1
            here = numbers[position] = str(sections)
        elif token.closing and token.tag == "section":
            here = ""
    return numbers


def _start(token: Token) -> int:
    start = token.attributes.get("start", "1")
    return int(start) if re.fullmatch(r"-?\d{1,6}", start) else 1
