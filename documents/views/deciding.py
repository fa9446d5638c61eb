"""Submitting a version, deciding on it, and the moves in between."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from core.lifecycle import NotAllowed, Refused
from core.views import refuse_politely, say
from documents.appendices import differences
from documents.compare import compare_versions
from documents.forms import DecideForm, PrescribedStepForm, ReassignForm, StepFormSet, SubmitForm, WithdrawForm
from documents.models import Content, Decision, Document, Route, RouteSeat, State, Version
from documents.submission import added_before, prescribed_for, submit
from documents.trace import lines_for
from documents.views.comparing import compared_by_kind
from documents.views.pages import find_version, signing_of
from documents.views.signing import (
    act_on,
    goes_to_provider,
    or_nothing_to_sign,
    signature_from,
    signing_form,
    to_provider,
)
from people.fields import written


@refuse_politely
def submit_version(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """Say what changes and why, check the route, send the version on it."""
    version = find_version(request, code, sequence)
    if not request.user.has_perm("documents.change_version", version):
        raise NotAllowed(_t("You may not submit this version."))
    form = SubmitForm(request.POST or None, instance=version)
    prescribed = _prescribed_steps(request, version)
    initial = _initial_steps(version, is_prescribed=bool(prescribed))
    steps = StepFormSet(_with_another_step(request), initial=initial, prefix="steps")
    wants_step = "add_step" in request.POST
    if request.method == "POST" and not wants_step and _are_valid(form, steps, *prescribed):
        try:
            _submit(request, form, steps, prescribed)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            say(request, _t("%(code)s was submitted for review.") % {"code": version.code})
            return redirect(version)
    refused = not wants_step and any(one.errors for one in (form, *prescribed))
    context = {
        "version": version,
        "document": version.document,
        "form": form,
        "steps": steps,
        "prescribed": prescribed,
        "no_route": not prescribed,
    }
    return render(request, "documents/submit_form.html", context, status=422 if refused else 200)


def _are_valid(*forms: Any) -> bool:
    """Ask every form, so that each shows what is wrong with it."""
    return all([form.is_valid() for form in forms])


def _prescribed_steps(request: HttpRequest, version: Version) -> list[PrescribedStepForm]:
    """The steps of the organisation's route, as the page shows them."""
    return [
        PrescribedStepForm(request.POST or None, step=step, prefix=f"prescribed-{position}")
        for position, step in enumerate(prescribed_for(version), start=1)
    ]


def _submit(request: HttpRequest, form: SubmitForm, steps: Any, prescribed: list[PrescribedStepForm]) -> None:
    plan = [step.plan() for step in steps if step.cleaned_data and not step.cleaned_data.get("DELETE")]
    plan += [step.plan() for step in prescribed]  # the organisation's steps come after those that the author adds
    facts = {name: form.cleaned_data[name] for name in form.fields}
    submit(form.instance, by=request.user, plan=plan, comment=facts["reason"], facts=facts)


def _with_another_step(request: HttpRequest) -> Any:
    """The posted data; with one step more when that button was pressed (it works without JavaScript)."""
    if request.method != "POST":
        return None
    data = request.POST.copy()
    total = data.get("steps-TOTAL_FORMS", "0")
    if "add_step" in data and total.isdecimal() and len(total) < 4:
        data["steps-TOTAL_FORMS"] = str(int(total) + 1)
    return data


def _initial_steps(version: Version, *, is_prescribed: bool) -> list[dict[str, Any]]:
    """The steps that the author added before; where the organisation prescribes none, else one empty step to fill."""
    plan = added_before(version)
    if not plan:
        return [] if is_prescribed else [{"meaning": _t("Approved for use"), "rule": "all", "due_days": 7}]
    return [
        {
            "meaning": step.meaning,
            "rule": step.rule,
            "needed": step.needed,
            "due_days": step.due_days,
            "people": ", ".join(written(person) for person in step.people),
            "roles": [role.pk for role in step.roles],
        }
        for step in plan
    ]


