"""Finishing the HTML a Word file became: title, heading levels, list numbers, links to bookmarks, footnotes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from core.safe.html import text_of
from core.safe.html_reading import heading_anchors
from core.safe.html_tokens import HEADINGS, Token, tokens_of
from sops.importing.headings import below_the_title
from sops.importing.word_xml import MARK_BEGIN, MARK_END, NUMBER_MARK


@dataclass(frozen=True, slots=True)
class Arranged:
    """The body without its title, and the words a title can be taken from."""

    html: str
    title: str
    first_heading: str


def arrange(html: str) -> Arranged:
    """Bring converted HTML into the shape of a procedure's body."""
    tokens = _without_empty_paragraphs(_footnotes(list(tokens_of(html))))
    tokens = _numbered(tokens)
    tokens = _named_pictures(tokens)
    tokens, title = _title(tokens)
    _demote_blank_headings(tokens)
    first = next((_words(tokens, place) for place, token in enumerate(tokens) if _is_heading(token)), "")
    tokens, dropped = below_the_title(tokens, drop_first=not title)
    _link_bookmarks(tokens)
    return Arranged("".join(map(str, tokens)), title or dropped, first)


def _without_empty_paragraphs(tokens: list[Token]) -> list[Token]:
    """Blank lines made with the Enter key go; empty list items and cells stay."""
    result: list[Token] = []
    for token in tokens:
        before = result[-1] if result else None
        if token.closing and before and before.opens and before.tag == token.tag in ("p", *HEADINGS):
            result.pop()
            continue
        result.append(token)
    return result


def _demote_blank_headings(tokens: list[Token]) -> None:
    """A heading that holds only a picture or a blank is a paragraph."""
    for place, token in enumerate(tokens):
        if _is_heading(token) and not _words(tokens, place):
            end = _end(tokens, place) - 1
            if tokens[end].tag == token.tag:
                tokens[end].tag = "p"
            token.tag = "p"


def _is_heading(token: Token) -> bool:
    return token.opens and token.tag in HEADINGS


def _words(tokens: list[Token], place: int) -> str:
    return text_of("".join(map(str, tokens[place : _end(tokens, place)]))).replace("\n", " ")


def _end(tokens: list[Token], place: int) -> int:
    """The place after the closing tag of an element that cannot hold itself."""
    tag = tokens[place].tag
    end = place + 1
    while end < len(tokens) and not (tokens[end].closing and tokens[end].tag == tag):
        end += 1
    return min(end + 1, len(tokens))


def _title(tokens: list[Token]) -> tuple[list[Token], str]:
    """Take the first Title paragraph out of the body; a further one becomes a heading."""
    title = ""
    result: list[Token] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if not (token.opens and token.tag == "p" and token.attributes.get("class") == "doctitle"):
            result.append(token)
            place += 1
            continue
        end = _end(tokens, place)
        words = _words(tokens, place)
        if title and words:
            result += [Token(tag="h1"), *tokens[place + 1 : end - 1], Token(tag="h1", closing=True)]
        else:
            title = title or words
            kept = [inner for inner in tokens[place:end] if inner.tag in ("img", "a")]
            result += [Token(tag="p"), *kept, Token(tag="p", closing=True)]
        place = end
    return result, title


def _numbered(tokens: list[Token]) -> list[Token]:
    """Give lists the numbers their items carry: `start`, `type`, and a new list where counting begins again."""
    result: list[Token] = []
    # One entry per open list: where it opened, and the number its next item would have.
    lists: list[tuple[int, int | None]] = []
    for place, token in enumerate(tokens):
        if token.tag in ("ol", "ul"):
            lists = [*lists, (len(result), None)] if token.opens else lists[:-1]
        elif token.opens and token.tag == "li" and lists:
            lists[-1] = _counted(result, lists[-1], _mark_of(tokens, place))
        if not token.tag:
            token.text = NUMBER_MARK.sub("", token.text).replace(MARK_BEGIN, "").replace(MARK_END, "")
        result.append(token)
    return result


def _counted(
    result: list[Token], current: tuple[int, int | None], mark: tuple[int, str] | None
) -> tuple[int, int | None]:
    opened, expected = current
    if not mark or result[opened].tag != "ol":
        return opened, None if expected is None else expected + 1
    number, kind = mark
    if expected is None:
        result[opened].attributes = _list_attributes(number, kind)
    elif number != expected:
        result.append(Token(tag="ol", closing=True))
        opened = len(result)
        result.append(Token(tag="ol", attributes=_list_attributes(number, kind)))
    return opened, number + 1


def _mark_of(tokens: list[Token], place: int) -> tuple[int, str] | None:
    for token in tokens[place + 1 : place + 40]:
        if token.tag in ("li", "ol", "ul"):
            return None
        if match := NUMBER_MARK.search(token.text):
            return int(match[1]), match[2]
    return None


def _list_attributes(number: int, kind: str) -> dict[str, str]:
    attributes = {"start": str(number)} if number != 1 else {}
    return attributes | ({"type": kind} if kind != "1" else {})


def _named_pictures(tokens: list[Token]) -> list[Token]:
    """Write the name of a picture that cannot be shown where it stood."""
    return [
        Token(text=f"[Image: {escape(token.attributes.get('title') or 'picture', quote=False)}]")
        if token.opens and token.tag == "img" and not token.attributes.get("src")
        else token
        for token in tokens
    ]


_NOTE = re.compile(r"(?:foot|end)note-\d+")


def _footnotes(tokens: list[Token]) -> list[Token]:
    """Turn the list of footnotes at the end into plain notes: they are not steps."""
    first = next(
        (
            place
            for place, token in enumerate(tokens)
            if token.opens and token.tag == "li" and _NOTE.fullmatch(token.attributes.get("id", ""))
        ),
        None,
    )
    if first is None:
        return tokens
    begin = max(place for place in range(first) if tokens[place].opens and tokens[place].tag == "ol")
    result = tokens[:begin] + [Token(tag="hr")]
    count = depth = 0
    for token in tokens[begin:]:
        if token.tag == "ol":
            depth += -1 if token.closing else 1
            if depth == (0 if token.closing else 1):
                continue
        if token.tag == "li" and depth == 1:
            count += token.opens
            marker = [Token(tag="sup"), Token(text=f"[{count}]"), Token(tag="sup", closing=True), Token(text=" ")]
            result += [Token(tag="div"), *marker] if token.opens else [Token(tag="div", closing=True)]
            continue
        if not token.tag and token.text.strip() == "↑":
            continue
        result.append(token)
    return result


def _link_bookmarks(tokens: list[Token]) -> None:
    """Links to a Word bookmark lead to the heading it marks."""
    anchors = heading_anchors(tokens)
    targets: dict[str, str] = {}
    waiting: list[str] = []
    inside = ""
    for place, token in enumerate(tokens):
        if place in anchors:
            inside = anchors[place]
            targets.update(dict.fromkeys(waiting, inside))
            waiting = []
        elif token.closing and token.tag in HEADINGS:
            inside = ""
        elif not token.tag and token.text.strip() and not inside:
            waiting = []
        if token.opens and token.tag == "a" and token.attributes.get("id"):
            if inside:
                targets[token.attributes["id"]] = inside
            else:
                waiting.append(token.attributes["id"])
    for token in tokens:
        address = token.attributes.get("href", "") if token.tag == "a" else ""
        if address.startswith("#") and address[1:] in targets:
            token.attributes["href"] = f"#{targets[address[1:]]}"
