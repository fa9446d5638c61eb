"""Versions that are an uploaded file: getting it, and putting another in its place."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _t

from core.lifecycle import Refused
from core.models.record import Stale
from core.views import say
from documents.files import PDF, replace_file
from documents.forms import FileDraftForm
from documents.models import Version
from documents.views.pages import find_version


def download(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """The file itself, for who may see the version, to be kept."""
    return file_answer(_find_file(request, code, sequence), as_attachment=True)


def read(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """A PDF in the browser's own reader; every other file is only ever downloaded (docs/decisions/0013)."""
    version = _find_file(request, code, sequence)
    if version.content.media_type != PDF:
        raise Http404
    return file_answer(version, as_attachment=False)


def _find_file(request: HttpRequest, code: str, sequence: int) -> Version:
    version = find_version(request, code, sequence)
    if not version.is_file:
        raise Http404
    return version


def file_answer(version: Version, *, as_attachment: bool) -> HttpResponse:
    """The bytes, told to be what their content was found to be, in a sandbox where nothing of them may act."""
    answer = HttpResponse(version.body_bytes(), content_type=version.content.media_type)
    name = version.file_name or f"{version.document.code}-{version.sequence}{version.document.kind_of.file_ending}"
    answer["Content-Disposition"] = content_disposition_header(as_attachment, name)
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def replace(request: HttpRequest, version: Version) -> HttpResponse:
    """The edit page of a version that is a file; who may open it was asked before."""
    document = version.document
    initial = {"title": version.title, "row_version": version.row_version}
    form = FileDraftForm(request.POST or None, request.FILES or None, initial=initial)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            _save(version, form.cleaned_data, request.user)
        except Stale as stale:
            form, status = _show_stale(form, stale.record), 409
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            say(request, _t("The draft is saved."))
            page = "documents:submit" if "submit" in request.POST else "documents:version-page"
            return redirect(page, document.code, version.sequence)
    context = {"form": form, "version": version, "document": document, "multipart": True}
    if form.errors and status == 200:
        status = 422
    return render(request, "documents/file_form.html", context, status=status)


def _show_stale(form: FileDraftForm, stored: Version) -> FileDraftForm:
    """Say who was faster; sending the form again replaces what they stored, now that the person has been told."""
    said = _t("%(by)s saved this since you opened it. Look at it, then choose your file again to replace it.")
    data = form.data.copy()
    data["row_version"] = stored.row_version
    form.data = data
    form.add_error(None, said % {"by": stored.changed_by})
    return form


def _save(version: Version, data: dict[str, Any], person: Any) -> None:
    replace_file(version, data["file"], by=person, row_version=data["row_version"], title=data["title"])
