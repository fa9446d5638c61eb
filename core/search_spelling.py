"""Corrections for words that no visible entry holds, taken from the words of the visible entries.

The word table is read first, because it is quick; then each candidate must be found in an entry that the person may
see. A word that stands only in confidential records is neither suggested nor treated as known.
"""

from dataclasses import replace

from django.db import connection
from django.db.models import QuerySet

from core.search_query import Group, Query
from core.search_words import distance, is_correctable, variants_of

LOOKED_AT = 80  # candidates by letters
VERIFIED = 8  # of them asked for in the entries


def correct(query: Query, visible: QuerySet) -> Query | None:
    """The query with its unknown words corrected, or None when there is nothing to correct."""
    words = [word for word in query.words if is_correctable(word)]
    known = _standing_in(visible, words) if words else set()
    unknown = [word for word in dict.fromkeys(words) if word not in known]
    if not unknown:
        return None
    nearest = _near({word: _slips(word) for word in unknown})
    # Asked also when no word is near: the time taken must not tell that a hidden record holds a word like this one.
    standing = _standing_in(visible, [near for candidates in nearest.values() for near in candidates])
    better = {word: [c for c in candidates if c in standing] for word, candidates in nearest.items()}
    if not any(better.values()):
        return None
    return replace(query, groups=tuple(_corrected(group, better) for group in query.groups))


def similar(query: Query, visible: QuerySet) -> Query:
    """The query in which words one slip away may stand instead: "bset practices" where "bset" is a word as well."""
    nearest = _near({word: 1 for word in query.words if is_correctable(word)})
    standing = _standing_in(visible, [near for candidates in nearest.values() for near in candidates])
    groups = []
    for group in query.groups:
        near = nearest.get(group.words[0], []) if len(group.words) == 1 else []
        groups.append(replace(group, others=group.others + tuple((word,) for word in near if word in standing)))
    return replace(query, groups=tuple(groups))


def _corrected(group: Group, better: dict[str, list[str]]) -> Group:
    """The best correction takes the word's place; equally near ones may stand instead, the other words decide."""
    if not any(better.get(word) for word in group.words):
        return group
    best = tuple((better.get(word) or [word])[0] for word in group.words)
    if len(group.words) > 1:
        return Group(best)
    word = group.words[0]
    nearest = distance(word, best[0])
    others = tuple((other,) for other in better[word][1:] if distance(word, other) <= nearest + (len(word) > 7))
    return Group(best, others)


def _standing_in(visible: QuerySet, words: list[str]) -> set[str]:
    """Those of the words that a visible entry holds."""
    inner, params = visible.values_list("pk").query.sql_with_params()
    # OFFSET 0 keeps the order of work: the word's entries first, then one by one whether one of them is visible.
    held_by_one = f"""EXISTS (SELECT 1 FROM ({{holders}} OFFSET 0) held(id)
        WHERE EXISTS (SELECT 1 FROM ({inner}) visible(id) WHERE visible.id = held.id OFFSET 0))"""  # noqa: S608
    # Titles are asked first: a common word stands in some of them, and in most of the texts.
    in_titles = held_by_one.format(
        holders="""SELECT id FROM core_catalogentry WHERE to_tsvector('portal', COALESCE(title_key, ''))
                   @@ plainto_tsquery('portal', w)"""
    )
    in_texts = held_by_one.format(
        holders="SELECT entry_id FROM core_catalogtext WHERE vector @@ plainto_tsquery('portal', w)"
    )
    with connection.cursor() as cursor:
        cursor.execute(  # without reading whole tables, as in ``search_facets.count_hits``
            f"SET LOCAL enable_seqscan = off; SELECT w FROM unnest(%s::text[]) w WHERE {in_titles} OR {in_texts}",  # noqa: S608
            [sorted(set(words)), *params, *params],
        )
        return {row[0] for row in cursor.fetchall()}


def _slips(word: str) -> int:
    """How many slips a word may be away from what was meant."""
    return 1 if len(word) <= 4 else 2 if len(word) <= 8 else 3


def _near(allowed: dict[str, int]) -> dict[str, list[str]]:
    """For each word those that are at most so many slips away, the nearest first; one question for all of them.

    Words one slip apart share a variant; only for what may lie further away letters are compared by threes.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT asked.word, near.word, near.alike
               FROM unnest(%s::text[], %s::text[], %s::bool[]) AS asked(word, variants, further),
               LATERAL (SELECT word, similarity(word, asked.word) AS alike FROM core_searchword
                   WHERE variants && string_to_array(asked.variants, ' ')::varchar[] AND word <> asked.word
                   UNION SELECT word, similarity(word, asked.word) FROM core_searchword
                   WHERE asked.further AND word %% asked.word AND word <> asked.word
                   ORDER BY alike DESC, word LIMIT %s) near""",
            [
                list(allowed),
                [" ".join(variants_of(word)) for word in allowed],
                [slips > 1 for slips in allowed.values()],
                LOOKED_AT,
            ],
        )
        found = cursor.fetchall()
    near: dict[str, list[tuple]] = {word: [] for word in allowed}
    for word, other, alike in found:
        if (slips := distance(word, other)) <= allowed[word]:
            near[word].append((slips, other[0] != word[0], -alike, other))
    return {word: [other for *_, other in sorted(ranked)[:VERIFIED]] for word, ranked in near.items()}
