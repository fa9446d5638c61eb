"""What a report says, as words and numbers made once: its page, its PDF and its workbook show the same."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t

from kpis.analysis import Analysis, analyse_many, judgement_of
from kpis.charting import chart_points, decimals_of, mark_svg, marker_labels, table_rows, ticks_of
from kpis.charts.control_chart import ChartMarker, Words, control_chart
from kpis.figures import DASH, change_text, figure_text, number_text, target_text
from kpis.models import Commentary, Judgement, Kpi, Report, ReportItem
from kpis.period_words import period_words
from kpis.periods import Calendar, last_day, last_finished
from kpis.wording import describe


@dataclass(frozen=True)
class Line:
    """One period of a KPI: words, and the numbers behind them for the workbook."""

    period: date
    period_words: str
    value: str
    numerator: str
    denominator: str
    state: str
    mean: str
    lower: str
    upper: str
    target: str
    numbers: dict[str, Decimal | float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class KpiContent:
    """One KPI in a report."""

    pk: int
    code: str
    title: str
    unit: str
    decimals: int
    has_parts: bool
    latest_period: str
    latest: str
    change: str
    target: str
    verdict: str
    variation: str
    assurance: str
    lines: tuple[Line, ...]
    chart: SafeString
    numbers: dict[str, Decimal | float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class PageContent:
    heading: str
    commentary: str
    kpis: tuple[KpiContent, ...]


@dataclass(frozen=True)
class ReportContent:
    """A whole report as one person may see it."""

    code: str
    title: str
    introduction: str
    period: date
    period_words: str
    pages: tuple[PageContent, ...]

    @property
    def kpi_ids(self) -> list[int]:
        return sorted({kpi.pk for page in self.pages for kpi in page.kpis})

    def content_hash(self) -> str:
        """sha256 of everything that is said; the same while nothing is different for the reader."""
        told = asdict(self)
        text = json.dumps(told, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def period_of(report: Report, day: date) -> date:
    """The period that the report is about when it is sent on ``day``: the newest that is over."""
    return last_finished(day, report.grain, Calendar())


def name_of_period(report: Report, period: date) -> str:
    return period_words(period, report.grain, Calendar())


def kpis_of(report: Report, person: Any) -> QuerySet[Kpi]:
    """The KPIs of a report that the person may see and its filters let through."""
    kpis = Kpi.objects.visible_to(person).exclude(state=Kpi.State.DRAFT)
    kpis = kpis.filter(pk__in=ReportItem.objects.filter(page__report=report).values("kpi"))
    if report.only_department_id:
        kpis = kpis.filter(department__lineage__contains=[report.only_department_id])
    if report.only_process_id:
        kpis = kpis.filter(process__lineage__contains=[report.only_process_id])
    if report.only_owner_id:
        kpis = kpis.filter(owner=report.only_owner_id)
    return kpis


def content_of(report: Report, person: Any, period: date) -> ReportContent:
    """The report as this person may see it now, in the active language."""
    kpis = {kpi.pk: kpi for kpi in kpis_of(report, person)}
    end = last_day(period, report.grain)
    analyses = analyse_many(kpis.values())
    said = dict(Commentary.objects.filter(page__report=report, period=period).values_list("page", "text"))
    pages = []
    for page in report.pages.prefetch_related("items"):
        shown = [analyses[item.kpi_id] for item in page.items.all() if item.kpi_id in kpis]
        contents = tuple(_kpi_content(analysis, person, report.periods_shown, end) for analysis in shown)
        if contents or said.get(page.pk):
            pages.append(PageContent(page.heading, said.get(page.pk, "") if contents else "", contents))
    pages = [page for page in pages if page.kpis]
    return ReportContent(
        report.code, report.title, report.introduction, period, name_of_period(report, period), tuple(pages)
    )


def _kpi_content(analysis: Analysis, person: Any, count: int, end: date) -> KpiContent:
    kpi = analysis.kpi
    row = judgement_of(analysis, has_proposal=False)
    lines = _lines(analysis, count, end)
    return KpiContent(
        pk=kpi.pk,
        code=kpi.code,
        title=kpi.title,
        unit=kpi.unit,
        decimals=kpi.decimals,
        has_parts=kpi.has_parts,
        latest_period=period_words(row.period, kpi.grain, kpi.calendar) if row.period else DASH,
        latest=figure_text(kpi, row.value) if row.value is not None else _t("No value yet"),
        change=change_text(kpi, row.value - row.previous_value)
        if row.value is not None and row.previous_value is not None
        else DASH,
        target=target_text(kpi, row.target_low, row.target_high),
        verdict=str(Judgement.Verdict(row.verdict).label) if row.verdict else DASH,
        variation=str(Judgement.Variation(row.variation).label),
        assurance=str(Judgement.Assurance(row.assurance).label),
        lines=lines,
        chart=_chart(analysis, person, count, end),
        numbers={"latest": row.value, "previous": row.previous_value},
    )


def _lines(analysis: Analysis, count: int, end: date) -> tuple[Line, ...]:
    """The newest periods until the end of the report's, newest first."""
    kpi = analysis.kpi
    known = {
        point.period: (point, judged) for point, judged in zip(analysis.points, analysis.series.points, strict=True)
    }
    lines = []
    for row in table_rows(analysis, None):
        if row.period > end or len(lines) == count:
            continue
        point, judged = known[row.period]
        lines.append(
            Line(
                period=row.period,
                period_words=row.label,
                value=row.value,
                numerator=row.numerator,
                denominator=row.denominator,
                state=row.signal if point.value is not None and row.signal else str(point.state_words),
                mean=row.mean,
                lower=row.lower,
                upper=row.upper,
                target=target_text(kpi, judged.target_low, judged.target_high),
                numbers={
                    "value": point.value,
                    "numerator": point.numerator,
                    "denominator": point.denominator,
                    "mean": judged.center,
                    "lower": judged.lower,
                    "upper": judged.upper,
                },
            )
        )
    return tuple(lines)


def _chart(analysis: Analysis, person: Any, count: int, end: date) -> SafeString:
    """The periods of the table as a picture."""
    kpi = analysis.kpi
    points = chart_points(analysis)
    last = sum(point.period <= end for point in analysis.points)
    first = max(0, last - count)
    if first >= last:
        return SafeString("")
    labels = marker_labels(analysis.rows.markers, person)
    places = [(analysis.marker_place(marker), labels[marker.pk]) for marker in analysis.rows.markers]
    markers = [
        ChartMarker(place - first, label) for place, label in places if place is not None and first <= place < last
    ]
    words = Words(kpi.title, describe(analysis), _t("Mean"), _t("Upper"), _t("Lower"), _t("Target"))

    def axis_text(figure: float) -> str:
        return number_text(figure, decimals_of(figure, kpi.decimals + 1))

    ticks = ticks_of(analysis, first, last)
    return mark_svg(control_chart(points[first:last], markers, words, axis_text, ticks, key=f"report-{kpi.pk}").svg)