@sensitive_post_parameters("password", "code")
@or_nothing_to_sign
@refuse_politely
def decide(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """What changed, and the decision, on one page that fits a phone. A GET never decides anything."""
    version = find_version(request, code, sequence)
    route = version.route()
    seat = route.seat_for(request.user) if route else None
    if seat is None and request.method == "GET":
        return _closed(request, version)
    seen_hash = request.POST.get("seen_hash") or version.manifest_hash
    act = act_on("decide", version, seen_hash)
    form = signing_form(
        DecideForm, request, act, initial={"seen_hash": seen_hash}, settings=signing_of(version.document)
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        approves = data["verdict"] == Decision.Verdict.APPROVE
        try:
            if approves and seat and goes_to_provider(form):
                return to_provider(form, request)
            signature = signature_from(form, request) if approves else None
            if route is None:
                raise NotAllowed(_t("It is not your turn to decide on this version."))
            route.decide(
                data["verdict"],
                by=request.user,
                seen_hash=data["seen_hash"],
                comment=data["comment"],
                signature=signature,
            )
        except Refused as refusal:
            if _decided_already(version, request, data):
                return _to_what_is_left(version, request)
            if isinstance(refusal, NotAllowed):
                raise
            form.add_error(None, refusal.message)
            version = find_version(request, code, sequence)
        else:
            done = _t("You approved %(code)s.") if signature else _t("You asked for changes in %(code)s.")
            say(request, done % {"code": version.code})
            return _to_what_is_left(version, request)
    return _page(request, version, route, seat, form)


def _page(
    request: HttpRequest, version: Version, route: Route | None, seat: RouteSeat | None, form: Any
) -> HttpResponse:
    """What is decided on, beside what was there before or what the person saw last; and the form."""
    document = version.document
    before = document.version_in_force()
    seen = _seen_before(version, form)
    if seen:
        before = seen
        form.data = {**form.data.dict(), "seen_hash": version.manifest_hash}  # the page now shows this one
        form.act, form.sign_on = act_on("decide", version), ""
    compared = compared_by_kind(request, before, version, only_changes=True)
    context = {
        "version": version,
        "document": document,
        "route": route,
        "changed_since_seen": seen is not None,
        "steps": len(route.steps_in_order()) if route else 0,
        "skipped": route.skipped_steps() if route else [],
        "signed_before": route.approvals() if route else [],
        "seat": seat,
        "form": form,
        "before": before,
        "compared": compared,
        "comparison": compare_versions(before, version) if before and not compared else None,
        "files": differences(before, version) if before else [],
        "appendices": list(version.appendices.select_related("attachment")),
    }
    return render(request, "documents/decide_form.html", context, status=422 if form.errors else 200)


def _closed(request: HttpRequest, version: Version) -> HttpResponse:
    """For who cannot decide: why, what happened last, and whether they were on their way to sign."""
    context = {"version": version, "document": version.document, "was_signing": "sign_on" in request.GET}
    context["lines"] = lines_for(request.user, version.document)[:3]
    context["is_own_text"] = version.wrote(request.user) and version.state == State.IN_REVIEW
    return render(request, "documents/decide_closed.html", context)


def _decided_already(version: Version, request: HttpRequest, data: dict[str, Any]) -> bool:
    """Whether the person said exactly this before: a double click, or the page sent again."""
    said = {"verdict": data["verdict"], "manifest_hash": data["seen_hash"], "comment": data["comment"]}
    return Decision.objects.filter(seat__step__route__version=version, by=request.user, **said).exists()


def _seen_before(version: Version, form: DecideForm) -> Version | None:
    """The version as it stood when the person opened the page, if it has changed since then."""
    seen_hash = form.data.get("seen_hash", "")
    if not seen_hash or seen_hash == version.manifest_hash or version.is_file:
        return None
    asked = {"manifest_hash": seen_hash[:64].replace("\x00", ""), "state": State.IN_REVIEW}
    record = version.history.filter(**asked).order_by("history_id").first()
    kept = record and Content.objects.filter(pk=record.content_id).exists()  # old texts of drafts are swept
    return record.instance if kept else None


@require_POST
@refuse_politely
def move_version(request: HttpRequest, code: str, sequence: int, name: str) -> HttpResponse:
    """Take a move that needs no form of its own: withdraw, discard."""
    version = find_version(request, code, sequence)
    if name not in ("withdraw", "discard"):
        raise Refused(_t("This step has a form of its own."))
    version.move(name, by=request.user, comment=request.POST.get("comment", "")[:5000])
    say(request, _t("%(code)s: %(move)s") % {"code": version.code, "move": version.get_state_display()})
    return _to_what_is_left(version, request)


@refuse_politely
def withdraw(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """Take a version back from review, with the reason that its reviewers are told."""
    version = find_version(request, code, sequence)
    if not request.user.has_perm("documents.change_version", version):
        raise NotAllowed(_t("You may not withdraw this version."))
    if version.state != State.IN_REVIEW:
        raise Refused(_t("This version is not in review any more."))
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        version.move("withdraw", by=request.user, comment=form.cleaned_data["comment"])
        say(request, _t("%(code)s was withdrawn from review.") % {"code": version.code})
        return _to_what_is_left(version, request)
    context = {"version": version, "document": version.document, "form": form}
    return render(request, "documents/withdraw_form.html", context, status=422 if form.errors else 200)


def _to_what_is_left(version: Version, request: HttpRequest) -> HttpResponse:
    """To the version, its document, or home: with the step done, the person may no longer see the first two."""
    if Version.objects.visible_to(request.user).filter(pk=version.pk).exists():
        return redirect(version)
    document = Document.objects.visible_to(request.user).filter(pk=version.document_id).first()
    return redirect(document or "/")


@refuse_politely
def reassign(request: HttpRequest, code: str, sequence: int, seat_id: int) -> HttpResponse:
    """Let somebody else decide in a seat."""
    version = find_version(request, code, sequence)
    seat = get_object_or_404(
        RouteSeat.objects.filter(step__route__version=version, step__route__closed_at=None), pk=seat_id
    )
    if not request.user.has_perm("documents.reassign_route", version):
        raise NotAllowed(_t("You may not change who decides."))
    form = ReassignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            version.route().reassign(
                seat, to=form.cleaned_data["to"], by=request.user, reason=form.cleaned_data["reason"]
            )
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            say(request, _t("%(name)s decides now.") % {"name": form.cleaned_data["to"]})
            return redirect(version)
    context = {"version": version, "document": version.document, "seat": seat, "form": form}
    return render(request, "documents/reassign_form.html", context, status=422 if form.errors else 200)
