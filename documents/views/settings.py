"""What is set for document control, as pages: approval routes and the settings of each kind."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from core.formset_rows import PRESSED, in_order, pressed_rows, typed_values
from core.ledger import lines_of
from core.lifecycle import NotAllowed, Refused
from core.models.record import Stale
from core.views import refuse_politely, say
from documents import kind_rules
from documents.kinds import Kind, all_kinds, kind_named
from documents.models import Document, KindSettings, RouteTemplate
from documents.routing import (
    coverage,
    fingerprint,
    named_places,
    save_route,
    set_in_use,
    setting_of,
    steps_of,
    words_of,
)
from documents.settings_forms import (
    NEW_STEP,
    KindSettingsForm,
    RouteForm,
    RouteStepRows,
    gone_of,
    rows_of_steps,
)

LINES = 20


def _refuse_others(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise NotAllowed(_t("Only administrators and process officers keep settings."))


def _find_route(request: HttpRequest, pk: int) -> RouteTemplate:
    _refuse_others(request, "documents.view_routetemplate")
    return get_object_or_404(RouteTemplate.objects.select_related("department"), pk=pk)


# --- approval routes -------------------------------------------------------------------------------------


@refuse_politely
def routes(request: HttpRequest) -> HttpResponse:
    """The routes in use with the documents that follow them; and documents that follow none."""
    _refuse_others(request, "documents.view_routetemplate")
    retired = request.GET.get("show") == "retired"
    every = RouteTemplate.objects.select_related("department")
    found = list(every.filter(is_active=not retired).prefetch_related("steps__people", "steps__roles"))
    kinds = {kind.key: kind.label for kind in all_kinds()}
    used = coverage(request.user)
    for route in found:
        route.kind_label = kinds.get(route.kind, route.kind)
        route.words = [words_of(setting_of(step)) for step in route.steps.all()]
        route.count = used.count(route.pk)
    others = every.filter(is_active=retired).count()
    counts = {True: len(found) if retired else others, False: others if retired else len(found)}
    context = {
        "routes": found,
        "retired": retired,
        "without": [] if retired else named_places(used.without),
        "tabs": [
            {"label": _t("In use"), "url": "?", "current": not retired, "count": counts[False]},
            {"label": _t("Out of use"), "url": "?show=retired", "current": retired, "count": counts[True]},
        ],
    }
    return render(request, "documents/routes.html", context)


@refuse_politely
def route_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One route: its steps, the documents that follow it now, and what was changed by whom."""
    route = _find_route(request, pk)
    steps = steps_of(route)
    kinds = {kind.key: kind.label for kind in all_kinds()}
    context = {
        "route": route,
        "kind_label": kinds.get(route.kind, route.kind),
        "steps": steps,
        "gone": gone_of(steps),
        "empty_roles": [role for step in steps for role in step.roles if role.is_active and not _is_held(role)],
        "places": named_places(coverage(request.user).of(route.pk)) if route.is_active else [],
        "ledger": [line for line in lines_of(route)[:LINES]],
        "may_change": request.user.has_perm("documents.keep_route", route),
    }
    return render(request, "documents/route_page.html", context)


def _is_held(role: Any) -> bool:
    return role.people.filter(is_active=True).exists()


@refuse_politely
def route_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a route with its steps. Buttons put the steps in order; without script the page answers."""
    route = _find_route(request, pk) if pk else RouteTemplate()
    if not request.user.has_perm("documents.keep_route", route):
        raise NotAllowed(_t("You may not change approval routes."))
    stored = steps_of(route) if pk else []
    problem = None
    if request.method != "POST":
        form, steps = _untouched(request, route, stored)
    elif PRESSED in request.POST:
        form, steps = _after_press(request, route)
    else:
        data = in_order(RouteStepRows, request.POST, "steps")
        form, steps = RouteForm(data, route=route), RouteStepRows(data, prefix="steps")
        if form.is_valid() & steps.is_valid():
            try:
                changed = save_route(
                    route,
                    by=request.user,
                    values=form.values(),
                    steps=steps.settings(),
                    seen=form.cleaned_data["seen"],
                )
            except Stale:
                problem = _stored_meanwhile(form, route)
            except NotAllowed:
                raise
            except Refused as refusal:
                form.add_error("kind", refusal.message)
            else:
                say(request, _t("Saved.") if changed else _t("Nothing was different."))
                return redirect("documents:route", route.pk)
    refused = bool(form.errors or (steps.is_bound and steps.total_error_count()))
    context = {
        "form": form,
        "steps": steps,
        "route": RouteTemplate.objects.filter(pk=pk).first(),
        "summary": [form, steps, *steps.forms] if refused else None,
        "meanwhile": problem,
    }
    return render(request, "documents/route_form.html", context, status=422 if refused else 200)


def _untouched(request: HttpRequest, route: RouteTemplate, stored: list[Any]) -> tuple[RouteForm, Any]:
    initial = {"name": route.name, "kind": route.kind, "department": route.department_id}
    if route.pk:
        initial["seen"] = fingerprint(route, stored)
    else:
        initial |= {name: request.GET.get(name, "")[:40] for name in ("kind", "department")}
    rows = rows_of_steps(stored) or [{**NEW_STEP, "meaning": str(NEW_STEP["meaning"])}]
    return RouteForm(initial=initial, route=route), RouteStepRows(initial=rows, prefix="steps")


def _after_press(request: HttpRequest, route: RouteTemplate) -> tuple[RouteForm, Any]:
    """Everything as it was typed, with one row more, fewer, or elsewhere; nothing is judged yet."""
    blank = {**NEW_STEP, "meaning": str(NEW_STEP["meaning"])}
    rows, at = pressed_rows(RouteStepRows, request.POST, "steps", blank=blank)
    form = RouteForm(initial=typed_values(RouteForm(route=route), request.POST), route=route)
    steps = RouteStepRows(initial=rows, prefix="steps")
    if rows:
        steps.forms[at].fields["meaning"].widget.attrs["autofocus"] = True
    return form, steps


def _stored_meanwhile(form: RouteForm, route: RouteTemplate) -> list[str]:
    """Somebody else saved: say how it stands now, keep what was typed, and let the next save replace it knowingly."""
    stored = RouteTemplate.objects.get(pk=route.pk)
    steps = steps_of(stored)
    form.add_error(None, _t("Somebody else has changed this route since you opened it. Compare, then save again."))
    form.data = _with_seen(form.data, fingerprint(stored, steps))
    return [words_of(step) for step in steps]


def _with_seen(sent: Any, seen: str) -> QueryDict:
    """The same answers, given by somebody who has now seen what is stored."""
    data = sent.copy()
    data["seen"] = seen
    return data


@require_POST
@refuse_politely
def route_use(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a route out of use, or into use again."""
    route = _find_route(request, pk)
    in_use = request.POST.get("in_use") == "1"
    set_in_use(route, in_use, by=request.user)
    words = _t("“%(name)s” is in use again.") if in_use else _t("“%(name)s” is out of use.")
    say(request, words % {"name": route.name})
    return redirect("documents:route", route.pk)


