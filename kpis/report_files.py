"""A report as PDF and as a workbook, from the same content as its page."""

import io
import re
from functools import cache
from typing import Any

import xlsxwriter
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t

from core.organisation import organisation_name
from core.paper import CSS
from core.safe.pdf import Margins, Paper, render_pdf, render_png
from core.safe.spreadsheet import guarded
from kpis.report_content import KpiContent, Line, ReportContent

PDF, XLSX = "application/pdf", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHART_WIDTH, CHART_HEIGHT = 960, 360
ON_PAPER = """
.chart svg { width: 100%; min-width: 0 } .chart__scroll svg { min-inline-size: 0 } .chart text { font-family: Inter }
.sr-only { display: none } .report-kpi { break-inside: avoid }
"""
SHEET_NAME = 31  # letters that a sheet may have


@cache
def chart_css() -> str:
    """The style of charts, for paper."""
    rules = (CSS / "charts.css").read_text(encoding="utf-8")
    return f"{rules}\n{ON_PAPER}"


def pdf_of(content: ReportContent) -> bytes:
    """The report on paper; called by a worker."""
    paper = Paper(
        title=f"{content.title}, {content.period_words}",
        html=SafeString(render_to_string("kpis/report_pdf.html", {"content": content})),
        margins=Margins(
            top_left=" · ".join(part for part in (organisation_name(), content.title) if part),
            top_right=content.period_words,
            bottom_left=content.code,
        ),
        extra_css=chart_css(),
    )
    return render_pdf(paper)


def workbook_of(content: ReportContent) -> bytes:
    """The report as a workbook: one sheet with the latest figures, one for each KPI with its periods and chart."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"title": f"{content.title}, {content.period_words}"})
    styles = _Styles(book)
    _summary(book.add_worksheet(_t("Summary")[:SHEET_NAME]), content, styles)
    names: set[str] = set()
    for page in content.pages:
        for kpi in page.kpis:
            name = re.sub(r"[\[\]:*?/\\]", "-", kpi.code)[:SHEET_NAME]
            if name not in names:
                names.add(name)
                _kpi_sheet(book.add_worksheet(name), kpi, styles)
    book.close()
    return file.getvalue()


class _Styles:
    """Formats of cells, made once for each number of decimals."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.bold = book.add_format({"bold": True})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._numbers: dict[int, Any] = {}

    def number(self, decimals: int) -> Any:
        if decimals not in self._numbers:
            pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
            self._numbers[decimals] = self.book.add_format({"num_format": pattern})
        return self._numbers[decimals]


def _text(sheet: Any, row: int, column: int, text: Any, style: Any = None) -> None:
    """Text never becomes a formula, whatever people typed."""
    sheet.write_string(row, column, str(guarded(text)), style)


def _number(sheet: Any, row: int, column: int, number: Any, style: Any) -> None:
    if number is None:
        sheet.write_blank(row, column, None)
    else:
        sheet.write_number(row, column, float(number), style)


def _summary(sheet: Any, content: ReportContent, styles: _Styles) -> None:
    _text(sheet, 0, 0, f"{content.title}, {content.period_words}", styles.title)
    if content.introduction:
        _text(sheet, 1, 0, content.introduction)
    heads = (
        *(_t("Page"), _t("Code"), _t("KPI"), _t("Period"), _t("Value"), _t("Unit"), _t("Change"), _t("Target")),
        *(_t("State"), _t("Variation"), _t("Assurance"), _t("Commentary")),
    )
    for column, head in enumerate(heads):
        _text(sheet, 3, column, head, styles.bold)
    row = 4
    for page in content.pages:
        for kpi in page.kpis:
            for column, text in enumerate((page.heading, kpi.code, kpi.title, kpi.latest_period)):
                _text(sheet, row, column, text)
            _number(sheet, row, 4, kpi.numbers["latest"], styles.number(kpi.decimals))
            _text(sheet, row, 5, kpi.unit)
            sheet.write_string(row, 6, kpi.change)  # a figure with its sign, made here: no apostrophe before the plus
            for column, text in enumerate((kpi.target, kpi.verdict, kpi.variation, kpi.assurance), start=7):
                _text(sheet, row, column, text)
            _text(sheet, row, 11, page.commentary)
            row += 1
    sheet.freeze_panes(4, 3)
    sheet.set_column(0, 0, 22)
    sheet.set_column(2, 2, 40)
    sheet.set_column(3, 11, 16)


def _kpi_sheet(sheet: Any, kpi: KpiContent, styles: _Styles) -> None:
    _text(sheet, 0, 0, f"{kpi.code} {kpi.title}", styles.title)
    heads = [_t("Period"), _t("First day"), _t("Value"), _t("Numerator"), _t("Denominator"), _t("State")]
    heads += [_t("Mean"), _t("Lower limit"), _t("Upper limit"), _t("Target")]
    for column, head in enumerate(heads):
        _text(sheet, 2, column, head, styles.bold)
    for row, line in enumerate(kpi.lines, start=3):
        _line(sheet, row, line, kpi, styles)
    sheet.freeze_panes(3, 1)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 9, 13)
    if kpi.chart:
        picture = io.BytesIO(chart_png(kpi))
        sheet.insert_image(
            3, 11, "chart.png", {"image_data": picture, "x_scale": 0.6, "y_scale": 0.6, "description": kpi.title}
        )


def _line(sheet: Any, row: int, line: Line, kpi: KpiContent, styles: _Styles) -> None:
    _text(sheet, row, 0, line.period_words)
    sheet.write_datetime(row, 1, line.period, styles.day)
    plain, finer = styles.number(kpi.decimals), styles.number(kpi.decimals + 1)
    _number(sheet, row, 2, line.numbers["value"], plain)
    _number(sheet, row, 3, line.numbers["numerator"], None)
    _number(sheet, row, 4, line.numbers["denominator"], None)
    _text(sheet, row, 5, line.state)
    for column, name in enumerate(("mean", "lower", "upper"), start=6):
        _number(sheet, row, column, line.numbers[name], finer)
    _text(sheet, row, 9, line.target)


def chart_png(kpi: KpiContent) -> bytes:
    """The chart as a picture for the workbook."""
    html = SafeString(f'<figure class="chart">{kpi.chart}</figure>')
    return render_png(html, width=CHART_WIDTH, height=CHART_HEIGHT + 10, extra_css=chart_css() + "body{margin:0}")
