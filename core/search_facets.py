"""Counting hits by kind, department, state and owner, in one question whatever is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from core.search_text import any_kind

FACETS = ("kind", "department", "state", "owner")
COUNTED = 5_000
OTHERS = 1_000  # counted of a common word's hits beside what is chosen: what else there is, not how much exactly
LOOKED_AT = 2  # times as many as are counted: where nearly all hits have what is chosen, the others are not sought on
MOST = 12  # values shown of one facet


@dataclass
class FacetValue:
    """One value of a facet: how many hits it would leave (at least), and whether it is chosen."""

    value: Any
    count: int
    is_chosen: bool = False
    is_bounded: bool = False


def _several(value: Any) -> tuple:
    """One value, several, or none, as a tuple."""
    if value in ("", None):
        return ()
    return (value,) if isinstance(value, str | int) else tuple(value)


@dataclass(frozen=True)
class Chosen:
    """The values somebody narrowed the hits to; several of one facet widen it."""

    kind: Any = ""
    department: Any = None
    state: Any = ""
    owner: Any = None

    def values(self) -> dict[str, list]:
        """What is chosen, by facet."""
        return {name: list(_several(getattr(self, name))) for name in FACETS if _several(getattr(self, name))}

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that are chosen."""
        return _several(self.kind)

    def narrow(self, entries: QuerySet) -> QuerySet:
        """Only the entries that have the chosen values; expects the annotation ``shown``."""
        fields = {"kind": "kind", "department": "department_id", "state": "shown", "owner": "owner_id"}
        return entries.filter(**{f"{fields[name]}__in": values for name, values in self.values().items()})


NAMES = "id, kind, department, state, owner"


def _holding(name: str, words: str, kinds: Sequence[str] = ()) -> tuple[str, list]:
    """SQL that names the ids of the entries whose words match, and their kind where some are chosen.

    The words are looked up first and once, whatever the planner believes about the tables: right after an import its
    figures are old, and reading the words again for each entry took minutes.
    """
    asked, params = "to_tsquery('portal', %s)", [words]
    if kinds:
        asked, params = f"{asked} && %s::tsquery", [words, any_kind(kinds)]
    sql = f"{name} AS MATERIALIZED (SELECT entry_id FROM core_catalogtext WHERE vector @@ ({asked}))"  # noqa: S608
    return sql, params


def matching(entries: QuerySet, words: str, chosen: Chosen) -> tuple[str, list]:
    """SQL for the ids of the entries that have the chosen values and whose words match; all of them without words."""
    inner, params = chosen.narrow(entries).order_by().values_list("pk").query.sql_with_params()
    if not words:
        return f"SELECT id FROM ({inner}) visible(id)", list(params)  # noqa: S608
    held, asked = _holding("held", words, chosen.kinds)
    sql = f"WITH {held} SELECT id FROM held JOIN ({inner}) visible(id) ON held.entry_id = visible.id"  # noqa: S608
    return sql, [*asked, *params]


def in_order(entries: QuerySet, words: str, chosen: Chosen, order: str, limit: int) -> list[int]:
    """The first of very many hits in an order of their entries ("e.…"): entries are walked in that order through an
    index where there is one, until enough of them were among those whose words match."""
    inner, params = chosen.narrow(entries).order_by().query.sql_with_params()
    held, asked = _holding("held", words, chosen.kinds)
    with connection.cursor() as cursor:
        cursor.execute(  # IS TRUE keeps the planner from sorting all that match
            f"""SET LOCAL enable_seqscan = off; WITH {held}
                SELECT id FROM ({inner}) e WHERE (id IN (SELECT entry_id FROM held)) IS TRUE
                ORDER BY {order} LIMIT %s""",  # noqa: S608
            [*asked, *params, limit],
        )
        return [row[0] for row in cursor.fetchall()]


@dataclass
class Counted:
    """How many hits there are, what they can be narrowed to, and the first of them."""

    total: int = 0
    facets: dict[str, list[FacetValue]] = field(default_factory=dict)
    is_bounded: bool = False  # there are more than were counted
    ids: list[int] = field(default_factory=list)


