"""One search over everything: what a person may see, ranked, counted by kind, department, state and owner.

Every question starts from ``CatalogEntry.objects.visible_to(person)``: rows, counts, suggestions and corrections alike.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection
from django.db.models import Case, CharField, F, QuerySet, Value, When
from django.db.models.functions import Now
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from core.models.catalog import CatalogEntry
from core.numbering import code_key
from core.search_facets import COUNTED, Chosen, Counted, FacetValue, count_hits, in_order, matching
from core.search_query import Query, read, widen
from core.search_spelling import correct, similar
from core.search_text import CONFIG
from core.search_words import plain

PAGE = 10
# Ranking reads each candidate's words; of the hits of a very common word only so many are looked at, those with the
# word in the title before others.
RANKED = 300
FURTHEST = RANKED // PAGE
SNIPPET_FROM = 30_000  # signs of a text in which the snippet is looked for
START, STOP = "\x02", "\x03"
HEADLINE = (
    f'StartSel={START}, StopSel={STOP}, MaxFragments=2, MaxWords=26, MinWords=10, ShortWord=1, FragmentDelimiter=" … " '
)
_LIKE_A_CODE = re.compile(r"[a-z]+\d+")
SORTS = {"changed": "e.changed_at DESC, e.id DESC", "code": "e.code, e.id DESC"}


@dataclass
class Hit:
    """One row: the entry, the state people are shown at this moment, and where the words stand."""

    entry: CatalogEntry
    state: str
    snippet: SafeString


@dataclass
class Results:
    """What was found. ``mode`` says how: all words, words similar to them, most (all but one), or any of them."""

    query: str
    page: int = 1
    size: int = PAGE
    count: int = 0
    is_bounded: bool = False  # there are more than were counted
    rows: list[Hit] = field(default_factory=list)
    facets: dict[str, list[FacetValue]] = field(default_factory=dict)
    did_you_mean: str = ""
    mode: str = "all"
    related: tuple[str, ...] = ()
    not_in_force: int = 0  # further hits among drafts and what is retired, when nothing in force was found

    @property
    def pages(self) -> int:
        return min(-(-self.count // self.size), FURTHEST)


def shown_state() -> Case:
    """The state at this moment: time decides when an approved text is in force, and when a text is not any more."""
    return Case(
        When(state="effective", current_from__gt=Now(), then=Value("approved")),
        When(state="effective", current_until__lte=Now(), then=Value("retired")),
        default=F("state"),
        output_field=CharField(),
    )


def _scope(person: Any, everything: bool) -> QuerySet[CatalogEntry]:
    entries = CatalogEntry.objects.visible_to(person)
    return entries if everything else entries.in_force()


def _titled(entries: QuerySet, words: str) -> QuerySet:
    """Entries whose title alone matches, through the index of titles."""
    titles = entries.alias(words_of_title=SearchVector("title_key", config=CONFIG))
    return titles.filter(words_of_title=SearchQuery(words, search_type="raw", config=CONFIG))


def search(
    person: Any,
    q: str,
    *,
    kind: str | Sequence[str] = "",
    department: int | Sequence[int] | None = None,
    state: str | Sequence[str] = "",
    owner: int | Sequence[int] | None = None,
    everything: bool = False,
    exact: bool = False,
    page: int = 1,
    sort: str = "",
) -> Results:
    """Find entries this person may see. ``everything`` adds what is not in force; ``exact`` corrects nothing."""
    chosen = Chosen(kind, department, state, owner)
    visible = _scope(person, everything).annotate(shown=shown_state())
    results = Results(q, page=max(1, min(page, FURTHEST)))
    query = widen(read(q))
    if not query:
        if not q.strip():
            _keep(results, count_hits(visible, "", chosen))
            results.rows = _newest(chosen.narrow(visible), results)
        return results
    found = _count(results, visible, query, chosen, exact=exact, wanted=COUNTED if sort in SORTS else RANKED)
    results.related = found.query.related
    if results.count:
        results.rows = _best(visible, chosen, found, results, sort)
    elif not everything and not any(results.facets.values()):
        results.not_in_force = len(hit_ids(person, q, everything=True, limit=1_000))
    return results


def _keep(results: Results, counted: Counted) -> list[int]:
    results.count, results.facets, results.is_bounded = counted.total, counted.facets, counted.is_bounded
    return counted.ids


class _Found(NamedTuple):
    """How something was found, and the first hits in no order."""

    words: str
    query: Query
    hits: list[int]


def _count(results: Results, visible: QuerySet, query: Query, chosen: Chosen, *, exact: bool, wanted: int) -> _Found:
    """Ask for all words, then for the corrected ones, then for fewer of them, until something is found."""
    hits: list[int] = []

    def found(words: str) -> bool:
        hits[:] = _keep(results, count_hits(visible, words, chosen, wanted=wanted))
        return any(results.facets.values())

    words = query.all_words()
    if found(words) or exact:
        return _Found(words, query, hits)
    corrected = correct(query, visible)
    if corrected:
        query = corrected
        results.did_you_mean = " ".join(" ".join(group.words) for group in corrected.groups)
        words = query.all_words()
        if found(words):
            return _Found(words, query, hits)
    ways = {"similar": lambda: similar(query, visible).all_words(), "most": query.all_but_one, "any": query.any_word}
    for mode, way in ways.items() if len(query.groups) > 1 else ():
        words, results.mode = way(), mode
        if found(words):
            return _Found(words, query, hits)
    results.did_you_mean = ""
    return _Found(words, query, hits)


def _newest(hits: QuerySet, results: Results) -> list[Hit]:
    start = (results.page - 1) * results.size
    entries = hits.order_by("-changed_at", "-pk")[start : start + results.size]
    return [Hit(entry, entry.shown, SafeString()) for entry in entries]


def _best(visible: QuerySet, chosen: Chosen, found: _Found, results: Results, sort: str) -> list[Hit]:
    """The rows of one page: candidates scored, then a snippet for each row that is shown."""
    words, query, hits = found
    start = (results.page - 1) * results.size
    if sort in SORTS:
        if results.is_bounded:  # then the hits at hand are not all of them
            hits = in_order(visible, words, chosen, SORTS[sort], start + results.size)
        candidates, bound, order = "SELECT id, false FROM unnest(%s::bigint[]) id", [hits], SORTS[sort]
    else:
        titled, title_bound = _titled(chosen.narrow(visible), words).values_list("pk")[:RANKED].query.sql_with_params()
        candidates = f"""SELECT id, bool_or(titled) FROM (
            (SELECT id, true AS titled FROM ({titled}) titled(id)
             UNION ALL SELECT id, false FROM unnest(%s::bigint[]) id) LIMIT {RANKED}) candidates GROUP BY id"""  # noqa: S608
        bound, order = [*title_bound, hits], "score DESC, e.changed_at DESC, e.id DESC"
    asked = {"words": words, "plain": " ".join(query.words), "code": code_key(query.text), "typed": plain(query.text)}
    asked["end_of_code"] = f"%{asked['code']}" if _LIKE_A_CODE.search(asked["code"]) else None
    sql, params = _ranking(candidates, bound, order, asked)
    rows = CatalogEntry.objects.raw(sql, [*params, results.size, start, SNIPPET_FROM, HEADLINE])
    return [Hit(entry, entry.shown, marked(entry.snippet)) for entry in rows]


def _ranking(candidates: str, candidate_params: list, order: str, asked: dict[str, str]) -> tuple[str, list]:
    """SQL that scores candidates: the code itself, the title as typed, words in the title, words anywhere."""
    sql = f"""
        WITH asked AS (SELECT to_tsquery('portal', %s) AS words),
        candidate(id, titled) AS MATERIALIZED ({candidates}),
        best AS MATERIALIZED (
            SELECT e.*,
                CASE WHEN e.code_key <> '' AND e.code_key = %s THEN 100 WHEN e.code_key LIKE %s THEN 50 ELSE 0 END
                + CASE WHEN e.title_key IN (%s, %s) THEN 10 ELSE 0 END
                + CASE WHEN starts_with(e.title_key, %s) THEN 1 ELSE 0 END
                + 4 * similarity(e.title_key, %s)
                + CASE WHEN candidate.titled
                    THEN 2 * ts_rank('{{0.1,0.2,0.4,1}}', to_tsvector('portal', e.title_key), asked.words, 1) ELSE 0 END
                + ts_rank('{{0.1,0.2,0.4,1}}', t.vector, asked.words, 1) AS score
            FROM candidate JOIN core_catalogentry e ON e.id = candidate.id
            JOIN core_catalogtext t ON t.entry_id = e.id CROSS JOIN asked
            ORDER BY {order} LIMIT %s OFFSET %s)
        SELECT e.*, CASE WHEN e.state = 'effective' AND e.current_from > statement_timestamp() THEN 'approved'
                         WHEN e.state = 'effective' AND e.current_until <= statement_timestamp() THEN 'retired'
                         ELSE e.state END AS shown,
            ts_headline('portal', left(coalesce(nullif(t.body, ''), t.attachments), %s), asked.words, %s) AS snippet
        FROM best e JOIN core_catalogtext t ON t.entry_id = e.id CROSS JOIN asked
        ORDER BY {order}"""  # noqa: S608 - the parts are written above, values are bound
    plain_words = asked["plain"]
    codes = [asked["code"], asked["end_of_code"]]
    bound = [asked["words"], *candidate_params, *codes, plain_words, asked["typed"], plain_words, plain_words]
    return sql, bound


def marked(headline: str) -> SafeString:
    """PostgreSQL's snippet as HTML: everything escaped but our own marks."""
    safe = escape(headline or "").replace(START, '<mark class="mark">').replace(STOP, "</mark>")
    return mark_safe(safe)  # noqa: S308 - escaped above


