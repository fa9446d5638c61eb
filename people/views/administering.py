"""Accounts, for administrators: invite, change, deactivate, reactivate, hand over."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from core.ledger import record_refusal
from core.lifecycle import NotAllowed, Refused
from core.views import find, refuse_politely, say
from people import leaving
from people.changing import change_person, refuse_unless_administered
from people.forms import HandOverForm, PersonForm, ReasonForm
from people.invitations import add_person, send_link
from people.models import Confirmation, Person


def administrators_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let only administrators in; everybody else reads why not, and the try is kept."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm("people.change_person"):
            record_refusal(None, "administer people", by=request.user, reason=request.path)
            raise NotAllowed(_t("Only administrators may do this."))
        return view(request, *args, **kwargs)

    return refuse_politely(answer)


def find_administered(request: HttpRequest, pk: int, event: str) -> Person:
    """The person, if this administrator may touch the account at all."""
    person = find(Person.objects.prefetch_related("groups", "job_roles"), request.user, pk=pk)
    refuse_unless_administered(person, by=request.user, event=event)
    return person


def to_page(person: Person) -> HttpResponse:
    return redirect("people:page", pk=person.pk)


@administrators_only
def invite(request: HttpRequest) -> HttpResponse:
    """A new account, and the mail with which its person sets a password."""
    form = PersonForm(request.POST or None, initial={"language": request.user.language})
    if request.method == "POST" and form.is_valid():
        values = form.values()
        values["time_zone"] = request.user.time_zone
        person = add_person(by=request.user, email=values.pop("email"), name=values.pop("name"), values=values)
        send_link(person, by=request.user)
        say(request, _t("%(name)s is invited.") % {"name": person})
        return to_page(person)
    return render(request, "people/invite_form.html", {"form": form}, status=422 if form.errors else 200)


@administrators_only
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """What an administrator says of an account."""
    person = find_administered(request, pk, "change person")
    form = PersonForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            changes = change_person(person, by=request.user, values=form.values())
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            waits = Confirmation.objects.open().filter(subject=person, asked_by=request.user, act="groups").exists()
            if waits:
                say(request, _t("What opens confidential records to you waits for a second administrator."))
            else:
                say(request, _t("Saved.") if changes else _t("Nothing was different."))
            return to_page(person)
    context = {"form": form, "person": Person.objects.get(pk=pk)}
    return render(request, "people/person_form.html", context, status=422 if form.errors else 200)


@require_POST
@administrators_only
def new_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail a link for a first or a new password."""
    person = find_administered(request, pk, "send password link")
    send_link(person, by=request.user)
    say(request, _t("A link was sent to %(email)s. It works for seven days.") % {"email": person.email})
    return to_page(person)


def _with_reason(
    request: HttpRequest, person: Person, act: Callable[..., Person], template: str, context: dict[str, Any]
) -> HttpResponse | Person:
    """Ask for a reason, then act; returns the person once it is done."""
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return act(person, by=request.user, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
    context = {"form": form, "person": person, **context}
    return render(request, template, context, status=422 if form.errors else 200)


@administrators_only
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the account, after showing what will lose its owner."""
    person = find_administered(request, pk, "deactivate person")
    holdings = leaving.all_holdings_of(person, seen_by=request.user)
    done = _with_reason(request, person, leaving.deactivate, "people/deactivate_form.html", {"holdings": holdings})
    if not isinstance(done, Person):
        return done
    say(request, _t("%(name)s is deactivated and can no longer sign in.") % {"name": person})
    return redirect("people:hand-over", pk=pk) if holdings else to_page(person)


@administrators_only
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the account again."""
    person = find_administered(request, pk, "reactivate person")
    done = _with_reason(request, person, leaving.reactivate, "people/reactivate_form.html", {})
    if not isinstance(done, Person):
        return done
    say(request, _t("%(name)s may sign in again.") % {"name": person})
    return to_page(person)


@administrators_only
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """List what the person holds, and give it to somebody else."""
    person = find_administered(request, pk, "hand over")
    holdings = leaving.all_holdings_of(person, seen_by=request.user)
    choices = [(one.name, f"{one.label} ({held.total})") for one, held in holdings if one.hand_over is not None]
    form = HandOverForm(request.POST or None, choices=choices, initial={"to": person.manager_id})
    if request.method == "POST" and form.is_valid():
        to = form.cleaned_data["to"]
        try:
            moved = leaving.hand_over(person, to=to, by=request.user, names=form.cleaned_data["names"])
        except Refused as refusal:
            form.add_error("to", str(refusal.message))
        else:
            if isinstance(moved, Confirmation):
                say(request, _t("It takes effect when a second administrator confirms it."))
                return to_page(person)
            say(request, _t("%(n)s handed over to %(name)s.") % {"n": sum(moved.values()), "name": to})
            return redirect(reverse("people:hand-over", args=[pk]) if _left(person, request) else to_page(person).url)
    context = {"form": form, "person": person, "holdings": holdings, "choices": choices}
    return render(request, "people/hand_over.html", context, status=422 if form.errors else 200)


def _left(person: Person, request: HttpRequest) -> bool:
    return bool(leaving.all_holdings_of(person, seen_by=request.user))
