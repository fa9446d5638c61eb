"""A judged series as a picture and as a table, made from the same points."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.svg import Svg
from documents.models import Document
from kpis.analysis import Analysis
from kpis.charts.control_chart import (
    ChartMarker,
    ChartPoint,
    Drawing,
    Words,
    control_chart,
    legend_of,
    legend_sample,
)
from kpis.charts.sparkline import sparkline
from kpis.figure_words import number_words, plain_words, with_unit
from kpis.figures import DASH, number_text, period_tick
from kpis.models import ChangeMarker, Judgement, Kpi
from kpis.period_words import period_words
from kpis.periods import DAY, WEEK, Calendar
from kpis.series import PARTIAL, REPORTED, Point
from kpis.spc.judged import Chart, JudgedPoint
from kpis.wording import describe, signal_words

ROWS_SHOWN = 24
LONGEST_SPREAD = 500  # periods; of more, the lower half would be a grey band that costs as much as the upper one
LONG_AXIS = 60  # weeks or days from which their numbers alone would say too little
HIDDEN_CHANGE = _("Another document changed")

LEGEND = {
    "mean": _("Mean"),
    "limit": _("Limits"),
    "goal": _("Target"),
    "beyond": _("Beyond a limit"),
    "run": _("Other signal"),
    "excluded": _("Left out of limits"),
    "gap": _("No value"),
    "marker": _("Change in the process"),
}


@dataclass(frozen=True)
class Row:
    """One period of the table twin, as text."""

    period: date
    label: str
    value: str
    numerator: str
    denominator: str
    mean: str
    lower: str
    upper: str
    signal: str
    state: str
    is_gap: bool


@dataclass(frozen=True)
class Picture:
    """A chart for wide and narrow places with what a script needs to show the value under a pointer."""

    wide: SafeString
    narrow: SafeString
    legend: list[tuple[SafeString, Any]]


def chart_points(analysis: Analysis) -> list[ChartPoint]:
    """What the picture draws, oldest first."""
    pairs = zip(analysis.points, analysis.series.points, strict=True)
    return [_chart_point(analysis.kpi, point, judged) for point, judged in pairs]


def _chart_point(kpi: Kpi, point: Point, judged: JudgedPoint) -> ChartPoint:
    language = get_language() or ""
    words = signal_words(judged.signals)
    state = "" if point.state == REPORTED or point.value is None else str(point.state_words)
    return ChartPoint(
        label=_label(point.period, kpi.grain, kpi.calendar, language),
        value=judged.plotted,
        text=_text(point.value, kpi.decimals, kpi.unit, language)
        if point.value is not None
        else str(point.state_words),
        center=judged.center,
        lower=judged.lower,
        upper=judged.upper,
        target_low=judged.target_low,
        target_high=judged.target_high,
        segment=judged.segment,
        is_beyond=judged.is_beyond,
        is_in_run=bool(judged.signals) and not judged.is_beyond,
        is_excluded=judged.is_excluded,
        signal=", ".join(part for part in (words, state, _left_out(point, judged)) if part),
    )


@lru_cache(maxsize=20_000)
def _label(period: date, grain: str, calendar: Calendar, language: str) -> str:
    """A long chart names thousands of periods, on every view the same."""
    return period_words(period, grain, calendar)


@lru_cache(maxsize=20_000)
def _text(value: Decimal, decimals: int, unit: str, language: str) -> str:
    """The same for its values."""
    return with_unit(number_words(value, decimals), unit)


def _left_out(point: Point, judged: JudgedPoint) -> str:
    return _t("left out of limits") if judged.is_excluded and point.state != PARTIAL else ""


def marker_labels(markers: Sequence[ChangeMarker], person: Any) -> dict[int, str]:
    """The label of each marker as this person may read it: a document that they do not see is not named."""
    of_documents = [marker.version_id for marker in markers if marker.version_id]
    seen: set[int] = set()
    if of_documents:
        visible = Document.objects.visible_to(person).filter(versions__in=of_documents)
        seen = set(visible.values_list("versions", flat=True))
    return {
        marker.pk: marker.label if marker.version_id is None or marker.version_id in seen else str(HIDDEN_CHANGE)
        for marker in markers
    }


def definition_marks(analysis: Analysis) -> list[ChartMarker]:
    """Where the KPI began to be counted another way."""
    marks = []
    for definition in analysis.kpi.definitions.all():
        place = next((n for n, p in enumerate(analysis.points) if p.period >= definition.valid_from), None)
        if definition.number > 1 and place is not None:
            marks.append(ChartMarker(place, _t("Definition %(number)d") % {"number": definition.number}))
    return marks


def picture(analysis: Analysis, labels: dict[int, str], *, title: str = "") -> Picture:
    """The control chart of a KPI in both widths."""
    kpi, points = analysis.kpi, chart_points(analysis)
    placed = [(analysis.marker_place(marker), labels[marker.pk]) for marker in analysis.rows.markers]
    markers = [ChartMarker(place, label) for place, label in placed if place is not None] + definition_marks(analysis)
    words = Words(
        title=title or kpi.title,
        description=describe(analysis),
        mean=_t("Mean"),
        upper=_t("Upper"),
        lower=_t("Lower"),
        target=_t("Target"),
    )

    def axis_text(figure: float) -> str:
        return number_text(figure, decimals_of(figure, kpi.decimals + 1))

    tick_text = ticks_of(analysis, 0, len(points))
    key = f"chart-{kpi.pk}"
    wide = control_chart(points, markers, words, axis_text, tick_text, key=key)
    narrow = control_chart(points, markers, words, axis_text, tick_text, narrow=True, key=key)
    legend = [(mark_svg(legend_sample(name)), LEGEND[name]) for name in legend_of(points, bool(markers))]
    return Picture(_reader(wide, points, "wide"), _reader(narrow, points, "narrow"), legend)


def ticks_of(analysis: Analysis, first: int, last: int) -> Callable[[int], str]:
    """What names the points from number `first` to before `last` on an axis, counted from 0."""
    kpi = analysis.kpi
    is_long = kpi.grain in (WEEK, DAY) and last - first > LONG_AXIS

    def tick_text(place: int) -> str:
        return period_tick(analysis.points[first + place].period, kpi.grain, kpi.calendar, is_long=is_long)

    return tick_text


SPREAD_NAMES = {
    Chart.XMR: _("Moving range"),
    Chart.XBAR_R: _("Range within a period"),
    Chart.XBAR_S: _("Standard deviation within a period"),
}


@dataclass(frozen=True)
class SpreadPicture:
    """The lower half of a pair of charts."""

    title: Any
    wide: SafeString
    narrow: SafeString


def spread_picture(analysis: Analysis) -> SpreadPicture | None:
    """How much neighbouring values, or the values of one period, differ; None for charts without such a half and for
    very long ones."""
    if len(analysis.points) > LONGEST_SPREAD:
        return None
    judged, kpi = analysis.spread(), analysis.kpi
    if not any(point.value is not None for point in judged):
        return None
    points = [_spread_point(kpi, point) for point in judged]
    name = str(SPREAD_NAMES[analysis.method.chart])
    newest = next((point for point in reversed(judged) if point.upper is not None), None)
    text = (
        _t("Mean %(mean)s, upper limit %(upper)s")
        % {
            "mean": number_text(newest.center, kpi.decimals + 1),
            "upper": number_text(newest.upper, kpi.decimals + 1),
        }
        if newest
        else name
    )
    words = Words(f"{name}: {kpi.title}", text, _t("Mean"), _t("Upper"), "", "")

    def axis_text(figure: float) -> str:
        return number_text(figure, decimals_of(figure, kpi.decimals + 1))

    def draw(narrow: bool) -> SafeString:
        return mark_svg(
            control_chart(points, [], words, axis_text, str, narrow=narrow, low=True, key=f"spread-{kpi.pk}").svg
        )

    return SpreadPicture(name, draw(narrow=False), draw(narrow=True))


def _spread_point(kpi: Kpi, judged: JudgedPoint) -> ChartPoint:
    text = number_text(judged.value, kpi.decimals)
    return ChartPoint(
        "", judged.value, text, judged.center, None, judged.upper, segment=judged.segment, is_beyond=judged.is_beyond
    )


def decimals_of(figure: float, most: int) -> int:
    """The decimals that a figure needs, at most so many: 20, 92.2."""
    text = f"{figure:.{most}f}".rstrip("0")
    return len(text.partition(".")[2])


def mark_svg(svg: Svg) -> SafeString:
    """Markup of our own drawing modules, which escape what they are given."""
    return mark_safe(svg)  # noqa: S308 - core.svg escapes every text and attribute


def _reader(drawing: Drawing, points: Sequence[ChartPoint], width: str) -> SafeString:
    shown = points[drawing.first :]
    data = json.dumps([[point.label, point.text, point.signal] for point in shown], ensure_ascii=False)
    return format_html(
        '<chart-reader class="chart--{}" data-start="{}" data-step="{}" data-width="{}" data-label="{}"'
        ' data-points="{}">{}</chart-reader>',
        width,
        f"{drawing.x_start:.2f}",
        f"{drawing.x_step:.4f}",
        f"{drawing.frame.width:g}",
        _t("Values of the chart"),
        data,
        mark_svg(drawing.svg),
    )


def table_rows(analysis: Analysis, limit: int | None = ROWS_SHOWN) -> list[Row]:
    """The newest periods first, in the words of the picture."""
    kpi = analysis.kpi
    pairs = list(zip(analysis.points, analysis.series.points, strict=True))[::-1]
    return [_row(kpi, point, judged) for point, judged in pairs[:limit]]


def _row(kpi: Kpi, point: Point, judged: JudgedPoint) -> Row:
    drawn = _chart_point(kpi, point, judged)
    return Row(
        period=point.period,
        label=drawn.label,
        value=drawn.text if point.value is not None else DASH,
        numerator=plain_words(point.numerator) if point.value is not None else DASH,
        denominator=plain_words(point.denominator) if point.value is not None else DASH,
        mean=number_text(judged.center, kpi.decimals + 1),
        lower=number_text(judged.lower, kpi.decimals + 1),
        upper=number_text(judged.upper, kpi.decimals + 1),
        signal=drawn.signal if point.value is not None else str(point.state_words),
        state=point.state,
        is_gap=point.value is None,
    )


def spark_of(kpi: Kpi, row: Judgement, label: str = "") -> SafeString:
    """The newest values as a line the size of a word, named for those who do not see it."""
    target = row.target_low if row.target_low is not None else row.target_high
    words = label or _t("%(title)s, last %(count)d periods") % {"title": kpi.title, "count": len(row.newest_values)}
    return mark_svg(sparkline(row.newest_values[-12:], words, None if target is None else float(target)))