# --- settings of kinds -----------------------------------------------------------------------------------


@refuse_politely
def kinds(request: HttpRequest) -> HttpResponse:
    """Every kind with how strict the organisation is with it."""
    _refuse_others(request, "documents.view_kindsettings")
    stored = KindSettings.objects.in_bulk()
    rows = []
    for kind in all_kinds():
        settings = stored.get(kind.key) or KindSettings.usual(kind.key)
        rows.append({"kind": kind, "settings": settings, "reminders": kind_rules.reminder_words(settings)})
    return render(request, "documents/kinds.html", {"rows": rows})


@refuse_politely
def kind_page(request: HttpRequest, key: str) -> HttpResponse:
    """The settings of one kind: administrators change them, process officers read them."""
    _refuse_others(request, "documents.view_kindsettings")
    kind = _find_kind(key)
    settings = KindSettings.of(key)
    may_change = request.user.has_perm("documents.keep_kind", settings)
    if request.method == "POST" and not may_change:
        raise NotAllowed(_t("Only administrators change the settings of a kind."))
    form = KindSettingsForm(
        request.POST or None,
        instance=settings,
        initial={"seen": kind_rules.fingerprint(settings)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = kind_rules.save_kind(key, by=request.user, values=form.values(), seen=form.cleaned_data["seen"])
        except Stale as stale:
            form.add_error(
                None, _t("Somebody else has changed these settings. Look at what holds now, then save again.")
            )
            form.data = _with_seen(request.POST, kind_rules.fingerprint(stale.record))
        else:
            say(request, _t("Saved.") if changed else _t("Nothing was different."))
            return redirect("documents:kind", key)
    now = KindSettings.of(key)
    context = {
        "kind": kind,
        "form": form,
        "settings": now,
        "reminders": kind_rules.reminder_words(now),
        "may_change": may_change,
        "own_rhythm": _with_own_rhythm(request.user, now),
        "changes": _changes_of(key),
    }
    return render(request, "documents/kind_page.html", context, status=422 if form.errors else 200)


def _find_kind(key: str) -> Kind:
    if key not in {kind.key for kind in all_kinds()}:
        raise Http404
    return kind_named(key)


def _with_own_rhythm(person: Any, settings: KindSettings) -> int:
    """Documents of the kind that are reviewed at another interval than the kind says."""
    documents = Document.objects.visible_to(person).filter(kind=settings.kind, retired_at=None)
    return documents.exclude(review_months=settings.review_months).count()


def _changes_of(key: str) -> list[dict[str, Any]]:
    """Who changed what of the kind and when, with the fields by their words."""
    labels = {name: field.label for name, field in KindSettingsForm(instance=KindSettings(kind=key)).fields.items()}
    rows = list(KindSettings.history.filter(kind=key).select_related("history_user")[: LINES + 1])
    told = []
    for row, before in zip(rows, rows[1:], strict=False):
        changes = [(one.field, one.old, one.new) for one in row.diff_against(before).changes]
        words = [(labels.get(name, name), _word(name, old), _word(name, new)) for name, old, new in changes]
        told.append({"at": row.history_date, "by": row.history_user, "changes": words})
    return told


def _word(name: str, value: Any) -> Any:
    if name == "signing":
        return dict(KindSettings.Signing.choices).get(value, value)
    if isinstance(value, bool):
        return _t("yes") if value else _t("no")
    return value
