"""An outline pasted or uploaded as a table becomes a map: looked at first, then started or put into an open draft."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.lifecycle import NotAllowed, Refused
from core.models.record import Stale
from core.safe.spreadsheet import UnreadableTable, read_rows
from core.saying import in_words
from core.views import SentTwice, refuse_politely, remember_sent, say, sent_before
from documents.drafting import save_draft, start_document
from documents.models import Version
from documents.views.pages import find_version
from processes.bpmn.drawing import draw
from processes.bpmn.layout import lay_out
from processes.fields import ProcessField, process_called, written
from processes.map_pages import FIT_WIDTH, drawn_views, picture, sections_of
from processes.map_roles import give_role
from processes.maps import KEY, WRITE, model_of
from processes.models import ProcessMap
from processes.outline_table import UnreadableOutline, cells_of, pasted, read_outline

MAX_LETTERS = 200_000


class OutlineForm(forms.Form):
    """The outline, and for a new map what it is called and shows."""

    title = forms.CharField(label=_("Title"), max_length=300, error_messages={"required": _("Enter a title.")})
    process = ProcessField(
        label=_("Process"),
        required=False,
        help_text=_("The process that the map shows: its code or words of its title"),
    )
    purpose = forms.ChoiceField(label=_("Purpose"), choices=ProcessMap.Purpose.choices)
    file = forms.FileField(
        label=_("Excel or CSV file"),
        required=False,
        help_text=_("Or paste the table below."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )
    table = forms.CharField(
        label=_("Table"),
        required=False,
        max_length=MAX_LETTERS,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )
    row_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: Any, version: Version | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["process"].person = person
        self.version = version
        if version is not None:
            for name in ("title", "process", "purpose"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """The table as cells, and the map that it means."""
        data = super().clean() or {}
        try:
            cells = self._cells(data)
        except UnreadableTable as problem:
            self.add_error("file", in_words(problem.args[0]))
            return data
        if not cells:
            self.add_error("table", _t("Paste a table or choose a file."))
            return data
        name = data.get("title") or (self.version.title if self.version else _t("Map"))
        try:
            data["body"] = lay_out(read_outline(cells, name))
        except UnreadableOutline as problem:
            for line, said in problem.problems:
                words = in_words(said)
                self.add_error("table", _t("Line %(n)s: %(words)s") % {"n": line, "words": words} if line else words)
        return data

    def _cells(self, data: dict[str, Any]) -> list[list[str]]:
        """A file stands before what was typed, and stands in the text area afterwards."""
        if not data.get("file"):
            return cells_of(data.get("table") or "")
        cells = list(read_rows(data["file"], data["file"].name))
        kept = self.data.copy()
        kept["table"] = pasted(cells)[:MAX_LETTERS]
        self.data = kept
        return cells


@refuse_politely
def new_map(request: HttpRequest) -> HttpResponse:
    """A new map from an outline."""
    if not request.user.has_perm(WRITE):
        raise NotAllowed(_t("You may not draw maps."))
    if request.method == "POST" and (before := sent_before(request)):
        return redirect(before.result_url)
    process = process_called(request.GET.get("process", ""), request.user)
    initial = {"process": written(process), "title": process.title} if process else {}
    form = OutlineForm(*_sent(request), person=request.user, version=None, initial=initial)
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        try:
            version = _start(request, form.cleaned_data)
        except SentTwice as first:
            return redirect(first.result_url)
        except Refused as refusal:
            form.add_error("process", str(refusal.message))
        else:
            say(request, _t("%(code)s is drawn. Look at it, then submit it.") % {"code": version.document.code})
            return redirect(version)
    return _page(request, form, None)


@transaction.atomic
def _start(request: HttpRequest, data: dict[str, Any]) -> Version:
    person, process = request.user, data["process"]
    department = process.department if process and process.department_id else person.department
    version = start_document(kind=KEY, by=person, title=data["title"], department=department, body=data["body"])
    give_role(version.document, by=person, process=process, purpose=data["purpose"])
    remember_sent(request, version.get_absolute_url())
    return version


@refuse_politely
def into_draft(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """An outline in place of what an open draft of a map holds."""
    version = find_version(request, code, sequence)
    if version.document.kind != KEY:
        raise Http404
    if not (version.is_editable and request.user.has_perm("documents.change_version", version)):
        raise NotAllowed(_t("This version is not open for you to edit."))
    form = OutlineForm(
        *_sent(request), person=request.user, version=version, initial={"row_version": version.row_version}
    )
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        seen = form.cleaned_data["row_version"] or version.row_version
        try:
            save_draft(version, by=request.user, row_version=seen, body=form.cleaned_data["body"])
        except Stale:
            kept = form.data.copy()
            kept["row_version"] = str(Version.objects.get(pk=version.pk).row_version)
            form.data = kept
            form.add_error(None, _t("Somebody else has saved this draft meanwhile. Look at it, then send this again."))
        else:
            say(request, _t("The outline is drawn."))
            return redirect(version)
    return _page(request, form, version)


def _sent(request: HttpRequest) -> tuple[Any, ...]:
    return (request.POST, request.FILES) if request.method == "POST" else ()


def _page(request: HttpRequest, form: OutlineForm, version: Version | None) -> HttpResponse:
    token = request.POST.get("form_token") or secrets.token_urlsafe(16)
    context: dict[str, Any] = {"form": form, "version": version, "multipart": True, "form_token": token}
    context["cancel"] = version.get_absolute_url() if version else reverse("documents:list") + f"?kind={KEY}"
    body = form.cleaned_data.get("body") if form.is_bound and not form.errors else None
    if body:
        model = model_of(body)
        views = drawn_views(model)
        drawing = draw(model, views[0], say=_t)
        is_wide = drawing.box.width > FIT_WIDTH
        context |= {"svg": picture(drawing), "is_wide": is_wide, "sections": sections_of(body)}
    return render(request, "processes/map_from_outline.html", context, status=422 if form.errors else 200)
