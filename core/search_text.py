"""The words of an index entry, as PostgreSQL searches them.

The text configuration ``portal`` (made by a migration) is a Snowball stemmer *without* stop words behind ``unaccent``:
people search for "IT onboarding" and "time off", and a stop list drops just those words. What is indexed and what is
asked both pass ``search_words.plain`` first, so that "CI/CD", "follow-up" and "SOP-014" are cut the same way.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple, Self

from django.db import connection, transaction

from core.models.catalog import CatalogEntry, CatalogText
from core.questions import THE_PORTAL, Question, Slot
from core.search_words import is_correctable, plain, variants_of, words_of

CONFIG = "portal"
# tsvector holds at most 1 MB; what stands later in a very long file is not indexed.
LONGEST = 400_000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")  # PostgreSQL keeps no NUL, and snippets are marked with two of them


_WORDS_BEFORE = Question(lambda _: CatalogText.objects.filter(entry=Slot("entry")).values_list("body", "attachments"))


def store_words(entry: CatalogEntry, *, body: str, attachments: str = "", anew: bool = True) -> None:
    """Write the text of an entry and its weighted vector: code and title (A), body (C), attachments (D), and its kind.
    Unless ``anew``, a text that stands there already stays as it is.

    The words themselves are kept after commit, in a transaction of their own: two writers that add the same new
    words in one long transaction each would wait for one another. Those of the text before are kept already.
    """
    text = _Text.of(entry, body, attachments)
    before = _WORDS_BEFORE.first(THE_PORTAL, entry=entry.pk)
    if before == (text.body, text.attachments) and not anew:
        return
    _write([text])
    words = text.words() - set(words_of(" ".join(before or ())))
    if words:
        transaction.on_commit(lambda: remember_words(words), robust=True)


def store_words_of_new(texts: list[tuple[CatalogEntry, str, str, str]]) -> None:
    """The same for many entries that have no words yet: (entry, body, attachments, words of the body if known)."""
    cut = [_Text.of(*text) for text in texts]
    _write(cut)
    words = set().union(*(text.words() for text in cut))
    transaction.on_commit(lambda: remember_words(words), robust=True)


class _Text(NamedTuple):
    """What is stored of an entry's text: as it reads, and cut into words by weight."""

    entry: int
    kind: str
    body: str
    attachments: str
    a: str
    c: str
    d: str

    @classmethod
    def of(cls, entry: CatalogEntry, body: str, attachments: str, cut: str = "") -> Self:
        body, attachments = _stored(body), _stored(attachments)
        name = plain(f"{entry.title} {entry.code} {entry.code_key}")
        return cls(
            entry.pk, kind_word(entry.kind), body, attachments, name, cut[:LONGEST] or plain(body), plain(attachments)
        )

    def words(self) -> set[str]:
        return set(f"{self.a} {self.c} {self.d}".split())


def kind_word(kind: str) -> str:
    """How the index of words holds the kind of an entry: after a blank, so that no word and no beginning finds it."""
    return f" {kind}"


def any_kind(kinds: Iterable[str]) -> str:
    """One of the kinds, as ``tsquery`` is written."""
    escaped = (kind_word(kind).replace("\\", r"\\").replace("'", "''") for kind in kinds)
    return " | ".join(f"'{word}'" for word in escaped)


def _write(texts: list[_Text]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO core_catalogtext (entry_id, body, attachments, vector)
                SELECT entry, body, attachments, setweight(to_tsvector('{CONFIG}', a), 'A')
                    || setweight(to_tsvector('{CONFIG}', c), 'C') || setweight(to_tsvector('{CONFIG}', d), 'D')
                    || array_to_tsvector(ARRAY[kind])
                FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
                    AS text(entry, kind, body, attachments, a, c, d)
                ON CONFLICT (entry_id) DO UPDATE
                SET body = excluded.body, attachments = excluded.attachments, vector = excluded.vector""",  # noqa: S608
            [list(column) for column in zip(*texts, strict=True)],
        )


def _stored(text: str) -> str:
    return _CONTROL.sub(" ", text[:LONGEST])


def remember_words(words: Iterable[str]) -> int:
    """Add words that can be offered as a correction; returns how many are new."""
    offered = sorted({word for word in words if is_correctable(word)})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w FROM unnest(%s::varchar[]) w WHERE NOT EXISTS (SELECT 1 FROM core_searchword s WHERE s.word = w)",
            [offered],
        )
        new = sorted(row[0] for row in cursor.fetchall())
        if not new:
            return 0
        # In one statement, without a model row for each: the first documents of a portal bring many thousands. Lists
        # of different lengths cannot be passed side by side, so each goes as one text; a word holds no blank.
        cursor.execute(
            """INSERT INTO core_searchword (word, variants)
               SELECT word, string_to_array(variants, ' ')
               FROM unnest(%s::varchar[], %s::text[]) AS new(word, variants) ON CONFLICT DO NOTHING""",
            [new, [" ".join(variants_of(word)) for word in new]],
        )
    return len(new)
