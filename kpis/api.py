"""Measurements for programs: send values of a KPI, read what counts now. The KPIs themselves come from their kind."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from core.idempotency import once
from core.kinds.api import REPEATABLE, Input
from core.views import find
from kpis.measurement_rows import period_problem_words
from kpis.measuring import MOST_ENTRIES, MOST_VALUES, Entry, EntryProblems, enter
from kpis.models import Kpi, Measurement, Way
from kpis.periods import UnreadablePeriod, machine_name, parse_period

router = Router(tags=["KPIs"])


class MeasurementIn(Input):
    """One value: ``value``, or ``numerator`` and ``denominator``, or ``subgroup``, as the KPI's kind asks."""

    period: str = Field(max_length=40, description="2026-03-01, 2026-03, 2026-W10 or 2026-Q1")
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    subgroup: list[Decimal] | None = Field(None, max_length=MOST_VALUES)
    dimension_1: str = Field("", max_length=100)
    dimension_2: str = Field("", max_length=100)
    left_out_count: int | None = None
    comment: str = Field("", max_length=2000)
    evidence: str = Field("", max_length=500)
    reason: str = Field("", max_length=2000, description="needed where a value is replaced by another one")


class MeasurementsIn(Input):
    measurements: list[MeasurementIn] = Field(min_length=1, max_length=MOST_ENTRIES)


class MeasurementOut(Schema):
    period: date
    period_name: str
    dimension_1: str
    dimension_2: str
    figure: Decimal | None = Field(description="as the KPI states it; none where the denominator is 0")
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    subgroup: list[Decimal] | None
    left_out_count: int | None
    comment: str
    evidence: str
    way: str
    entered_at: datetime
    revision: int
    definition: int


class MeasurementPage(Schema):
    count: int
    page: int
    results: list[MeasurementOut]


class MeasurementFilters(Schema):
    since: date | None = None
    until: date | None = None
    page: int = Field(1, ge=1, le=100_000)
    page_size: int = Field(200, ge=1, le=1000)


class Problems(Schema):
    detail: list[dict[str, Any]]


@router.post(
    "/kpis/{code}/measurements",
    response={200: list[MeasurementOut], 422: Problems},
    openapi_extra=REPEATABLE,
    operation_id="enter_measurements",
)
def enter_measurements(request: HttpRequest, code: str, sent: MeasurementsIn) -> Any:
    """Store values, all or none; answers with what counts for their periods now.

    A value that is there already is replaced where ``reason`` says why. ``Idempotency-Key`` makes a repeat harmless.
    """
    kpi = find(Kpi, request.user, code=code)
    try:
        entries = _entries(kpi, sent.measurements)

        def act() -> Kpi:
            enter(kpi, entries, by=request.user, way=Way.API)
            return kpi

        once(request, Kpi, act)
    except EntryProblems as refused:
        return Status(422, {"detail": list(_details(refused))})
    rows = Measurement.objects.current().filter(kpi=kpi, period__in={entry.period for entry in entries})
    known = {(row.period, row.dimension_1, row.dimension_2): row for row in rows.select_related("definition")}
    return [_out(kpi, known[entry.key]) for entry in entries if entry.key in known]


@router.get("/kpis/{code}/measurements", response=MeasurementPage, operation_id="list_measurements")
def list_measurements(request: HttpRequest, code: str, filters: Query[MeasurementFilters]) -> Any:
    """The current values of a KPI, oldest first."""
    kpi = find(Kpi, request.user, code=code)
    rows = Measurement.objects.current().filter(kpi=kpi).between(filters.since, filters.until)
    pages = Paginator(
        rows.select_related("definition").order_by("period", "dimension_1", "dimension_2"), filters.page_size
    )
    shown = pages.page(filters.page).object_list if filters.page <= pages.num_pages else []
    return {"count": pages.count, "page": filters.page, "results": [_out(kpi, row) for row in shown]}


def _entries(kpi: Kpi, sent: list[MeasurementIn]) -> list[Entry]:
    entries, problems = [], {}
    for number, one in enumerate(sent):
        facts = one.model_dump()
        text = facts.pop("period")
        try:
            period = parse_period(text, kpi.grain, kpi.calendar)
        except UnreadablePeriod as problem:
            problems[number] = {"period": period_problem_words(problem, text, kpi.grain)}
            continue
        subgroup = facts.pop("subgroup")
        entries.append(Entry(period=period, subgroup=tuple(subgroup) if subgroup else None, **facts))
    if problems:
        raise EntryProblems(problems)
    return entries


def _details(refused: EntryProblems) -> Iterable[dict[str, Any]]:
    for number, problems in refused.problems.items():
        for field, words in problems.items():
            yield {"type": "value_error", "loc": ["body", "measurements", number, field], "msg": words}


def _out(kpi: Kpi, row: Measurement) -> dict[str, Any]:
    names = (
        *("period", "dimension_1", "dimension_2", "figure", "value", "numerator", "denominator", "subgroup"),
        *("left_out_count", "comment", "evidence", "way", "entered_at", "revision"),
    )
    name = machine_name(row.period, kpi.grain, kpi.calendar)
    return {field: getattr(row, field) for field in names} | {"period_name": name, "definition": row.definition.number}
