"""Pictures of figures: values in, SVG out."""

import gzip
from datetime import date, timedelta
from xml.etree import ElementTree

from core.svg import element
from kpis.charts.control_chart import ChartMarker, ChartPoint, Words, control_chart, legend_of
from kpis.charts.scale import scale_for
from kpis.charts.sparkline import sparkline

WORDS = Words("Dock-to-stock time", "Varies around 119", "Mean", "Upper", "Lower", "Target")


def points(values, **facts):
    start = date(2024, 1, 1)
    return [
        ChartPoint(f"{start + timedelta(weeks=i)}", value, "missing" if value is None else f"{value:g} min", **facts)
        for i, value in enumerate(values)
    ]


def drawn(chart_points, markers=(), **options):
    return control_chart(
        chart_points, list(markers), WORDS, lambda figure: f"{figure:g}", lambda place: f"w{place}", **options
    )


def parts(svg, look):
    return [e for e in ElementTree.fromstring(svg).iter() if e.get("class") == look]  # noqa: S314 (our own text)


def test_text_and_attributes_are_escaped():
    assert element("text", "<b>&", class_='"x"') == '<text class="&quot;x&quot;">&lt;b&gt;&amp;</text>'


def test_a_gap_is_not_joined_by_a_line():
    [line] = parts(drawn(points([1.0, 2.0, None, 4.0, 5.0])).svg, "series")
    assert line.get("d").count("M") == 2


def test_limits_go_on_across_a_gap():
    chart_points = points([1.0, 2.0, None, 4.0])
    held = [p if p.value is None else ChartPoint(p.label, p.value, p.text, 3.0, 0.0, 6.0) for p in chart_points]
    [mean] = parts(drawn(held).svg, "mean")
    assert mean.get("d").count("M") == 1


def test_points_beyond_a_limit_are_diamonds_with_their_value():
    wild = [*points([1.0, 2.0]), ChartPoint("w9", 99.0, "99 min", is_beyond=True)]
    svg = drawn(wild).svg
    assert len(parts(svg, "pt pt--out")) == 1
    assert ">99 min</text>" in svg


def test_markers_and_narrow_picture_show_the_newest_points():
    drawing = drawn(points([float(i) for i in range(100)]), [ChartMarker(80, "SOP <4.0>")], narrow=True)
    assert drawing.first == 64
    assert "SOP &lt;4.0&gt;" in drawing.svg
    assert "w99" in drawing.svg


def test_two_thousand_points_stay_small():
    drawing = drawn(points([100 + i % 17 for i in range(2000)]))
    assert len(gzip.compress(drawing.svg.encode())) < 20_000


def test_equal_values_have_a_scale():
    scale = scale_for([5.0, 5.0], 100, 0)
    assert round(scale(5.0)) == 50


def test_legend_names_only_what_is_drawn():
    assert legend_of(points([1.0, None]), has_markers=True) == ["gap", "marker"]


def test_sparkline_of_nothing_draws_nothing():
    assert sparkline([None, None], "empty") == ""
    assert "spark__gap" in sparkline([1.0, 2.0, None], "late")
