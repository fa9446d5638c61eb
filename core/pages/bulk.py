"""The pages of what is asked of many records: choose, answer, look at what would change, do it, see what came of it,
take it back."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from core import bulk, jobs
from core.bulk import Outcome
from core.bulk_undo import applied_undos, begin_undo, left_to_undo, runs_of
from core.lifecycle import Refused
from core.models import BulkRun
from core.moments import day_of, exact_words
from core.views import find, refuse_politely, say

ROWS = 50


@require_POST
@refuse_politely
def choose(request: HttpRequest, name: str) -> HttpResponse:
    """Keep which rows were chosen and lead on; nothing has happened yet."""
    bulk_list = bulk.list_named(name)
    if bulk_list is None:
        raise Http404
    action = bulk.action_named(name, request.POST.get("action", ""), request.user)
    run = bulk.choose(
        bulk_list,
        action,
        by=request.user,
        picked=request.POST.getlist("pick"),
        query=request.POST.get("query", "").replace("\x00", ""),
        every=request.POST.get("every") == "1",
    )
    if run.is_answered:
        bulk.look(run)
    return redirect(run)


def runs(request: HttpRequest) -> HttpResponse:
    """What the person asked of many records, newest first."""
    page = Paginator(runs_of(request.user), ROWS).get_page(request.GET.get("page"))
    for run in page.object_list:
        run.label = label_of(run)
    return render(request, "core/bulk_runs.html", {"page_obj": page, "lists": bulk.all_lists()})


def label_of(run: BulkRun) -> str:
    """What was asked, in words."""
    action = bulk.known_action(run)
    label = str(action.label) if action else run.action
    if run.puts_back:
        return _t("Undo: %(what)s") % {"what": label}
    return _t("Do again: %(what)s") % {"what": label} if run.is_undo else label


@refuse_politely
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What is asked, what would change row by row, or what came of it; a POST answers the question again."""
    run = find(BulkRun.objects.select_related("job", "undoes"), request.user, pk=pk)
    run.asked_by = request.user  # who remembers what they may
    if bulk.known_action(run) is None:
        raise Http404
    # Who handed over all they had may do no more, and still sees what came of it.
    action = bulk.known_action(run) if run.apply_asked_at else bulk.action_of(run)
    form = None
    if action.form is not None and not run.apply_asked_at and not run.is_undo:
        form = _form(request, run, action)
        if request.method == "POST" and form.is_valid():
            bulk.look(run)
            return redirect(run)
    template = "core/_bulk_run.html" if request.htmx else "core/bulk_page.html"
    context = _context(request, run) | {"label": label_of(run), "form": form}
    return render(request, template, context, status=422 if form and form.errors else 200)


def _form(request: HttpRequest, run: BulkRun, action: Any) -> Any:
    if request.method == "POST":
        return bulk.answer(run, request.POST)
    single = {name: values[0] if len(values) == 1 else values for name, values in run.values.items()}
    return action.form(initial=single)


def _context(request: HttpRequest, run: BulkRun) -> dict[str, Any]:
    counts, bulk_list, undos = bulk.counts_of(run), bulk.list_named(run.listing), list(applied_undos(run))
    show = request.GET.get("show", "")
    rows = run.rows.filter(outcome=show) if show and show in Outcome.values else run.rows.all()
    page = Paginator(rows.order_by("position"), ROWS).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    ids = [row.object_id for row in page.object_list if row.object_id]
    records = {record.pk: record for record in bulk_list.visible(request.user).filter(pk__in=ids)}
    for row in page.object_list:
        record = records.get(row.object_id)
        row.described = bulk_list.described(record) if record is not None else None
        if row.described is None and row.object_id:
            row.changes, row.reason = [], bulk.gone_words()  # hidden since: its words are not repeated either
    return {
        "run": run,
        "list": bulk_list,
        "back": f"{reverse(bulk_list.url_name)}?{run.back}" if run.back else reverse(bulk_list.url_name),
        "page_obj": page,
        "counts": counts,
        "total": sum(counts.values()),
        "to_change": counts.get(Outcome.CHANGE, 0),
        "tabs": _tabs(counts, show, run.pk),
        "with_lines": run.file_name != "",
        "undos": [undo for undo in undos if undo.done or undo.is_working],
        "to_undo": left_to_undo(run, undos),
        "undo_until": exact_words(day_of(run.asked_at + jobs.KEPT)),
        "undoes_label": label_of(run.undoes) if run.undoes else "",
    }


def _tabs(counts: dict[str, int], show: str, pk: int) -> list[dict[str, Any]]:
    names = {
        "": _t("All"),
        Outcome.CHANGE: _t("Would change"),
        Outcome.DONE: _t("Changed"),
        Outcome.REFUSED: _t("Refused"),
        Outcome.LEFT: _t("Left"),
        Outcome.UNCHANGED: _t("Unchanged"),
    }
    address = reverse("core:bulk-run", args=[pk])
    return [
        {
            "label": label,
            "url": f"{address}?show={key}" if key else address,
            "current": show == key,
            "count": counts.get(key, 0) if key else sum(counts.values()),
        }
        for key, label in names.items()
        if not key or counts.get(key)
    ]


@require_POST
@refuse_politely
def apply_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what was looked at."""
    run = find(BulkRun.objects.select_related("job", "asked_by"), request.user, pk=pk)
    try:
        bulk.go(run)
    except Refused:
        if run.apply_asked_at is None:
            raise
    run.refresh_from_db()
    if run.stage == "done":
        done = bulk.counts_of(run).get(Outcome.DONE, 0)
        say(request, _t("%(n)s changed.") % {"n": done})
    return redirect(run)


@require_POST
@refuse_politely
def undo_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the run that would take this one back; nothing has happened yet."""
    run = find(BulkRun.objects.select_related("job", "asked_by"), request.user, pk=pk)
    return redirect(begin_undo(run))