def hit_ids(person: Any, q: str, *, everything: bool, limit: int, **chosen: Any) -> list[int]:
    """The entries a search finds with all its words, in no order; at most ``limit``."""
    query = widen(read(q))
    visible = _scope(person, everything).annotate(shown=shown_state())
    sql, params = matching(visible, query.all_words() if query else "", Chosen(**chosen))
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT %s", [*params, limit])
        return [row[0] for row in cursor.fetchall()]


SUGGESTED = 8
LOOKED_AT = 300


def suggest(person: Any, q: str) -> list[CatalogEntry]:
    """What somebody who is still typing probably means: codes and titles that are in force."""
    query = widen(read(q, prefix_from=1))
    visible = _scope(person, False)
    if not query:
        return []
    found = _suggested(visible, query)
    if not found and len(plain(q)) > 3:
        corrected = correct(query, visible)
        found = _suggested(visible, corrected) if corrected else []
    return found


def _suggested(visible: QuerySet, query: Query) -> list[CatalogEntry]:
    typed, key = " ".join(query.words), code_key(query.text)
    coded = visible.filter(code_key__startswith=key) if key else visible.none()
    begun = visible.filter(title_key__startswith=typed)
    parts = [
        part.values("pk") for part in (coded[:20], begun[:LOOKED_AT], _titled(visible, query.all_words())[:LOOKED_AT])
    ]
    pieces = [part.query.sql_with_params() for part in parts if not part.query.is_empty()]
    union = " UNION ".join(f"(SELECT p.id FROM ({sql}) p(id))" for sql, _params in pieces)  # noqa: S608
    sql = f"""
        SELECT e.*, CASE WHEN e.code_key = %s THEN 3 WHEN starts_with(e.code_key, %s) THEN 1 ELSE 0 END
            + CASE WHEN starts_with(e.title_key, %s) THEN 1 ELSE 0 END + similarity(e.title_key, %s) AS score
        FROM core_catalogentry e WHERE e.id IN ({union})
        ORDER BY score DESC, length(e.title_key), e.id LIMIT {SUGGESTED}"""  # noqa: S608
    bound = [key, key or " ", typed, typed, *(value for _sql, params in pieces for value in params)]
    return list(CatalogEntry.objects.raw(sql, bound))
