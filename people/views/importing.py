"""The wizard for people from a table: file, preview, done."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t

from core.safe.spreadsheet import UnreadableTable
from core.table_files import download
from people import import_jobs
from people.forms import ImportForm
from people.importing import make_plan
from people.leaving import holdings_of
from people.models import JobRole, PeopleImport, Person
from people.people_table import COLUMNS, named_rows, read_table, table_of
from people.views.administering import administrators_only

SHOWN = 500
BIGGEST = 5 * 1024 * 1024


@administrators_only
def upload(request: HttpRequest) -> HttpResponse:
    """Choose the file; nothing happens before the preview."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            kept = _keep(request, form.cleaned_data)
        except UnreadableTable as problem:
            form.add_error("file", str(problem))
        else:
            return redirect("people:import-preview", pk=kept.pk)
    earlier = PeopleImport.objects.exclude(applied_at=None).select_related("asked_by")[:10]
    context = {"form": form, "columns": COLUMNS, "earlier": earlier, "multipart": True}
    return render(request, "people/import_form.html", context, status=422 if form.errors else 200)


def _keep(request: HttpRequest, data: dict[str, Any]) -> PeopleImport:
    file = data["file"]
    if file.size > BIGGEST:
        raise UnreadableTable(_t("The file is larger than 5 MB."))
    rows, unknown = named_rows(read_table(file, file.name))
    return PeopleImport.objects.create(
        file_name=file.name[:200],
        asked_by=request.user,
        rows=rows,
        others_left=data["others_left"],
        send_links=data["send_links"],
        result={"unknown_columns": unknown},
    )


@administrators_only
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file would change, row by row; sending the form does it. Afterwards: what came of it."""
    found = PeopleImport.objects.filter(pk=pk, asked_by=request.user).select_related("job").first()
    if found is None:
        raise Http404
    if request.htmx and not found.is_working:
        return HttpResponse(headers={"HX-Refresh": "true"})  # the page that polls becomes the one that says the end
    if found.applied_at:
        return _result(request, found)
    if found.is_working:
        template = "people/_import_progress.html" if request.htmx else "people/import_progress.html"
        return render(request, template, {"kept": found, "job": found.job})
    plan = make_plan(found.rows, by=request.user, others_left=found.others_left)
    context: dict[str, Any] = {"kept": found}
    if request.method == "POST":
        if request.POST.get("seen") == plan.digest():
            import_jobs.ask(found, plan, by=request.user)
            return redirect(found)
        context["problem"] = _t("Something changed since you looked. Look again, then take it over.")
    elif found.job:
        context["ended"] = found.job
    order = {"refused": 0, "left": 1, "new": 2, "changed": 3, "unchanged": 4}
    rows = sorted(plan.rows, key=lambda row: (order[row.outcome], row.line))
    context |= {"plan": plan, "counts": plan.counts(), "rows": rows[:SHOWN], "more": max(0, len(rows) - SHOWN)}
    return render(request, "people/import_preview.html", context, status=409 if "problem" in context else 200)


def _result(request: HttpRequest, kept: PeopleImport) -> HttpResponse:
    """What came of it, and what lost its owner and is not handed over yet."""
    left = Person.objects.visible_to(request.user).filter(pk__in=kept.result["left_people"], is_active=False)
    leavers = [(person, holdings_of(person, seen_by=request.user)) for person in left[:200]]
    context = {
        "kept": kept,
        "counts": kept.result,
        "leavers": [(person, holdings) for person, holdings in leavers if holdings],
        "empty_roles": JobRole.objects.filter(is_active=True).exclude(people__is_active=True),
    }
    return render(request, "people/import_result.html", context)


@administrators_only
def table(request: HttpRequest, which: str, form: str) -> HttpResponse:
    """The template, or everybody who is here, as CSV or Excel."""
    if which not in ("template", "people"):
        raise Http404
    people = Person.objects.visible_to(request.user).select_related("manager").prefetch_related("job_roles", "groups")
    return download(table_of(people if which == "people" else people.none()), which, form)
