"""The document list as a file, and the edited file back: looked at row by row before anything changes."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import bulk
from core.lifecycle import NotAllowed, Refused
from core.safe.spreadsheet import UnreadableTable
from core.saying import in_words
from core.table_files import download
from core.views import refuse_politely
from documents.bulk_actions import DOCUMENTS, may_keep_some
from documents.filters import DocumentFilter
from documents.models import Document
from documents.table import EDITABLE, TABLE, column_words, head, read_table, rows_of

EXPORTED_AT_MOST = 20_000
BIGGEST = 5 * 1024 * 1024


def export(request: HttpRequest, form: str) -> HttpResponse:
    """The same rows as the list, as CSV or XLSX."""
    chosen = DocumentFilter(request.GET, person=request.user)
    documents = list(chosen.apply(Document.objects.visible_to(request.user))[:EXPORTED_AT_MOST])
    rows = [head(), *rows_of(documents, request.user)]
    return download(rows, f"documents-{timezone.localdate():%Y-%m-%d}", form)


@refuse_politely
def empty_table(request: HttpRequest, form: str) -> HttpResponse:
    """The headings of what can be taken over, to be filled."""
    _refuse_unless_keeper(request)
    return download([head(("code", *EDITABLE))], "documents-template", form)


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


def _refuse_unless_keeper(request: HttpRequest) -> None:
    if not may_keep_some(request.user):
        raise NotAllowed(_t("You may not change the facts of documents."))


@refuse_politely
def table(request: HttpRequest) -> HttpResponse:
    """Take an edited export back; what each row would change is shown first."""
    _refuse_unless_keeper(request)
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
    context = {"form": form, "multipart": True, "columns": column_words()}
    return render(request, "documents/table_form.html", context, status=422 if form.errors else 200)
