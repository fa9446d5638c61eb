"""Finishing the HTML a Word file became: title, heading levels, list numbers, links to bookmarks, footnotes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from core.safe.html import text_of
from core.safe.html_reading import heading_anchors
from core.safe.html_tokens import HEADINGS, VOID, Token, tokens_of
from sops.importing.headings import below_the_title
from sops.importing.notes import HEADING, NUMBER, link_notes, note_heading
from sops.importing.word_xml import MARK_BEGIN, MARK_END, NUMBER_MARK

MOST_BETWEEN = 5  # paragraphs between two parts of a list that are still one list


@dataclass(frozen=True, slots=True)
class Arranged:
    """The body without its title, the words a title can be taken from, and headings that lost their numbers."""

    html: str
    title: str
    first_heading: str
    numbered_headings: list[str]


def arrange(html: str) -> Arranged:
    """Bring converted HTML into the shape of a procedure's body."""
    tokens = _without_empty_parts(_footnotes(list(tokens_of(html))))
    numbered = [
        _plain(tokens, place) for place, token in enumerate(tokens) if _is_heading(token) and _has_number(tokens, place)
    ]
    tokens = _put_together(_numbered(tokens))
    tokens = _named_pictures(tokens)
    tokens, title = _title(tokens)
    _demote_blank_headings(tokens)
    headings = (_words(tokens, place) for place, token in enumerate(tokens) if _is_heading(token))
    first = next((words for words in headings if not NUMBER.fullmatch(words)), "")
    tokens, dropped = below_the_title(tokens, drop_first=not title)
    _link_bookmarks(tokens)
    link_notes(tokens)
    return Arranged("".join(map(str, tokens)), title or dropped, first, numbered)


def _without_empty_parts(tokens: list[Token]) -> list[Token]:
    """Blank lines made with the Enter key go, and tables without a row; empty list items and cells stay."""
    result: list[Token] = []
    for token in tokens:
        before = result[-1] if result else None
        if token.closing and before and before.opens and before.tag == token.tag in ("p", "table", *HEADINGS):
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


def _has_number(tokens: list[Token], place: int) -> bool:
    """Whether Word counts this heading; what stands before the number then says it already ("Appendix A")."""
    match = NUMBER_MARK.search("".join(token.text for token in tokens[place : _end(tokens, place)]))
    return bool(match and not match[3])


def _plain(tokens: list[Token], place: int) -> str:
    return NUMBER_MARK.sub("", _words(tokens, place))


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
            has_picture = any(inner.tag == "img" for inner in kept)
            result += [Token(tag="p"), *kept, Token(tag="p", closing=True)] if has_picture else kept
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


def _put_together(tokens: list[Token]) -> list[Token]:
    """A list that goes on at a deeper level after a paragraph or a table goes on inside its last item: what stands
    between belongs to that item. Without this the deeper level would hang on an empty bullet."""
    place = 0
    while place + 2 < len(tokens):
        place += 1
        if not _begins_deeper(tokens, place):
            continue
        before = _list_before(tokens, place)
        if before is None:
            continue
        sort, end = tokens[before].tag, _closing(tokens, place, ("ol", "ul"))
        own = _closing(tokens, place + 1, ("li",))
        rest = tokens[own + 1 : end]
        if rest and sort != tokens[place].tag:  # further items, of another sort: a list of their own
            rest = [Token(tag=sort, closing=True), Token(tag=tokens[place].tag), *rest, tokens[end]]
        else:
            rest = [*rest, Token(tag=sort, closing=True)]
        inside = tokens[before + 1 : place] + tokens[place + 2 : own + 1]
        tokens = tokens[: before - 1] + inside + rest + tokens[end + 1 :]
        place = before - 2
    return tokens


def _begins_deeper(tokens: list[Token], place: int) -> bool:
    """Whether a list begins here with an item that holds nothing but a list."""
    first, second, third = tokens[place : place + 3] if place + 2 < len(tokens) else (None, None, None)
    return bool(
        first
        and first.opens
        and first.tag in ("ol", "ul")
        and second.tag == "li"
        and third.opens
        and third.tag in ("ol", "ul")
    )


def _list_before(tokens: list[Token], place: int) -> int | None:
    """Where the list before ends, if only a few paragraphs and tables of the same container stand between."""
    depth = blocks = 0
    for before in range(place - 1, 0, -1):
        token = tokens[before]
        if token.tag in ("ol", "ul") and token.closing and depth == 0:
            return before if tokens[before - 1].tag == "li" and tokens[before - 1].closing else None
        blocks += token.closing and depth == 0
        depth += token.closing - (token.opens and token.tag not in VOID)
        if depth < 0 or blocks > MOST_BETWEEN or token.tag in HEADINGS or token.tag == "hr":
            return None
    return None


def _closing(tokens: list[Token], place: int, tags: tuple[str, ...]) -> int:
    """The place of the tag that closes the one here."""
    depth = 0
    for end in range(place, len(tokens)):
        if tokens[end].tag in tags:
            depth += 1 if tokens[end].opens else -1
            if depth == 0:
                return end
    return len(tokens) - 1


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
    """Turn the list of footnotes at the end into notes below headings of their own: they are not steps."""
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
    ways: dict[str, str] = {}
    depth = 0
    for token in tokens[begin:]:
        if token.tag == "ol":
            depth += -1 if token.closing else 1
            if depth == (0 if token.closing else 1):
                continue
        if token.tag == "li" and depth == 1:
            if token.opens:
                number, name = len(ways) // 2 + 1, token.attributes.get("id", "")
                ways |= {f"#{name}": f"#note-{number}", f"#{name.replace('note-', 'note-ref-')}": f"#noted-{number}"}
                result += [Token(tag=HEADING), Token(text=note_heading(number)), Token(tag=HEADING, closing=True)]
            continue
        result.append(Token(text="↩") if token.text.strip() == "↑" else token)
    for token in result:
        if token.tag == "a" and token.attributes.get("href") in ways:
            token.attributes["href"] = ways[token.attributes["href"]]
    return result


def _link_bookmarks(tokens: list[Token]) -> None:
    """Links to a Word bookmark lead to the heading it marks, else to the one above it, else to the top."""
    anchors = heading_anchors(tokens)
    targets: dict[str, str] = {}
    waiting: list[str] = []
    inside = above = ""
    for place, token in enumerate(tokens):
        if place in anchors:
            inside = above = anchors[place]
            targets.update(dict.fromkeys(waiting, inside))
            waiting = []
        elif token.closing and token.tag in HEADINGS:
            inside = ""
        elif not token.tag and token.text.strip() and not inside:
            waiting = []
        if token.opens and token.tag == "a" and token.attributes.get("id"):
            targets[token.attributes["id"]] = above
            if not inside:
                waiting.append(token.attributes["id"])
    for token in tokens:
        address = token.attributes.get("href", "") if token.tag == "a" else ""
        if address.startswith("#") and address[1:] in targets:
            token.attributes["href"] = f"#{targets[address[1:]]}"
