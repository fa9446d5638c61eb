"""The document list as a file, and the edited file back: looked at row by row before anything changes."""

import csv
import io
from typing import Any

import xlsxwriter
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import bulk
from core.lifecycle import NotAllowed, Refused
from core.safe.spreadsheet import UnreadableTable, guarded_row
from core.saying import in_words
from core.views import refuse_politely
from documents.bulk_actions import DOCUMENTS, may_keep_some
from documents.filters import DocumentFilter
from documents.models import Document
from documents.table import EDITABLE, LABELS, TABLE, head, read_table, rows_of

EXPORTED_AT_MOST = 20_000
BIGGEST = 5 * 1024 * 1024


def export(request: HttpRequest, form: str) -> HttpResponse:
    """The same rows as the list, as CSV or XLSX."""
    chosen = DocumentFilter(request.GET, person=request.user)
    documents = list(chosen.apply(Document.objects.visible_to(request.user))[:EXPORTED_AT_MOST])
    rows = [head(), *rows_of(documents, request.user)]
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


class TableForm(forms.Form):
    """The edited table."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Excel (.xlsx), as the export wrote it"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={"required": _("Choose a file")},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > BIGGEST:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        return file


@refuse_politely
def table(request: HttpRequest) -> HttpResponse:
    """Take an edited export back; what each row would change is shown first."""
    if not may_keep_some(request.user):
        raise NotAllowed(_t("You may not change the facts of documents."))
    form = TableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            rows, unknown = read_table(file, file.name, request.user)
            run = bulk.from_table(DOCUMENTS, TABLE, by=request.user, file_name=file.name, rows=rows, unknown=unknown)
        except UnreadableTable as problem:
            form.add_error("file", in_words(problem.args[0]))
        except Refused as refusal:
            form.add_error("file", refusal.message)
        else:
            bulk.look(run)
            return redirect(run)
    context = {"form": form, "multipart": True, "editable": [LABELS[name] for name in EDITABLE]}
    return render(request, "documents/table_form.html", context, status=422 if form.errors else 200)
