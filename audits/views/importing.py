"""Importing a requirement library in the browser: choose, preview, import."""

import secrets
import uuid
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from audits import import_jobs
from audits.forms import ColumnsForm, ImportFrameworkForm
from audits.frameworks.places import UnreadableFramework
from audits.frameworks.reading import is_table, table_headings
from audits.frameworks.table import guessed_mapping
from audits.models import FrameworkImport
from core.lifecycle import NotAllowed
from core.upload_limit import limit_in_words
from core.views import find, refuse_politely, remember_sent, sent_before

PERMISSION = "audits.import_framework"


def _refuse_unless_allowed(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise NotAllowed(_t("You may not import requirement libraries. Ask a process officer."))


@refuse_politely
def start(request: HttpRequest) -> HttpResponse:
    """Choose a file; what it would bring is shown before anything changes."""
    _refuse_unless_allowed(request)
    if before := sent_before(request):
        return redirect(before.result_url)
    form = ImportFrameworkForm(request.POST or None, request.FILES or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        return redirect(_begin(request, form))
    context = {
        "form": form,
        "multipart": True,
        "form_token": request.POST.get("form_token") or secrets.token_urlsafe(16),
        "limit": limit_in_words(),
        "earlier": FrameworkImport.objects.visible_to(request.user).select_related("asked_by", "job")[:10],
    }
    return render(request, "audits/import_form.html", context, status=422 if form.errors else 200)


def _begin(request: HttpRequest, form: ImportFrameworkForm) -> FrameworkImport:
    import_jobs.forget_uploads()
    upload = form.cleaned_data["file"]
    run = FrameworkImport(asked_by=request.user, file_name=upload.name[:200], options=form.options())
    run.file.save(uuid.uuid4().hex, upload, save=False)
    with transaction.atomic():
        import_jobs.begin(run)
        remember_sent(request, run.get_absolute_url())
    return run


@refuse_politely
def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """How far the import is and what it brings; asked for again every two seconds while it works."""
    run = find(FrameworkImport.objects.select_related("job", "asked_by", "framework"), request.user, pk=run_id)
    context = {"run": run, "may_act": request.user.has_perm(PERMISSION), "has_columns": _has_columns(run)}
    return render(request, "audits/_import_run.html" if request.htmx else "audits/import_run.html", context)


def _has_columns(run: FrameworkImport) -> bool:
    """Whether the person can say which column holds what: a table that is not imported yet."""
    return bool(run.file) and run.stage in ("checked", "failed") and is_table(b"", run.file_name)


@refuse_politely
def columns(request: HttpRequest, run_id: int) -> HttpResponse:
    """Say which column of a table holds what, and look again."""
    run = find(FrameworkImport.objects.select_related("job"), request.user, pk=run_id)
    _refuse_unless_allowed(request)
    if not _has_columns(run):
        return redirect(run)
    headings, initial = _headings(run)
    form = ColumnsForm(request.POST or None, headings=headings, initial=initial)
    if request.method == "POST" and form.is_valid():
        run.options["columns"] = form.mapping()
        run.problems, run.summary, run.checked_at = [], {}, None
        import_jobs.begin(run)
        return redirect(run)
    context = {"form": form, "run": run}
    return render(request, "audits/columns_form.html", context, status=422 if form.errors else 200)


def _headings(run: FrameworkImport) -> tuple[list[str], dict[str, Any]]:
    """The headings of the file, and which of them hold what: as chosen before, or as they suggest."""
    with run.file.open("rb") as stored:
        data = stored.read()
    try:
        headings = table_headings(data, run.file_name)
    except UnreadableFramework:
        return [], {}
    chosen = run.options.get("columns")
    guess = guessed_mapping(headings)
    initial = dict(chosen) if chosen else {name: getattr(guess, name) for name in ("key", "text", "title", "level")}
    groups = initial.pop("groups", None) or guess.groups
    for place, pair in zip(("chapter", "section"), groups, strict=False):
        initial |= {f"{place}_id": pair[0], f"{place}_name": pair[1]}
    return headings, initial


@require_POST
@refuse_politely
def apply_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Bring in what was previewed."""
    run = find(FrameworkImport.objects.select_related("job"), request.user, pk=run_id)
    _refuse_unless_allowed(request)
    import_jobs.apply(run, by=request.user)
    return redirect(run)
