"""Counting hits by kind, department, state and owner, in one question whatever is chosen."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

FACETS = ("kind", "department", "state", "owner")
MOST = 12  # values shown of one facet


@dataclass
class FacetValue:
    """One value of a facet: how many hits it would leave, and whether it is chosen."""

    value: Any
    count: int
    is_chosen: bool = False


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

    def narrow(self, entries: QuerySet) -> QuerySet:
        """Only the entries that have the chosen values; expects the annotation ``shown``."""
        fields = {"kind": "kind", "department": "department_id", "state": "shown", "owner": "owner_id"}
        return entries.filter(**{f"{fields[name]}__in": values for name, values in self.values().items()})


def matching(entries: QuerySet, words: str, *columns: str) -> tuple[str, list]:
    """SQL for those of the entries whose words match, or for all of them without words.

    The words are looked up first and once, whatever the planner believes about the tables: right after an import its
    figures are old, and reading the words again for each entry took minutes.
    """
    inner, params = entries.order_by().values_list("pk", *columns).query.sql_with_params()
    names = ", ".join(["id", *(name.removesuffix("_id") for name in columns)])
    if not words:
        return f"SELECT {names} FROM ({inner}) visible({names})", list(params)  # noqa: S608
    sql = f"""
        WITH matched AS MATERIALIZED (
            SELECT entry_id FROM core_catalogtext WHERE vector @@ to_tsquery('portal', %s))
        SELECT {names} FROM ({inner}) visible({names}) JOIN matched ON matched.entry_id = visible.id"""  # noqa: S608
    return sql, [words, *params]


def count_hits(entries: QuerySet, words: str, chosen: Chosen) -> tuple[int, dict[str, list[FacetValue]]]:
    """How many hits the chosen values leave, and for each facet its values under the choices in the *other* facets."""
    inner, params = matching(entries, words, "kind", "department_id", "shown", "owner_id")
    values = chosen.values()
    totals = _count_where(values, set())
    counts = [_count_where(values, {name}) for name in FACETS]
    sql = f"""
        WITH hit(id, kind, department, state, owner) AS ({inner}),
        counted AS (
            SELECT grouping(kind, department, state, owner) AS g, kind, department, state, owner,
                CASE grouping(kind, department, state, owner)
                    WHEN 7 THEN {counts[0]} WHEN 11 THEN {counts[1]} WHEN 13 THEN {counts[2]} WHEN 14 THEN {counts[3]}
                    ELSE {totals} END AS n
            FROM hit GROUP BY GROUPING SETS ((kind), (department), (state), (owner), ())),
        placed AS (SELECT *, row_number() OVER (PARTITION BY g ORDER BY n DESC, kind, department, state, owner) AS place
                   FROM counted WHERE n > 0)
        SELECT g, kind, department, state, owner, n FROM placed WHERE place <= {MOST}
            OR kind = ANY(%s) OR department = ANY(%s::bigint[]) OR state = ANY(%s) OR owner = ANY(%s::bigint[])
        ORDER BY g, place"""  # noqa: S608 - the parts are written here, values are bound
    conditions = [value for skipped in (*FACETS, None) for name, value in values.items() if name != skipped]
    with connection.cursor() as cursor:
        # The planner does not know how dear it is to read a vector: for the commonest word it read 100,000 of them
        # (1,200 ms) instead of the index. Both statements go in one message, so the setting ends with it.
        cursor.execute(
            f"SET LOCAL enable_seqscan = off; {sql}", [*params, *conditions, *(values.get(name, []) for name in FACETS)]
        )
        rows = cursor.fetchall()
    return _sorted_out(rows, values)


def _count_where(values: dict[str, list], skipped: set[str]) -> str:
    conditions = " AND ".join(f"{name} = ANY(%s)" for name in values if name not in skipped)
    return f"count(*) FILTER (WHERE {conditions})" if conditions else "count(*)"


def _sorted_out(rows: list[tuple], values: dict[str, list]) -> tuple[int, dict[str, list[FacetValue]]]:
    total = 0
    facets: dict[str, list[FacetValue]] = {name: [] for name in FACETS}
    place = {7: 0, 11: 1, 13: 2, 14: 3}
    for group, *found, n in rows:
        if group == 15:
            total = n
            continue
        name = FACETS[place[group]]
        value = found[place[group]]
        if value not in ("", None):
            facets[name].append(FacetValue(value, n, value in values.get(name, ())))
    return total, facets
