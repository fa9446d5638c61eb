"""Requirement libraries: the list, the tree of one, its facts, and what an edition changed."""

import secrets
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t

from audits import own_requirements
from audits.forms import LibraryForm
from audits.library_pages import FOUND, STATES, branch, edition_changes, found_in, fulfilled_counts
from audits.models import Framework, Requirement
from core.lifecycle import NotAllowed, Refused
from core.models import LedgerLine
from core.pages.together import fragment
from core.views import find, refuse_politely, remember_sent, say, sent_before
from people.fields import written

LINES = 20  # of the history on the page of a library


def find_framework(request: HttpRequest, code: str) -> Framework:
    """The library of this code that the person may see, else 404."""
    return find(Framework.objects.with_people().select_related("previous"), request.user, code=code)


def library_list(request: HttpRequest) -> HttpResponse:
    """All libraries this person may see, with how much of each is fulfilled."""
    person = request.user
    libraries = list(Framework.objects.visible_to(person).with_people().order_by("title", "-pk"))
    counts = fulfilled_counts(libraries, person)
    for library in libraries:
        library.applicable, library.fulfilled = counts.get(library.pk, (0, 0))
    context = {
        "libraries": libraries,
        "may_import": person.has_perm("audits.import_framework"),
        "may_start": person.has_perm("audits.add_framework"),
    }
    return render(request, "audits/library_list.html", context)


def library(request: HttpRequest, code: str) -> HttpResponse:
    """The tree of a library, or what a search in it finds."""
    framework, person = find_framework(request, code), request.user
    asked = {name: request.GET.get(name, "").replace("\x00", "").strip()[:200] for name in ("q", "baseline", "state")}
    if asked["state"] not in STATES:
        asked["state"] = ""
    context: dict[str, Any] = {
        "library": framework,
        "asked": asked,
        "baselines": list(framework.baselines.all()),
        "fulfilled": fulfilled_counts([framework], person).get(framework.pk, (0, 0)),
        "may_change": person.has_perm("audits.change_framework", framework),
        "lines": list(
            LedgerLine.objects.filter(record_kind="audits.framework", record_id=framework.pk).order_by("-id")[:LINES]
        ),
        "next_edition": Framework.objects.visible_to(person).filter(previous=framework).first(),
    }
    if any(asked.values()):
        found = found_in(framework, person, **asked)
        context |= {"found": found[:FOUND], "is_more": len(found) > FOUND}
    else:
        context["rows"] = branch(framework, None, person)
    return render(request, "audits/library_page.html", context)


@fragment
def branch_page(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """What stands below one entry: a piece of the tree for a script, a page of its own without one."""
    parent = find(
        Requirement.objects.select_related("framework", "parent"), request.user, framework__code=code, slug=slug
    )
    context = {"library": parent.framework, "parent": parent, "rows": branch(parent.framework, parent, request.user)}
    return render(request, "audits/_branch.html" if request.htmx else "audits/branch_page.html", context)


@refuse_politely
def changes(request: HttpRequest, code: str) -> HttpResponse:
    """What this edition changed against the one before."""
    framework = find_framework(request, code)
    if framework.previous is None or not _sees(request, framework.previous):
        raise Http404
    context = {"library": framework, **edition_changes(framework, request.user)}
    return render(request, "audits/edition_changes.html", context)


def _sees(request: HttpRequest, framework: Framework) -> bool:
    return Framework.objects.visible_to(request.user).filter(pk=framework.pk).exists()


@refuse_politely
def new_library(request: HttpRequest) -> HttpResponse:
    """Start a library of own requirements."""
    person = request.user
    if not person.has_perm("audits.add_framework"):
        raise NotAllowed(_t("You may not start requirement libraries. Ask a process officer."))
    if before := sent_before(request):
        return redirect(before.result_url)
    initial = {"owner": written(person), "department": person.department_id, "sort": "policy", "audience": "everyone"}
    form = LibraryForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            made = own_requirements.start_library(by=person, **form.cleaned_data)
            remember_sent(request, made.get_absolute_url())
        return redirect(made)
    token = request.POST.get("form_token") or secrets.token_urlsafe(16)
    context = {"form": form, "form_token": token}
    return render(request, "audits/library_form.html", context, status=422 if form.errors else 200)


@refuse_politely
def change_library(request: HttpRequest, code: str) -> HttpResponse:
    """Owner, audience and facts of a library."""
    framework = find_framework(request, code)
    if not request.user.has_perm("audits.change_framework", framework):
        raise NotAllowed(_t("You may not change this library."))
    initial = {name: getattr(framework, name) for name in own_requirements.FACTS}
    initial |= {"readers": list(framework.readers.all()), "reader_roles": list(framework.reader_roles.all())}
    form = LibraryForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            own_requirements.change_library(framework, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            say(request, _t("The library is saved."))
            seen = Framework.objects.visible_to(request.user).filter(pk=framework.pk).first()
            return redirect(seen or "audits:libraries")
    return render(
        request, "audits/library_form.html", {"form": form, "library": framework}, status=422 if form.errors else 200
    )
