"""The document list as a file."""

import csv
import io
from typing import Any

import xlsxwriter
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _t

from core.safe.spreadsheet import guarded_row
from core.state_labels import state_label
from documents.filters import DocumentFilter, attach_shown_versions
from documents.models import Document

EXPORTED_AT_MOST = 20_000


def export(request: HttpRequest, form: str) -> HttpResponse:
    """The same rows as the list, as CSV or XLSX."""
    chosen = DocumentFilter(request.GET, person=request.user)
    documents = list(chosen.apply(Document.objects.visible_to(request.user))[:EXPORTED_AT_MOST])
    attach_shown_versions(documents, request.user)
    rows = [_head(), *(_row(document) for document in documents)]
    name = f"documents-{timezone.localdate():%Y-%m-%d}.{form}"
    writers = {
        "csv": (_csv, "text/csv; charset=utf-8"),
        "xlsx": (_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    }
    if form not in writers:
        raise Http404
    write, media_type = writers[form]
    return HttpResponse(
        write(rows), content_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _head() -> list[str]:
    return [
        _t("Number"),
        _t("Title"),
        _t("Kind"),
        _t("Version"),
        _t("State"),
        _t("Owner"),
        _t("Department"),
        _t("Effective from"),
        _t("Next review"),
    ]


def _row(document: Any) -> list[str]:
    version = document.shown
    return [
        document.code,
        version.title if version else document.title,
        str(document.kind_of.label),
        version.number if version else "",
        str(state_label(version.shown_state).word) if version else "",
        str(document.owner or ""),
        str(document.department or ""),
        f"{timezone.localtime(version.effective_from):%Y-%m-%d}" if version and version.effective_from else "",
        f"{document.review_due_on:%Y-%m-%d}" if document.review_due_on else "",
    ]


def _csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(guarded_row(row) for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(rows: list[list[str]]) -> bytes:
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
