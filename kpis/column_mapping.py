"""Which column of a file is what: guessed from headings, checked before anything is read. No Django here."""

import hashlib
import re
from collections.abc import Sequence

# Field → headings that usually mean it, in order; compared in lower case without blanks and marks.
USUAL_HEADINGS: dict[str, tuple[str, ...]] = {
    "kpi": ("kpi", "kpicode", "code", "indicator", "metric"),
    "period": ("period", "month", "date", "week", "quarter", "day", "periodstart", "monat", "datum", "zeitraum"),
    "value": ("value", "result", "actual", "measurement", "wert", "ist"),
    "numerator": ("numerator", "good", "hits", "count", "defects", "zaehler", "zähler"),
    "failures": ("failures", "breaches", "misses", "rejected", "bad"),
    "denominator": ("denominator", "total", "cases", "attendances", "volume", "area", "weight", "nenner"),
    "subgroup": ("values", "subgroup", "readings", "sample"),
    "dimension_1": ("dimension1", "site", "location", "region", "org", "orgcode", "organisation", "standort"),
    "dimension_2": ("dimension2", "product", "type", "category", "produkt"),
    "left_out_count": ("leftout", "excluded"),
    "comment": ("comment", "remark", "note", "kommentar"),
    "evidence": ("evidence", "link", "reference", "nachweis"),
    "reason": ("reason", "reasonforcorrection", "grund"),
}
FIELDS = tuple(USUAL_HEADINGS)
# Which fields a measurement of a kind may come from; "failures" is the denominator less the numerator.
FIELDS_OF_KIND = {
    "number": ("value", "denominator"),
    "ratio": ("numerator", "failures", "denominator"),
    "count": ("numerator", "denominator"),
    "subgroup": ("subgroup",),
}


class UnusableMapping(ValueError):
    """``reason``: "missing", "both" or "twice"; ``field`` is where it shows."""

    def __init__(self, reason: str, field: str) -> None:
        super().__init__(reason)
        self.reason, self.field = reason, field


def bare(heading: str) -> str:
    """A heading as it is compared."""
    return re.sub(r"[\W_]+", "", heading.casefold())


def headings_hash(headings: Sequence[str]) -> str:
    """What a mapping is remembered by: sha256 of the headings in their order."""
    return hashlib.sha256("\x00".join(bare(heading) for heading in headings).encode()).hexdigest()


def guess(headings: Sequence[str], fields: Sequence[str], labels: dict[str, str] | None = None) -> dict[str, int]:
    """Field → column. ``labels`` are the KPI's own words for fields (its breakdowns, numerator, …) and win."""
    columns = {bare(heading): column for column, heading in reversed(list(enumerate(headings)))}
    found: dict[str, int] = {}
    for known in (
        {field: (bare(label),) for field, label in (labels or {}).items() if label},
        {field: USUAL_HEADINGS[field] for field in fields},
    ):
        for field, names in known.items():
            column = next((columns[name] for name in names if name in columns), None)
            if column is not None and field in fields and field not in found and column not in found.values():
                found[field] = column
    return found


def check(mapping: dict[str, int], kinds: set[str], dimensions: int) -> None:
    """Raise ``UnusableMapping`` when what every row needs has no column.

    ``kinds``: of the KPIs concerned ({} when a column names them) · ``dimensions``: how many breakdowns are asked for.
    """
    needed = {"period"} if kinds else {"period", "kpi"}
    if "number" in kinds:
        needed.add("value")
    if "subgroup" in kinds:
        needed.add("subgroup")
    if kinds & {"ratio", "count"}:
        needed |= {"denominator"} if "failures" in mapping else {"numerator", "denominator"}
    needed |= {f"dimension_{number}" for number in range(1, dimensions + 1)}
    for field in FIELDS:
        if field in needed and field not in mapping:
            raise UnusableMapping("missing", field)
    if mapping.keys() >= {"numerator", "failures"}:
        raise UnusableMapping("both", "failures")
    columns = list(mapping.values())
    for field, column in mapping.items():
        if columns.count(column) > 1:
            raise UnusableMapping("twice", field)