def count_hits(entries: QuerySet, words: str, chosen: Chosen, *, wanted: int = 0) -> Counted:
    """How many hits the chosen values leave, and for each facet its values under the choices in the *other* facets.

    Counting ends at ``COUNTED``: nobody reads further, and the commonest word stands in everything. ``wanted`` of the
    hits come along, so that nobody looks them up again.
    """
    values = chosen.values()
    hits, params = _hits(entries, words, chosen)
    counts = [_count_where(values, {name}) for name in FACETS]
    sql = f"""
        WITH {hits},
        counted AS (
            SELECT grouping(kind, department, state, owner) AS g, kind, department, state, owner,
                CASE grouping(kind, department, state, owner)
                    WHEN 7 THEN {counts[0]} WHEN 11 THEN {counts[1]} WHEN 13 THEN {counts[2]} WHEN 14 THEN {counts[3]}
                    ELSE count(*) FILTER (WHERE missed = 0) END AS n,
                (SELECT yes FROM is_common) AND count(*) FILTER (WHERE missed = 1) >= {OTHERS} AS are_more
            FROM hit GROUP BY GROUPING SETS ((kind), (department), (state), (owner), ())),
        placed AS (SELECT *, row_number() OVER (PARTITION BY g ORDER BY n DESC, kind, department, state, owner) AS place
                   FROM counted WHERE n > 0 OR g = 15)
        SELECT g, kind, department, state, owner, n, are_more,
            CASE WHEN g = 15 THEN ARRAY(SELECT id FROM hit WHERE missed = 0 LIMIT {wanted}) END AS ids
        FROM placed WHERE place <= {MOST}
            OR kind = ANY(%s) OR department = ANY(%s::bigint[]) OR state = ANY(%s) OR owner = ANY(%s::bigint[])
        ORDER BY g, place"""  # noqa: S608 - the parts are written here, values are bound
    conditions = [value for skipped in FACETS for name, value in values.items() if name != skipped]
    with connection.cursor() as cursor:
        # The planner does not know how dear it is to read a vector: for the commonest word it read 100,000 of them
        # (1,200 ms) instead of the index. Both statements go in one message, so the setting ends with it.
        cursor.execute(
            f"SET LOCAL enable_seqscan = off; {sql}",
            [*params, *conditions, *(values.get(name, []) for name in FACETS)],
        )
        rows = cursor.fetchall()
    return _sorted_out(rows, values)


def _hits(entries: QuerySet, words: str, chosen: Chosen) -> tuple[str, list]:
    """SQL that names ``hit``: entries that match, with in how many facets they miss what is chosen (0 or 1).

    Entries are looked at one by one until enough are seen. But of a common word, the few that have a rare choice are
    found from the choice, else most of the others would be looked at first.
    """
    values, enough = chosen.values(), f"LIMIT {COUNTED + 1}"
    visible, params = _selected(entries)
    every, held, asked = f"SELECT * FROM ({visible}) visible({NAMES})", "", []  # noqa: S608
    if words:
        every = f"""SELECT visible.* FROM held, LATERAL (
            {every} WHERE visible.id = held.entry_id OFFSET 0) visible"""  # noqa: S608
        held, asked = _holding("held", words)
        held += ", "
    missed = " + ".join(f"CASE WHEN {name} = ANY(%s) THEN 0 ELSE 1 END" for name in values) or "0"
    head = f"""every AS NOT MATERIALIZED ({every}),
        measured AS NOT MATERIALIZED (SELECT *, {missed} AS missed FROM every),
        hit({NAMES}, missed) AS MATERIALIZED"""  # noqa: S608
    if not values:
        sql = f"{held} is_common(yes) AS (SELECT false), {head} (SELECT * FROM measured {enough})"  # noqa: S608
        return sql, [*asked, *params]
    narrowed, narrowed_params = _selected(chosen.narrow(entries))
    common, in_words = "SELECT true", "true"
    if words:
        common = f"SELECT count(*) > {COUNTED} FROM (SELECT FROM held {enough}) looked_at"  # noqa: S608
        in_words = "id IN (SELECT entry_id FROM held)"
        if chosen.kinds:
            of_kinds, more = _holding("held_of_kinds", words, chosen.kinds)
            held, asked = f"{held}{of_kinds}, ", [*asked, *more]
            in_words = "id IN (SELECT entry_id FROM held_of_kinds)"
    is_common = "(SELECT yes FROM is_common)"
    chosen_ones = f"SELECT *, 0 FROM ({narrowed}) narrowed({NAMES}) WHERE {in_words} AND {is_common}"  # noqa: S608
    hit = f"""(SELECT * FROM measured WHERE missed < 2 AND NOT {is_common})
        UNION ALL ({chosen_ones} {enough})
        UNION ALL (SELECT * FROM (SELECT * FROM measured LIMIT {LOOKED_AT * COUNTED}) looked_at
                   WHERE missed = 1 AND {is_common} LIMIT {OTHERS})"""  # noqa: S608
    sql = f"{held} is_common(yes) AS MATERIALIZED ({common}), {head} ({hit})"
    return sql, [*asked, *params, *values.values(), *narrowed_params]


def _selected(entries: QuerySet) -> tuple[str, list]:
    columns = ("kind", "department_id", "shown", "owner_id")
    sql, params = entries.order_by().values_list("pk", *columns).query.sql_with_params()
    return sql, list(params)


def _count_where(values: dict[str, list], skipped: set[str]) -> str:
    conditions = " AND ".join(f"{name} = ANY(%s)" for name in values if name not in skipped)
    return f"count(*) FILTER (WHERE {conditions})" if conditions else "count(*)"


def _sorted_out(rows: list[tuple], values: dict[str, list]) -> Counted:
    counted = Counted(facets={name: [] for name in FACETS})
    place = {7: 0, 11: 1, 13: 2, 14: 3}
    total, are_more, ids = next(tuple(rest) for group, _k, _d, _s, _o, *rest in rows if group == 15)
    counted.total, counted.is_bounded, counted.ids = min(total, COUNTED), total > COUNTED, ids
    for group, *found, n, _are_more, _ids in rows:
        if group == 15:
            continue
        name = FACETS[place[group]]
        value, chosen = found[place[group]], values.get(name, ())
        if value not in ("", None):
            is_bounded = counted.is_bounded or (bool(chosen) and are_more)
            counted.facets[name].append(FacetValue(value, min(n, COUNTED), value in chosen, is_bounded))
    return counted
