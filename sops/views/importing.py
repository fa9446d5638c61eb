"""Importing procedures in the browser: choose, look, bring in, undo."""

import secrets
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from core.lifecycle import NotAllowed, Refused
from core.models import LedgerLine
from core.moments import exact_words
from core.signing import Signature
from core.upload_limit import limit_in_words
from core.views import find, refuse_politely, remember_sent, say, sent_before
from documents.models import KindSettings
from documents.views.signing import goes_to_provider, signature_from, signing_form, to_provider
from sops import import_jobs
from sops.forms import EffectiveForm, ImportForm, UndoForm
from sops.import_plan import OUTCOMES
from sops.import_words import spoken
from sops.kinds import WRITE
from sops.models import ImportRow, ImportRun, ImportSettings

ROWS = 100
FACTS = {
    "code": _("Number"),
    "version": _("Version"),
    "effective_on": _("Effective"),
    "approver": _("Approved by"),
    "approved_on": _("Approved"),
    "owner": _("Owner"),
    "department": _("Department"),
    "review_due_on": _("Next review"),
}


def _as_read(name: str, found: str) -> str:
    """A day as people read it; everything else as it was found."""
    return exact_words(date.fromisoformat(found)) if name.endswith("_on") else found


@refuse_politely
def start(request: HttpRequest) -> HttpResponse:
    """Choose files; what they would become is looked at before anything changes."""
    if not request.user.has_perm(WRITE):
        raise NotAllowed(_t("You may not import procedures. Ask a process officer."))
    before = sent_before(request)
    if before:
        return redirect(before.result_url)
    form = ImportForm(request.POST or None, request.FILES or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        return redirect(_begin(request, form))
    context = {
        "form": form,
        "multipart": True,
        "form_token": request.POST.get("form_token") or secrets.token_urlsafe(16),
        "limit": limit_in_words(),
        "earlier": ImportRun.objects.visible_to(request.user).select_related("asked_by", "job")[:10],
    }
    return render(request, "sops/import_form.html", context, status=422 if form.errors else 200)


def _begin(request: HttpRequest, form: ImportForm) -> ImportRun:
    import_jobs.forget_uploads()
    data = form.cleaned_data
    name, file = form.as_one_file()
    run = ImportRun(
        asked_by=request.user,
        file_name=name,
        kind=data["kind"],
        department=data["department"],
        as_effective=data.get("as_effective", False),
    )
    run.file.save(uuid.uuid4().hex, file, save=False)
    with transaction.atomic():
        import_jobs.begin(run)
        remember_sent(request, run.get_absolute_url())
    return run


def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """How far the import is and what becomes of each source; asked for again every two seconds while it works."""
    run = find(ImportRun.objects.select_related("job", "asked_by", "department"), request.user, pk=run_id)
    show = request.GET.get("show", "")
    rows = ImportRow.objects.visible_to(request.user).filter(run=run).select_related("document")
    if show in OUTCOMES:
        rows = rows.filter(outcome=show)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.words = spoken(row.reason)
        row.said = [spoken(warning) for warning in row.warnings]
        row.known = [(FACTS[name], _as_read(name, row.facts[name])) for name in FACTS if name in row.facts]
    context = {
        "run": run,
        "page_obj": page,
        "problem": spoken(run.problem),
        "tabs": _tabs(run, show),
        "left": ImportRow.objects.visible_to(request.user).filter(run=run, undo=ImportRow.Undo.LEFT).count(),
        "may_act": request.user.has_perm(WRITE),
    }
    template = "sops/_import_run.html" if request.htmx else "sops/import_run.html"
    return render(request, template, context)


def _tabs(run: ImportRun, show: str) -> list[dict[str, object]]:
    labels = {"created": _t("New"), "updated": _t("Updated"), "unchanged": _t("Unchanged"), "refused": _t("Refused")}
    tabs = [{"label": _t("All"), "url": "?", "count": run.counts.get("read", 0), "current": show not in OUTCOMES}]
    for name, label in labels.items():
        count = run.counts.get(name, 0)
        tabs.append({"label": label, "url": f"?show={name}", "count": count, "current": show == name})
    return tabs


@sensitive_post_parameters("password", "code")
@refuse_politely
def apply_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Bring in what was looked at; what takes effect at once is signed by two people."""
    run = _find_to_act(request, run_id)
    if not run.as_effective:
        if request.method == "POST":
            import_jobs.apply(run, by=request.user)
        return redirect(run)
    import_jobs.refuse_unless_effective(by=request.user)
    form = signing_form(EffectiveForm, request, f"import:{run.pk}", settings=_SIGNED)

    def act(signature: Signature) -> None:
        if not import_jobs.apply(run, by=request.user, signature=signature):
            say(request, _t("It takes effect when a second person signs."))

    return _signed_page(request, run, form, act, "sops/import_apply_form.html")


@sensitive_post_parameters("password", "code")
@refuse_politely
def undo_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Take back what nobody has worked on since; what took effect with a reason and a signature."""
    run = _find_to_act(request, run_id)
    if not run.took_effect:
        if request.method == "POST":
            import_jobs.undo(run, by=request.user)
        return redirect(run)
    form = signing_form(UndoForm, request, f"undo-import:{run.pk}", settings=_SIGNED)

    def act(signature: Signature) -> None:
        import_jobs.undo(run, by=request.user, reason=form.cleaned_data["reason"], signature=signature)

    return _signed_page(request, run, form, act, "sops/import_undo_form.html")


_SIGNED = KindSettings(kind="", signing=KindSettings.Signing.SIGNATURE)


def _find_to_act(request: HttpRequest, run_id: int) -> ImportRun:
    run = find(ImportRun.objects.select_related("job", "asked_by"), request.user, pk=run_id)
    if not request.user.has_perm(WRITE):
        raise NotAllowed(_t("You may not import procedures. Ask a process officer."))
    return run


def _signed_page(
    request: HttpRequest, run: ImportRun, form: Any, act: Callable[[Signature], None], template: str
) -> HttpResponse:
    """The form with what is signed; once it is signed, ``act`` and back to the import."""
    if request.method == "POST" and form.is_valid():
        try:
            if goes_to_provider(form):
                return to_provider(form, request)
            act(signature_from(form, request))
        except NotAllowed:
            raise
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect(run)
    return render(request, template, {"run": run, "form": form}, status=422 if form.errors else 200)


@refuse_politely
def settings_page(request: HttpRequest) -> HttpResponse:
    """Whether imports may take effect: a switch of the organisation."""
    if not request.user.has_perm("core.change_organisation"):
        raise NotAllowed(_t("Only administrators may do this."))
    if request.method == "POST":
        ImportSettings.allow_effective(request.POST.get("allowed") == "1", by=request.user)
        say(request, _t("Saved."))
        return redirect("sops:import-settings")
    events = ("imports_may_take_effect", "imports_may_not_take_effect")
    changes = LedgerLine.objects.filter(event__in=events).order_by("-id")[:20]
    return render(request, "sops/import_settings.html", {"settings": ImportSettings.current(), "changes": changes})
