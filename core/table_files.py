"""A table as a file to download: CSV or Excel, with no cell that a spreadsheet program takes for a formula."""

import csv
import io
from collections.abc import Iterable

import xlsxwriter
from django.http import Http404, HttpResponse

from core.safe.spreadsheet import guarded_row

Rows = Iterable[list[str]]


def download(rows: Rows, name: str, form: str) -> HttpResponse:
    """The rows, the first of them the headings, as ``name.form``; missing for a form that is not written."""
    if form not in _WRITERS:
        raise Http404
    write, media_type = _WRITERS[form]
    said = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return HttpResponse(write(rows), content_type=media_type, headers=said)


def _csv(rows: Rows) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(guarded_row(row) for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(rows: Rows) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell, bold if number == 0 else None)
    sheet.freeze_panes(1, 0)
    sheet.autofit()
    book.close()
    return file.getvalue()


_WRITERS = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "xlsx": (_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
