"""The demo's twelve KPIs over three years: defined when the process tree stood, their history loaded from the old
spreadsheets, then entered period by period.

One shows a real change after a procedure took effect, one is getting worse, one will miss its target, one is late, and
one was corrected.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from kpis.judging import judge_outdated
from kpis.measuring import Entry, enter
from kpis.models import Kpi, Target, Way
from kpis.periods import first_day, last_day, periods_between
from portal.demo import clock
from portal.demo.life import Life
from processes.models import Process

DEFINED = 95  # days ago: the week after the processes were linked to their documents
LOADED = 94
YEARS = 3
NEW_PROCEDURE = 88  # days ago: SOP-INB-001 took effect in its present version

Make = Callable[[random.Random, date, int], dict[str, Any]]


@dataclass(frozen=True)
class KpiPlan:
    """One KPI: its definition, targets by the year they hold from, and how its values come about."""

    code: str
    title: str
    process: str
    owner: str
    values: Make
    fields: dict[str, Any]
    targets: tuple[tuple[int, str, str, str], ...]  # years ago, target, lower, upper
    entered_by: str = ""
    late_periods: int = 0
    corrected: tuple[int, str, dict[str, str]] | None = None  # periods ago, reason, what it was first


def number(level: Callable[[date, int], float], spread: float, decimals: int = 0) -> Make:
    """Single values around a level."""

    def make(dice: random.Random, period: date, place: int) -> dict[str, Any]:
        value = dice.gauss(level(period, place), spread)
        return {"value": Decimal(f"{value:.{decimals}f}")}

    return make


def share(level: Callable[[date, int], float], size: int, extra: float = 0.0) -> Make:
    """Cases out of about `size`, with more variation than chance by `extra`."""

    def make(dice: random.Random, period: date, place: int) -> dict[str, Any]:
        total = round(dice.gauss(size, size * 0.06))
        chance = min(0.999, max(0.001, dice.gauss(level(period, place), extra)))
        spread = (total * chance * (1 - chance)) ** 0.5
        good = min(total, max(0, round(dice.gauss(total * chance, spread))))
        return {"numerator": Decimal(good), "denominator": Decimal(total)}

    return make


def rate(level: float, size: int) -> Make:
    """Events on about `size` chances."""

    def make(dice: random.Random, period: date, place: int) -> dict[str, Any]:
        total = round(dice.gauss(size, size * 0.05))
        events = max(0, round(dice.gauss(total * level, (total * level) ** 0.5)))
        return {"numerator": Decimal(events), "denominator": Decimal(total)}

    return make


def samples(level: float, spread: float, count: int) -> Make:
    """Several values a period."""

    def make(dice: random.Random, period: date, place: int) -> dict[str, Any]:
        return {"subgroup": tuple(Decimal(f"{dice.gauss(level, spread):.1f}") for _ in range(count))}

    return make


def dock_to_stock(period: date, place: int) -> float:
    """Faster since the logger is read before the doors are opened."""
    return 91.5 if period >= clock.day(NEW_PROCEDURE) else 119.0


def on_time_in_full(period: date, place: int) -> float:
    """Falling since the road works at the ring road began, nine months ago."""
    months = max(0.0, (period - clock.day(9 * 30)).days / 30)
    return 0.957 - 0.006 * months


RATIO: dict[str, Any] = {"kind": "ratio", "unit": "%", "per": 100, "aggregation": "ratio_of_sums", "decimals": 1}
LOWER = {"direction": "lower"}

KPIS = (
    KpiPlan(
        "KPI-001",
        "Dock-to-stock time, cold goods",
        "P2.1.1",
        "amara.diallo",
        number(dock_to_stock, 6.0),
        {
            "unit": "min",
            "decimals": 0,
            "grain": "week",
            "due_days": 2,
            "source": "Warehouse system, every Monday at 06:00",
            "purpose": "Goods that stand at the dock get warm: shows whether receiving keeps up with arrivals.",
            "period_rule": "Day on which the stock becomes available",
            "left_out": "Refused loads",
            **LOWER,
        },
        ((3, "120", "", "140"), (1, "100", "", "120")),
    ),
    KpiPlan(
        "KPI-002",
        "Temperature excursions per 1,000 receipts",
        "P2.1.1",
        "amara.diallo",
        rate(0.0019, 5200),
        {
            "kind": "count",
            "unit": "",
            "per": 1000,
            "aggregation": "ratio_of_sums",
            "decimals": 1,
            "numerator_label": "Excursions",
            "denominator_label": "Receipts",
            "purpose": "Every excursion may cost the lot. Shows whether the dock keeps the cold chain.",
            "period_rule": "Day of the reading",
            "source": "Excursion reports FRM-QUA-001",
            **LOWER,
        },
        ((3, "2.0", "", "3.0"),),
        entered_by="sian.evans",
    ),
    KpiPlan(
        "KPI-003",
        "Orders packed on time",
        "P2.3",
        "fiona.macrae",
        share(lambda period, place: 0.962, 940),
        {
            **RATIO,
            "numerator_label": "Orders packed before cut-off",
            "denominator_label": "Orders due",
            "purpose": "A late order misses its truck.",
            "period_rule": "Day of the cut-off",
            "left_out": "Orders that the customer changed on the day",
            "source": "Warehouse system",
        },
        ((3, "95", "93", ""), (1, "96", "94", "")),
    ),
    KpiPlan(
        "KPI-004",
        "Delivered on time and in full",
        "P2.4",
        "george.tsang",
        share(on_time_in_full, 42_000, 0.006),
        {
            **RATIO,
            "numerator_label": "Deliveries on time and in full",
            "denominator_label": "Deliveries",
            "purpose": "What hospitals and pharmacies judge us by.",
            "period_rule": "Promised day of delivery",
            "left_out": "Deliveries refused by the customer",
            "source": "Transport planning, third working day",
        },
        ((3, "94", "92", ""),),
        entered_by="lena.hoffmann",
    ),
    KpiPlan(
        "KPI-005",
        "Stock accuracy",
        "P2.2",
        "beatriz.lopes",
        share(lambda period, place: 0.9962, 3100),
        {
            **RATIO,
            "decimals": 2,
            "numerator_label": "Locations counted right",
            "denominator_label": "Locations counted",
            "purpose": "Wrong stock becomes a wrong promise to a customer.",
            "period_rule": "Day of the count",
            "source": "Counting by class, SOP-INV-001",
        },
        ((3, "99.0", "98.5", ""),),
        entered_by="callum.reid",
    ),
    KpiPlan(
        "KPI-006",
        "Complaints per 1,000 deliveries",
        "P1.1",
        "sian.evans",
        rate(0.0031, 6400),
        {
            "kind": "count",
            "per": 1000,
            "aggregation": "ratio_of_sums",
            "decimals": 1,
            "numerator_label": "Complaints",
            "denominator_label": "Deliveries",
            "purpose": "Shows what reaches the customer in spite of all checks.",
            "period_rule": "Day on which the complaint came in",
            "left_out": "Complaints about invoices",
            "source": "Complaint register",
            **LOWER,
        },
        ((3, "3.5", "", "5.0"),),
        corrected=(2, "Four complaints were counted twice, once by phone and once by mail", {"numerator": "4"}),
    ),
    KpiPlan(
        "KPI-007",
        "Suppliers paid within 30 days",
        "P3.1",
        "margaret.quill",
        share(lambda period, place: 0.874, 610),
        {
            **RATIO,
            "numerator_label": "Invoices paid within 30 days",
            "denominator_label": "Invoices paid",
            "purpose": "Late payment costs discounts and goodwill.",
            "period_rule": "Day of payment",
            "left_out": "Invoices in dispute",
            "source": "Ledger, second working day",
        },
        ((3, "90", "85", ""), (1, "95", "90", "")),
        entered_by="devon.clarke",
    ),
    KpiPlan(
        "KPI-008",
        "Booking-in time of ambient pallets",
        "P2.1.2",
        "amara.diallo",
        samples(6.4, 0.9, 5),
        {
            "kind": "subgroup",
            "unit": "min",
            "decimals": 1,
            "grain": "week",
            "due_days": 3,
            "purpose": "Five pallets are timed each week, so that small losses of time are seen early.",
            "period_rule": "Week of the observation",
            "source": "Timed at the dock, five pallets a week",
            **LOWER,
        },
        ((3, "8", "", "10"),),
        entered_by="stuart.pell",
    ),
    KpiPlan(
        "KPI-009",
        "Induction finished in the first week",
        "P3.2",
        "ingrid.solberg",
        share(lambda period, place: 0.91, 34),
        {
            **RATIO,
            "decimals": 0,
            "numerator_label": "Starters with a finished induction",
            "denominator_label": "Starters",
            "purpose": "Nobody works alone at the dock before the induction is finished.",
            "period_rule": "Day of the start",
            "source": "Induction cards",
        },
        ((3, "90", "80", ""),),
        entered_by="nadia.rahman",
        late_periods=2,
    ),
    KpiPlan(
        "KPI-010",
        "Handling cost per pallet",
        "P2",
        "owner",
        number(lambda period, place: 14.2 + place * 0.004, 0.32, 2),
        {
            "unit": "£",
            "decimals": 2,
            "purpose": "Whether growth is paid for by better work or by more hours.",
            "period_rule": "Month of the booking",
            "source": "Monthly accounts, fifth working day",
            **LOWER,
        },
        ((3, "15.50", "", "16.50"),),
        entered_by="margaret.quill",
    ),
    KpiPlan(
        "KPI-011",
        "Cold store temperature",
        "P2.2",
        "beatriz.lopes",
        number(lambda period, place: 4.6, 0.35, 1),
        {
            "unit": "°C",
            "decimals": 1,
            "grain": "week",
            "due_days": 1,
            "direction": "within",
            "purpose": "Goods of class A must stay between 2 and 8 °C all week.",
            "period_rule": "Mean of the readings of the week",
            "source": "Cold-store loggers",
        },
        ((3, "", "2", "8"),),
        entered_by="wojtek.zielinski",
    ),
    KpiPlan(
        "KPI-012",
        "Energy per pallet stored",
        "P2.2",
        "paul.brennan",
        number(lambda period, place: 21.5 - (2.4 if place > 25 else 0), 0.7, 1),
        {
            "unit": "kWh",
            "decimals": 1,
            "purpose": "Cooling is the second largest cost of the site.",
            "period_rule": "Month of the meter reading",
            "source": "Meters M1 to M4",
            **LOWER,
        },
        ((3, "22", "", "24"),),
    ),
)


@dataclass(frozen=True)
class Period:
    """One period of a KPI with what was measured in it and when that was entered."""

    start: date
    values: dict[str, Any]
    entered_at: datetime


def plan_kpis(life: Life) -> None:
    """Let the owners define their KPIs, load their history and enter each period since."""
    loaded = clock.moment(LOADED, 11)
    for plan in KPIS:
        periods = _periods(plan)
        known = [period for period in periods if period.entered_at <= loaded]
        later = [period for period in periods if period.entered_at > loaded]
        start, targets = _start(plan), _targets(plan)
        life.plan(clock.moment(DEFINED, 9, 30), lambda plan=plan, s=start, t=targets: _define(life, plan, s, t))
        life.plan(loaded, lambda plan=plan, known=known: _enter(life, plan, known, Way.FILE))
        for period in later:
            first = _before_correction(plan, periods, period)
            life.plan(period.entered_at, lambda plan=plan, first=first: _enter(life, plan, [first], Way.FORM))
        if plan.corrected:
            wrong = periods[-plan.corrected[0]]
            life.plan(clock.moment(6, 15, 10), lambda plan=plan, wrong=wrong: _correct(life, plan, wrong))


def judge_kpis() -> None:
    """Let the overview know what the values say."""
    judge_outdated()


def _start(plan: KpiPlan) -> date:
    today = timezone.localdate()
    return first_day(today.replace(day=1, year=today.year - YEARS), _grain(plan), Kpi().calendar)


def _grain(plan: KpiPlan) -> str:
    return str(plan.fields.get("grain", "month"))


def _periods(plan: KpiPlan) -> list[Period]:
    """What was entered until now, oldest first: the same values whatever the day on which the demo is made."""
    grain, now = _grain(plan), timezone.now()
    found = []
    for place, start in enumerate(periods_between(_start(plan), now.date(), grain, Kpi().calendar)):
        entered_at = _next_morning(last_day(start, grain))
        if entered_at <= now:
            dice = random.Random(f"{plan.code} {place}")  # noqa: S311 - a demo's dice
            found.append(Period(start, plan.values(dice, start, place), entered_at))
    return found[: len(found) - plan.late_periods]


def _next_morning(day: date) -> datetime:
    """The morning of the first working day after."""
    when = clock.exactly(day + timedelta(days=1), 9, 15)
    return when + timedelta(days=max(0, 7 - when.weekday()) if when.weekday() > 4 else 0)


def _before_correction(plan: KpiPlan, periods: list[Period], period: Period) -> Period:
    """The period as it was entered first: one of them wrongly."""
    if plan.corrected is None or periods[-plan.corrected[0]] != period:
        return period
    more = plan.corrected[2]
    wrong = {name: value + Decimal(more.get(name, "0")) for name, value in period.values.items()}
    return Period(period.start, wrong, period.entered_at)


def _targets(plan: KpiPlan) -> list[dict[str, Any]]:
    year = timezone.localdate().year
    return [
        {
            "valid_from": _start(plan) if years == YEARS else date(year - years + 1, 1, 1),
            "target": Decimal(target) if target else None,
            "lower": Decimal(lower) if lower else None,
            "upper": Decimal(upper) if upper else None,
        }
        for years, target, lower, upper in plan.targets
    ]


def _define(life: Life, plan: KpiPlan, start: date, targets: list[dict[str, Any]]) -> None:
    owner = life.people[plan.owner]
    process = Process.objects.get(code=plan.process)
    kpi = Kpi(
        code=plan.code,
        title=plan.title,
        owner=owner,
        deputy=life.people[plan.entered_by] if plan.entered_by else None,
        department=process.department,
        process=process,
        starts_on=start,
        **plan.fields,
    )
    kpi.save(by=owner)
    for target in targets:
        Target.objects.create(kpi=kpi, **target)
    kpi.move("use", by=owner)


def _enter(life: Life, plan: KpiPlan, periods: list[Period], way: str) -> None:
    by = life.people[plan.owner if way == Way.FILE else plan.entered_by or plan.owner]
    entries = [Entry(period.start, **period.values) for period in periods]
    enter(Kpi.objects.get(code=plan.code), entries, by=by, way=way)


def _correct(life: Life, plan: KpiPlan, period: Period) -> None:
    reason = plan.corrected[1] if plan.corrected else ""
    entry = Entry(period.start, **period.values, reason=reason)
    enter(Kpi.objects.get(code=plan.code), [entry], by=life.people[plan.owner], way=Way.FORM)
