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


@dataclass(frozen=True)
class Chosen:
    """The values somebody narrowed the hits to."""

    kind: str = ""
    department: int | None = None
    state: str = ""
    owner: int | None = None

    def values(self) -> dict[str, Any]:
        """What is chosen, by facet."""
        return {name: getattr(self, name) for name in FACETS if getattr(self, name) not in ("", None)}

    def narrow(self, hits: QuerySet) -> QuerySet:
        """Only the hits that have the chosen values; expects the annotation ``shown``."""
        fields = {"kind": "kind", "department": "department_id", "state": "shown", "owner": "owner_id"}
        return hits.filter(**{fields[name]: value for name, value in self.values().items()})


def count_hits(hits: QuerySet, chosen: Chosen) -> tuple[int, dict[str, list[FacetValue]]]:
    """How many hits the chosen values leave, and for each facet its values under the choices in the *other* facets."""
    inner, params = hits.order_by().values_list("kind", "department_id", "shown", "owner_id").query.sql_with_params()
    values = chosen.values()
    totals = _count_where(values, {})
    counts = [_count_where(values, {name}) for name in FACETS]
    sql = f"""
        WITH hit(kind, department, state, owner) AS ({inner}),
        counted AS (
            SELECT grouping(kind, department, state, owner) AS g, kind, department, state, owner,
                CASE grouping(kind, department, state, owner)
                    WHEN 7 THEN {counts[0]} WHEN 11 THEN {counts[1]} WHEN 13 THEN {counts[2]} WHEN 14 THEN {counts[3]}
                    ELSE {totals} END AS n
            FROM hit GROUP BY GROUPING SETS ((kind), (department), (state), (owner), ())),
        placed AS (SELECT *, row_number() OVER (PARTITION BY g ORDER BY n DESC, kind, department, state, owner) AS place
                   FROM counted WHERE n > 0)
        SELECT g, kind, department, state, owner, n FROM placed WHERE place <= {MOST}
            OR kind = %s OR department = %s OR state = %s OR owner = %s
        ORDER BY g, place"""  # noqa: S608 - the parts are written here, values are bound
    conditions = [value for skipped in (*FACETS, None) for name, value in values.items() if name != skipped]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, *conditions, *(values.get(name) for name in FACETS)])
        rows = cursor.fetchall()
    return _sorted_out(rows, values)


def _count_where(values: dict[str, Any], skipped: Any) -> str:
    conditions = " AND ".join(f"{name} = %s" for name in values if name not in skipped)
    return f"count(*) FILTER (WHERE {conditions})" if conditions else "count(*)"


def _sorted_out(rows: list[tuple], values: dict[str, Any]) -> tuple[int, dict[str, list[FacetValue]]]:
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
            facets[name].append(FacetValue(value, n, value == values.get(name)))
    return total, facets
