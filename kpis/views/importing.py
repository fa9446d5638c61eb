"""Values from a file: upload, columns, preview, progress, result, undo. One address an import."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _t
from django.views import View

from core.lifecycle import Invalid, NotAllowed
from core.pages.kind import RecordView
from core.safe.spreadsheet import UnreadableTable
from core.saying import in_words
from core.table_files import download
from core.views import find, refuse_politely
from kpis import importing
from kpis.import_forms import LABELS, ColumnsForm, FileForm
from kpis.measuring import refuse_unless_open
from kpis.models import Kpi, MeasurementImport, Way

EARLIER = 10
SAMPLE_ROWS = 5


class ImportView(RecordView):
    """Choose a file of values of one KPI."""

    def get_template_name(self) -> str:
        return "kpis/import_form.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        refuse_unless_open(self.record, by=request.user, way=Way.FILE)
        return self.answer(**upload_context(request, self.record, FileForm()))

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        refuse_unless_open(self.record, by=request.user, way=Way.FILE)
        form = FileForm(request.POST, request.FILES)
        kept = keep(form, self.record, request.user)
        if kept is None:
            return self.answer(status=422, **upload_context(request, self.record, form))
        return redirect(kept)


@method_decorator(refuse_politely, name="dispatch")
class ImportAllView(View):
    """Choose a file in which a column names the KPI."""

    def get(self, request: HttpRequest) -> HttpResponse:
        self.refuse_strangers(request)
        return render(request, "kpis/import_form.html", upload_context(request, None, FileForm()))

    def post(self, request: HttpRequest) -> HttpResponse:
        self.refuse_strangers(request)
        form = FileForm(request.POST, request.FILES)
        kept = keep(form, None, request.user)
        if kept is None:
            return render(request, "kpis/import_form.html", upload_context(request, None, form), status=422)
        return redirect(kept)

    def refuse_strangers(self, request: HttpRequest) -> None:
        person = request.user
        if not (person.has_perm("kpis.enter_measurements") or Kpi.objects.entered_by(person).exists()):
            raise NotAllowed(_t("Only owners and deputies of KPIs and process officers import values."))


def keep(form: FileForm, kpi: Kpi | None, by: Any) -> MeasurementImport | None:
    """The kept file, or None where the form now says what is wrong with it."""
    if not form.is_valid():
        return None
    file = form.cleaned_data["file"]
    try:
        return importing.keep_file(file.name, file.read(), kpi=kpi, by=by)
    except UnreadableTable as problem:
        form.add_error("file", in_words(problem.args[0]))
        return None


def upload_context(request: HttpRequest, kpi: Kpi | None, form: FileForm) -> dict[str, Any]:
    earlier = MeasurementImport.objects.visible_to(request.user).defer("content")
    return {
        "form": form,
        "multipart": True,
        "kpi": kpi,
        "earlier": earlier.filter(kpi=kpi)[:EARLIER] if kpi else earlier[:EARLIER],
    }


@method_decorator(refuse_politely, name="dispatch")
class ImportPageView(View):
    """One import, at whatever stage it is."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        imports = MeasurementImport.objects.select_related("kpi", "job")
        self.kept = find(imports, request.user, pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        kept = self.kept
        if request.htmx and not kept.is_working:
            return HttpResponse(headers={"HX-Refresh": "true"})
        if kept.is_working:
            template = "kpis/_import_progress.html" if request.htmx else "kpis/import_progress.html"
            return render(request, template, self.context(job=kept.job))
        asks_columns = kept.state == MeasurementImport.State.UPLOADED or "columns" in request.GET
        if asks_columns and kept.imported_at is None:
            return self.show_columns(ColumnsForm(kept=kept, known=importing.remembered(kept)))
        return render(request, "kpis/import_page.html", self.context())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Choose the columns, import, or undo: ``what`` says which."""
        kept, what = self.kept, request.POST.get("what", "columns")
        if what == "import":
            importing.ask_to_store(kept, by=request.user)
        elif what == "undo":
            importing.ask_to_undo(kept, by=request.user)
        elif kept.imported_at is None and not kept.is_working:
            return self.choose_columns(request)
        return redirect(kept)

    def choose_columns(self, request: HttpRequest) -> HttpResponse:
        form = ColumnsForm(request.POST, kept=self.kept)
        if not form.is_valid():
            return self.show_columns(form, status=422)
        importing.choose_columns(self.kept, form.mapping(), form.options())
        try:
            importing.ask_to_look(self.kept, by=request.user)
        except Invalid as refusal:
            form.add_error(None, str(refusal.message))
            return self.show_columns(form, status=422)
        return redirect(self.kept)

    def show_columns(self, form: ColumnsForm, *, status: int = 200) -> HttpResponse:
        rows = importing.first_rows(self.kept, SAMPLE_ROWS)
        return render(self.request, "kpis/import_columns.html", self.context(form=form, rows=rows), status=status)

    def context(self, **more: Any) -> dict[str, Any]:
        kept = self.kept
        labels = LABELS | (ColumnsForm(kept=kept).labels() if kept.kpi else {})
        problems = [
            one | {"label": labels.get(one["field"]) or LABELS.get(one["field"], ""), "line": one["line"]}
            for one in kept.problems
        ]
        return {"kept": kept, "problems": problems, "counts": kept.counts, **more}


class TemplateFileView(RecordView):
    """The headings that a file of values of this KPI needs, with one row as an example."""

    def get(self, request: HttpRequest, code: str, form: str) -> HttpResponse:
        kept = MeasurementImport(kpi=self.record, headings=[])
        columns = ColumnsForm(kept=kept)
        names = [name for name in columns.names() if name not in ("failures", "reason")]
        headings = [str(columns.labels().get(name) or LABELS[name]) for name in names]
        return download([headings], f"{self.record.code}-values", form)
