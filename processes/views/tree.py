"""The process tree: opening and closing branches, and giving a process another place."""

from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t

from core.lifecycle import NotAllowed, Refused
from core.models.record import Stale
from core.search import suggest
from core.views import refuse_politely, say
from processes.branches import MAX_ALL, ProcessTree, read_tree
from processes.fields import written
from processes.forms import MergeForm, PlaceForm
from processes.models import Process
from processes.tree import merge, place, rename
from processes.views.pages import find_process


def tree_page(request: HttpRequest) -> HttpResponse:
    """The tree, open at the branches that the address names (``open``, several) and down to ``at``."""
    opened = request.GET.getlist("open") if "open" in request.GET else None
    at, with_retired = request.GET.get("at", "")[:80], "retired" in request.GET
    tree = read_tree(request.user, opened, at=at, with_retired=with_retired, everything="all" in request.GET)
    _give_addresses(tree, with_retired)
    context = {
        "tree": tree,
        "at": at,
        "with_retired": with_retired,
        "may_start": request.user.has_perm("processes.add_process"),
        "may_open_all": tree.total <= MAX_ALL,
        "close_all": f"?{urlencode({'open': ''} | ({'retired': 'yes'} if with_retired else {}))}",
        "here": "tree",
    }
    return render(request, "processes/tree_page.html", context)


def _give_addresses(tree: ProcessTree, with_retired: bool) -> None:
    """The address that opens or closes each branch and leaves the others as they are."""
    rest = [("retired", "yes")] if with_retired else []

    def walk(branches: list[Any]) -> None:
        for branch in branches:
            codes = [code for code in tree.open_codes if code != branch.process.code]
            if not branch.is_open:
                codes.append(branch.process.code)
            branch.address = "?" + urlencode([("open", code) for code in codes or [""]] + rest)
            walk(branch.branches)

    walk(tree.branches)


def suggestions(request: HttpRequest) -> JsonResponse:
    """Processes whose code or title is being typed, for the fields that take a process."""
    text = request.GET.get("q", "").strip()[:100]
    if len(text) < 2:
        return JsonResponse({"suggestions": []})
    found = [entry for entry in suggest(request.user, text) if entry.kind == "process" and entry.state == "active"]
    return JsonResponse({"suggestions": [written(entry) for entry in found]})


@refuse_politely
def place_process(request: HttpRequest, code: str) -> HttpResponse:
    """“Move under …”: another parent, another position, another code."""
    process = find_process(request, code)
    if not request.user.has_perm("processes.place_process", process):
        raise NotAllowed(_t("You may not move this process."))
    parent = Process.objects.visible_to(request.user).filter(pk=process.parent_id).first()
    initial = {"parent": parent, "row_version": process.row_version}
    form = PlaceForm(request.POST or None, process=process, person=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            moved = _place(process, form, by=request.user)
        except NotAllowed as refusal:
            form.add_error("parent", refusal.message)
        except Stale:
            form = _form_again(form, process, request.user)
        except Refused as refusal:
            form.add_error("parent", refusal.message)
        else:
            say(request, _told(moved))
            return redirect(f"{reverse('processes:process-tree')}?{urlencode({'at': moved.code})}#p-{moved.code}")
    siblings = Process.objects.visible_to(request.user).active().filter(parent=process.parent_id).in_tree_order()
    context = {"process": process, "parent": parent, "form": form, "siblings": list(siblings)}
    return render(request, "processes/place_form.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _place(process: Process, form: PlaceForm, *, by: Any) -> Process:
    data = form.cleaned_data
    if data["row_version"]:
        Process.objects.get(pk=process.pk).refuse_if_changed_since(data["row_version"])
    place(process, data["parent"], by=by, position=data["position"], reason=data["reason"])
    if data["code"].strip():
        rename(process, data["code"], by=by, reason=data["reason"])
    return Process.objects.get(pk=process.pk)


def _told(process: Process) -> str:
    """Where the process stands now, in words."""
    siblings = Process.objects.active().filter(parent=process.parent_id)
    words = {
        "code": process.code,
        "n": siblings.filter(position__lt=process.position).count() + 1,
        "all": siblings.count(),
        "parent": process.parent.code if process.parent else "",
    }
    if process.parent is None:
        return _t("%(code)s stands at the top, position %(n)s of %(all)s.") % words
    return _t("%(code)s stands under %(parent)s, position %(n)s of %(all)s.") % words


def _form_again(form: PlaceForm, process: Process, person: Any) -> PlaceForm:
    """The same form with what was typed, the reason why nothing was stored, and the row as it is now."""
    data = form.data.copy()
    data["row_version"] = str(Process.objects.get(pk=process.pk).row_version)
    again = PlaceForm(data, process=process, person=person)
    again.add_error(None, _t("Somebody else has saved this since you opened it. Check the place and send it again."))
    return again


@refuse_politely
def merge_process(request: HttpRequest, code: str) -> HttpResponse:
    """Merge the process into another one, with everything that hangs on it."""
    process = find_process(request, code)
    if not request.user.has_perm("processes.merge_process", process):
        raise NotAllowed(_t("You may not merge this process."))
    form = MergeForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        into = form.cleaned_data["into"]
        try:
            merge(process, into, by=request.user, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error("into", refusal.message)
        else:
            say(request, _t("%(code)s was merged into %(into)s.") % {"code": process.code, "into": into.code})
            return redirect(into)
    visible = Process.objects.visible_to(request.user)
    context = {"process": process, "form": form, "children": visible.filter(parent=process).count()}
    return render(request, "processes/merge_form.html", context, status=422 if form.errors else 200)
