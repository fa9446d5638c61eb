"""Changing the draft of a map: drawn in the browser, uploaded, or started from an example.

Without JavaScript the page is a plain form: title, file, and the XML itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t

from core.lifecycle import Invalid
from core.models.record import Stale
from core.views import say
from documents.drafting import save_draft
from documents.forms import DraftForm
from documents.lifecycle import State
from documents.models import Version
from documents.views.pages import decisions_on
from processes.bpmn.drawing import draw
from processes.bpmn.layout import lay_out
from processes.bpmn.reading import MAX_BYTES
from processes.bpmn.relayout import laid_out
from processes.bpmn.starting import STARTING
from processes.map_pages import drawable, drawn_views, picture
from processes.maps import model_of, xml_for_editor, xml_from_editor


class Refusal(Exception):
    """What was sent makes no map. ``field`` is where the sentences belong."""

    def __init__(self, field: str, sentences: list[str]) -> None:
        super().__init__(sentences)
        self.field, self.sentences = field, sentences


def edit_map(request: HttpRequest, version: Version) -> HttpResponse:
    """The edit address of a map's draft; whether the person may change it was asked before."""
    initial = {"title": version.title, "body": _for_drawing(version), "row_version": version.row_version}
    form = DraftForm(request.POST or None, initial=initial)
    form.fields["body"].required = False
    problems: dict[str, list[str]] = {}
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            body = _sent(request, version, form.cleaned_data["body"])
            saved = save_draft(
                version,
                by=request.user,
                row_version=form.cleaned_data["row_version"],
                title=form.cleaned_data["title"],
                body=body,
            ).version
        except Refusal as refusal:
            problems[refusal.field] = refusal.sentences
        except Stale as stale:
            conflict = stale.record
        except Invalid as problem:
            field = "file" if request.FILES.get("file") else "body"
            problems[field] = [str(problem.message)]
        else:
            say(request, _t("The draft is saved."))
            name = "documents:submit" if "submit" in request.POST else "documents:edit"
            return redirect(name, saved.document.code, saved.sequence)
    context = _context(request, version, form, problems, conflict)
    status = 409 if conflict else 422 if form.errors or problems else 200
    return render(request, "processes/map_edit.html", context, status=status)


def _context(
    request: HttpRequest, version: Version, form: DraftForm, problems: dict[str, list[str]], conflict: Version | None
) -> dict[str, Any]:
    data = version.body_bytes()
    return {
        "version": version,
        "document": version.document,
        "form": form,
        "problems": problems,
        "conflict": conflict,
        "row_version": conflict.row_version if conflict else form["row_version"].value(),
        "starting": _pictures() if not data else [],
        "has_map": bool(data),
        "is_drawable": bool(data) and bool(drawable(model_of(data))[1]),
        "decisions": decisions_on(version) if version.state == State.CHANGES_REQUESTED else [],
    }


def _for_drawing(version: Version) -> str:
    """The XML that the editor opens; what has no drawing is laid out for it where that can be done whole."""
    data = version.body_bytes()
    if data and not drawn_views(model_of(data)):
        data = laid_out(model_of(data)) or data
    return xml_for_editor(data)


def _pictures() -> list[dict[str, Any]]:
    """The starting maps with their pictures."""
    found = []
    for each in STARTING:
        model = model_of(lay_out(each.plan(_t)))
        found.append(
            {"key": each.key, "label": _t(each.label), "picture": picture(draw(model, model.views[0], say=_t))}
        )
    return found


def _sent(request: HttpRequest, version: Version, body: str) -> bytes | None:
    """The content that was sent, by whichever way. None where it is what is stored."""
    ways: list[tuple[Any, Callable[[Any, Version], bytes]]] = [
        (request.FILES.get("file"), _from_file),
        (request.POST.get("start", ""), _from_start),
    ]
    for sent, make in ways:
        if sent:
            return make(sent, version)
    # A browser sends the XML back with other line ends; that alone is no change.
    if body.replace("\r\n", "\n") == xml_for_editor(version.body_bytes()).replace("\r\n", "\n"):
        return None
    return xml_from_editor(body)


def _from_file(upload: Any, version: Version) -> bytes:
    if upload.size > MAX_BYTES:
        raise Refusal("file", [_t("The file is larger than %(limit)d MB.") % {"limit": MAX_BYTES // 1024**2}])
    data = upload.read()
    if not data.strip():
        raise Refusal("file", [_t("The file is empty.")])
    return data


def _from_start(key: str, version: Version) -> bytes:
    chosen = next((each for each in STARTING if each.key == key), None)
    if chosen is None:
        raise Refusal("start", [_t("Choose one of the examples.")])
    return lay_out(chosen.plan(_t))
