"""What somebody typed, as PostgreSQL is asked for it.

    on call "incident response" -draft

gives groups of alternatives: every group must match, one alternative of each is enough. A group starts as one word or
one quoted phrase; synonyms and corrections add alternatives.
"""

import re
from dataclasses import dataclass, field, replace

from django.db import connection

from core.numbering import code_key
from core.search_words import words_of

LONGEST = 300  # signs that are read of what was typed
MOST = 12  # groups
COMPLETED_FROM, COMPLETIONS = 4, 12
_ONE_PIECE = re.compile(r"([a-z]{2,})0*([1-9]\d*)")
_PIECE = re.compile(r'(-?)"([^"]*)"|(\S+)')


@dataclass(frozen=True)
class Group:
    """One or more words that must stand together, and what may stand instead of them."""

    words: tuple[str, ...]
    others: tuple[tuple[str, ...], ...] = ()
    prefix: bool = False

    def tsquery(self) -> str:
        """The group as PostgreSQL writes it."""
        alternatives = [_phrase(words) for words in dict.fromkeys((self.words, *self.others))]
        if self.prefix:
            alternatives.append(f"'{self.words[-1]}':*")
        return "(" + " | ".join(alternatives) + ")"


def _phrase(words: tuple[str, ...]) -> str:
    return "(" + " <-> ".join(f"'{word}'" for word in words) + ")"


@dataclass(frozen=True)
class Query:
    """Everything that was asked for."""

    groups: tuple[Group, ...] = ()
    unwanted: tuple[tuple[str, ...], ...] = ()
    related: tuple[str, ...] = ()  # synonyms that are searched too, for people to read
    text: str = field(default="")

    def __bool__(self) -> bool:
        return bool(self.groups)

    @property
    def words(self) -> list[str]:
        return [word for group in self.groups for word in group.words]

    def all_words(self) -> str:
        """Every group."""
        return self._without_unwanted(" & ".join(group.tsquery() for group in self.groups))

    def all_but_one(self) -> str:
        """Every group but any one."""
        groups = [group.tsquery() for group in self.groups]
        ways = [" & ".join(groups[:at] + groups[at + 1 :]) for at in range(len(groups))]
        return self._without_unwanted(" | ".join(f"({way})" for way in ways if way))

    def any_word(self) -> str:
        """Any group; short words alone say too little, unless there is nothing else."""
        telling = [group for group in self.groups if len("".join(group.words)) > 3] or self.groups
        return self._without_unwanted(" | ".join(group.tsquery() for group in telling))

    def _without_unwanted(self, wanted: str) -> str:
        return " & ".join([f"({wanted})", *(f"!{_phrase(words)}" for words in self.unwanted)])


def read(text: str, *, prefix_from: int = 3) -> Query:
    """Cut what was typed into groups. The last word also matches longer ones, from ``prefix_from`` letters on."""
    groups: list[Group] = []
    unwanted: list[tuple[str, ...]] = []
    for minus, quoted, bare in _PIECE.findall(text[:LONGEST]):
        words = tuple(words_of(quoted or bare))
        if not words:
            continue
        if minus or (bare.startswith("-") and groups):
            unwanted.append(words)
        elif quoted:
            groups.append(Group(words))
        else:
            groups += [Group((word,), _as_code(word)) for word in words]
    groups = groups[:MOST]
    if groups and len(groups[-1].words) == 1 and len(groups[-1].words[0]) >= prefix_from and text[-1:] not in ' "':
        groups[-1] = replace(groups[-1], prefix=True)
    return Query(tuple(groups), tuple(unwanted), text=text)


def _as_code(word: str) -> tuple[tuple[str, ...], ...]:
    """A code written in one piece ("sopinb001", "inb1") also as the index keeps it: "sopinb1", or "inb" before "1"."""
    piece = _ONE_PIECE.fullmatch(word)
    return ((code_key(word),), (piece[1], piece[2])) if piece else ()


def widen(query: Query) -> Query:
    """Add the administrator's synonyms, and whole words for one that is only begun; one question to the database.

    A prefix alone is not enough: "organiza" does not begin like "organ", the stem of "organization".
    """
    last = query.groups[-1] if query else None
    begun = last.words[0] if last and last.prefix and len(last.words[0]) >= COMPLETED_FROM else ""
    words = query.words
    runs = {" ".join(words[at : at + size]) for size in (1, 2, 3) for at in range(len(words) - size + 1)}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT true, terms FROM core_synonymgroup WHERE terms && %s::varchar[]
               UNION ALL
               (SELECT false, ARRAY[word] FROM core_searchword
                WHERE %s <> '' AND word LIKE %s ORDER BY length(word), word LIMIT %s)""",
            [sorted(runs), begun, f"{begun}%", COMPLETIONS],
        )
        found = cursor.fetchall()
    query = _complete(query, [terms[0] for is_synonym, terms in found if not is_synonym])
    for terms in (terms for is_synonym, terms in found if is_synonym):
        query = _add_synonyms(query, terms)
    return query


def _complete(query: Query, completions: list[str]) -> Query:
    if not completions:
        return query
    last = query.groups[-1]
    return replace(
        query, groups=(*query.groups[:-1], replace(last, others=last.others + tuple((word,) for word in completions)))
    )


def _add_synonyms(query: Query, terms: list[str]) -> Query:
    """Wherever one of the terms stands, in one group or several in a row, let the others do as well."""
    groups = list(query.groups)
    for term in sorted(terms, key=len, reverse=True):
        words = tuple(term.split())
        for at in range(len(groups)):
            row = groups[at : at + len(words)]
            if tuple(word for group in row for word in group.words) == words:
                others = tuple(tuple(other.split()) for other in terms if other != term)
                kept = tuple(way for group in row for way in group.others) if len(row) == 1 else ()
                groups[at : at + len(words)] = [Group(words, kept + others, row[-1].prefix and len(words) == 1)]
                return replace(
                    query, groups=tuple(groups), related=query.related + tuple(t for t in terms if t != term)
                )
    return query
