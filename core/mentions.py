"""Naming a colleague in a text: `@Ann Author`. Who is meant is for the app that knows people to say."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

LONGEST_NAME = 5  # words

# Typed by hand, or put in by the suggestions: “@Ann Author <ann@example.org>”.
_WITH_ADDRESS = re.compile(r"@([^@<>\n]{2,120}?)\s*<([^<>\s@]+@[^<>\s]+)>")
_AT = re.compile(r"(?<![\w@.])@(?=[^\W\d_])")
_WORD = re.compile(r"[^\W_](?:[\w'’.-]*\w)?")

# (names or addresses as typed) → people; filled by the app that knows people.
_find: list[Callable[[Iterable[str]], dict[str, Any]]] = []


@dataclass
class Mentions:
    """A text as it is kept, and whom it names."""

    text: str
    people: list[Any] = field(default_factory=list)


def finds_people(function: Callable[[Iterable[str]], dict[str, Any]]) -> None:
    """Register how names and addresses become people: lower-case text → person, ambiguous names left out."""
    _find[:] = [function]


def read_mentions(text: str) -> Mentions:
    """Find the people named in a text; addresses that the suggestions put in are taken out of it again."""
    found = _find[0] if _find else lambda names: {}
    addressed = {address.lower(): name for name, address in _WITH_ADDRESS.findall(text)}
    people = {person.pk: person for person in found(addressed).values()}
    short = _WITH_ADDRESS.sub(r"@\1", text)
    candidates = [_candidates(short[match.end() :]) for match in _AT.finditer(short)]
    by_name = found({name for names in candidates for name in names})
    already = {str(person).lower() for person in people.values()}
    for names in candidates:
        best = next((name for name in names if name in by_name or name in already), None)
        if best and best not in already:
            people[by_name[best].pk] = by_name[best]
    return Mentions(short, list(people.values()))


def _candidates(text: str) -> list[str]:
    """The first words after an @, longest run first: "ann author says", "ann author", "ann"."""
    words: list[str] = []
    end = 0
    for match in _WORD.finditer(text[:200]):
        if match.start() > end + 1 or (match.start() > end and text[end] != " "):
            break
        words.append(match.group())
        end = match.end()
        if len(words) == LONGEST_NAME:
            break
    return [" ".join(words[:n]).lower() for n in range(len(words), 0, -1)]
