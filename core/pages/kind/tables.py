"""The list as a file, and the edited file back: previewed row by row before anything changes."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import bulk
from core.kinds import table
from core.lifecycle import NotAllowed, Refused
from core.pages.kind.base import KindView
from core.safe.spreadsheet import UnreadableTable
from core.saying import in_words
from core.table_files import download


class RecordExportView(KindView):
    """The same rows as the list, as CSV or XLSX."""

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        chosen = self.kind.filter_class(request.GET, kind=self.kind, person=request.user)
        rows = table.rows(self.kind, chosen.apply(self.get_queryset()), request.user)
        return download(rows, f"{self.kind.key}-{timezone.localdate():%Y-%m-%d}", form)


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
        if file.size > table.MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        return file


class _ForThoseWhoChange(KindView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.kind.may_change_some(request.user):
            raise NotAllowed(_t("You may not change %(kinds)s.") % {"kinds": self.kind.model._meta.verbose_name_plural})
        return super().dispatch(request, *args, **kwargs)


class RecordTemplateView(_ForThoseWhoChange):
    """The headings of the columns that are taken back, to be filled."""

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        kind = self.kind
        facts = [kind.all_facts["code"]] if kind.lookup == "code" else []
        return download([table.head(kind, [*facts, *table.editable_facts(kind)])], f"{kind.key}-template", form)


class RecordTableView(_ForThoseWhoChange):
    """Take an edited export back; what each row would change is shown first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(TableForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TableForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            run = self.begin(form.cleaned_data["file"])
        except UnreadableTable as problem:
            form.add_error("file", in_words(problem.args[0]))
        except Refused as refusal:
            form.add_error("file", refusal.message)
        else:
            return redirect(run)
        return self.show(form, status=422)

    def begin(self, file: Any) -> Any:
        """A bulk run that has looked at every row of the file."""
        person, kind = self.request.user, self.kind
        rows, unknown = table.read_table(kind, file, file.name, person)
        bulk_list, action = bulk.list_named(kind.key), bulk.action_named(kind.key, "table", person)
        run = bulk.from_table(bulk_list, action, by=person, file_name=file.name, rows=rows, unknown=unknown)
        bulk.look(run)
        return run

    def show(self, form: TableForm, *, status: int = 200) -> HttpResponse:
        columns = [fact.label for fact in table.editable_facts(self.kind)]
        template_url = self.kind.url_name("table-template")
        context = self.get_context_data(form=form, multipart=True, columns=columns, template_url=template_url)
        return render(self.request, "core/record_table.html", context, status=status)
