"""Footnotes at the end of a procedure: each below a small heading with its number, because headings alone have anchors.

A reader writes ``#note-3`` for the way to the third note, and ``#noted-3`` for the way back to where it is mentioned.
Here both become addresses that are there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.safe.html_reading import heading_anchors, text_of
from core.safe.html_tokens import Token

HEADING = "h6"
NUMBER = re.compile(r"\[(\d{1,6})\]")
_WAY = re.compile(r"#(note|noted)-(\d{1,6})")


def note_heading(number: int) -> str:
    """What stands above a note, and what is raised where it is mentioned."""
    return f"[{number}]"


def link_notes(tokens: Sequence[Token]) -> None:
    """Lead each mention to its note, and each note back to the heading below which it is mentioned, else to the top."""
    if not any(_way_of(token) for token in tokens):
        return
    anchors = heading_anchors(tokens)
    notes = _notes(tokens, anchors)
    above: dict[int, str] = {}
    here = ""
    for place, token in enumerate(tokens):
        here = anchors.get(place, here)
        if (way := _way_of(token)) and way[0] == "note":
            above.setdefault(way[1], here)
    for token in tokens:
        if way := _way_of(token):
            leads_to = (notes if way[0] == "note" else above).get(way[1], "")
            token.attributes["href"] = f"#{leads_to}"


def _way_of(token: Token) -> tuple[str, int] | None:
    match = _WAY.fullmatch(token.attributes.get("href", "")) if token.tag == "a" and token.opens else None
    return (match[1], int(match[2])) if match else None


def _notes(tokens: Sequence[Token], anchors: dict[int, str]) -> dict[int, str]:
    """The anchor of each note's heading, by its number; the last of several headings that look like one."""
    notes = {}
    for place, anchor in anchors.items():
        if tokens[place].tag == HEADING and (found := NUMBER.fullmatch(_words(tokens, place))):
            notes[int(found[1])] = anchor
    return notes


def _words(tokens: Sequence[Token], place: int) -> str:
    end = place + 1
    while end < len(tokens) and tokens[end].tag != tokens[place].tag:
        end += 1
    return text_of("".join(map(str, tokens[place + 1 : end])))
