"""KPIs: the overview of 200 and of 3,000 with five years each, a chart of 2,000 points, 3,000 judged again."""

import gzip
import random
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db import transaction

from bench.measuring import Taken, ask, client_of
from bench.report import Figure
from kpis.judging import judge_outdated, mark_outdated, recompute
from kpis.models import Definition, Kpi, Measurement, Target
from kpis.periods import first_day, shifted
from people.models import Person

FEW, MANY, MONTHS, LONG = 200, 3_000, 60, 2_000
PREFIX = "BENCH-"
TURNS = 30


def figures() -> Iterator[Figure]:
    """Each figure of the issue, and the queries over 200 and over 3,000 KPIs."""
    person = Person.objects.filter(is_active=True).order_by("pk").first()
    client = client_of(person)
    fill(person, FEW)
    few = ask(client, ["/kpis/overview/"] * TURNS)
    yield Figure("overview of 200 KPIs, p95", few.p95(), 200, processor=few.p50_of_processor())
    yield Figure("… queries", few.most_queries(), 15, "")
    fill(person, MANY)
    many = ask(client, ["/kpis/overview/"] * TURNS)
    yield Figure("overview of 3,000 KPIs, p95", many.p95(), 200, processor=many.p50_of_processor())
    yield Figure("… queries more than over 200", many.usual_queries() - few.usual_queries(), 0, "")
    yield from _chart(person, client)
    keys = list(Kpi.objects.filter(code__startswith=PREFIX).values_list("pk", flat=True)[:MANY])
    with transaction.atomic():
        mark_outdated(keys)
    began = time.perf_counter()
    judge_outdated()
    yield Figure("3,000 KPIs judged again", time.perf_counter() - began, 60, "s")


def _chart(person: Person, client: object) -> Iterator[Figure]:
    kpi = make(person, [f"{PREFIX}LONG"], grain="day", count=LONG)[0]
    taken: Taken = ask(client, [kpi.get_absolute_url()] * TURNS)
    yield Figure("KPI page with 2,000 points, p95", taken.p95(), 120, processor=taken.p50_of_processor())
    page = client.get(kpi.get_absolute_url()).content  # type: ignore[attr-defined]
    yield Figure("… compressed", len(gzip.compress(page)) / 1000, 90, "kB")


def fill(person: Person, count: int) -> None:
    """As many monthly KPIs with five years of values, judged."""
    there = set(Kpi.objects.filter(code__startswith=PREFIX).values_list("code", flat=True))
    codes = [code for n in range(count) if (code := f"{PREFIX}{n:05}") not in there]
    for start in range(0, len(codes), 500):
        kpis = make(person, codes[start : start + 500])
        recompute(kpi.pk for kpi in kpis)


def make(person: Person, codes: list[str], *, grain: str = "month", count: int = MONTHS) -> list[Kpi]:
    """KPIs with values, as many rows at once as the database takes."""
    there = list(Kpi.objects.filter(code__in=codes))
    if there:
        return there
    dice = random.Random(codes[0])  # noqa: S311 - the same values each time
    calendar = Kpi().calendar
    last = shifted(first_day(date.today(), grain, calendar), grain, -1)
    periods = [shifted(last, grain, -n) for n in reversed(range(count))]
    made = Kpi.objects.bulk_create(
        Kpi(
            code=code,
            title=f"Orders shipped on time, line {code}",
            owner=person,
            state=Kpi.State.IN_USE,
            starts_on=periods[0],
            grain=grain,
            working_days=list(range(7)),
            unit="%",
            audience_keys=["everyone"],
        )
        for code in codes
    )
    definitions = Definition.objects.bulk_create(
        Definition(kpi=kpi, number=1, valid_from=periods[0], **kpi.definition_values()) for kpi in made
    )
    Target.objects.bulk_create(Target(kpi=kpi, valid_from=periods[0], target=Decimal(92)) for kpi in made)
    Measurement.objects.bulk_create(
        (
            Measurement(
                kpi=kpi,
                definition=definition,
                kind="number",
                period=period,
                value=Decimal(f"{dice.gauss(93, 1.5):.2f}"),
                way="api",
            )
            for kpi, definition in zip(made, definitions, strict=True)
            for period in periods
        ),
        batch_size=5_000,
    )
    return made
