"""Taking a map along, and saying which process it shows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core.lifecycle import NotAllowed, Refused
from core.saying import in_words
from core.table_files import download
from core.views import refuse_politely, say
from documents.models import Document, Version
from documents.views.pages import find_document, find_version
from processes.bpmn.drawing import PAPER_CSS, draw
from processes.bpmn.table import rows
from processes.map_comparing import compare_maps
from processes.map_import import FileResult, import_uploads
from processes.map_pages import drawn_views
from processes.map_roles import give_role, start_to_be
from processes.maps import KEY, WRITE, model_of
from processes.models import Process, ProcessMap

ELEMENT_HEADINGS = (
    _("No."),
    _("Type"),
    _("Name"),
    _("Lane"),
    _("Pool"),
    _("Leads to"),
    _("Documentation"),
    _("Id in the file"),
)


def find_map(request: HttpRequest, code: str) -> Document:
    """The map behind a code, as this person may see it."""
    document = find_document(request, code)
    if document.kind != KEY:
        raise Http404
    return document


def find_map_version(request: HttpRequest, code: str, sequence: int) -> Version:
    """A version of a map that holds something, as this person may see it."""
    version = find_version(request, code, sequence)
    if version.document.kind != KEY or version.is_file or not version.body_bytes():
        raise Http404
    return version


def _named(version: Version, ending: str) -> dict[str, str]:
    number = version.number or f"draft-{version.sequence}"
    name = f"{version.document.code}-{number}{ending}"
    return {"Content-Disposition": content_disposition_header(True, name), "X-Content-Type-Options": "nosniff"}


def bpmn(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """The original bytes."""
    version = find_map_version(request, code, sequence)
    return HttpResponse(version.body_bytes(), content_type="application/xml", headers=_named(version, ".bpmn"))


def svg(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """One diagram as a file of its own: ``?view=v2``, by default the first."""
    version = find_map_version(request, code, sequence)
    model = model_of(version.body_bytes())
    views = drawn_views(model)
    view = next((one for one in views if one.key == request.GET.get("view")), views[0] if views else None)
    if view is None:
        raise Http404
    drawn = draw(model, view, say=_t).svg(style=PAPER_CSS, is_document=True)
    return HttpResponse(drawn, content_type="image/svg+xml", headers=_named(version, ".svg"))


def elements(request: HttpRequest, code: str, sequence: int, form: str) -> HttpResponse:
    """The table of elements as CSV or Excel."""
    version = find_map_version(request, code, sequence)
    model = model_of(version.body_bytes())
    table = [[str(heading) for heading in ELEMENT_HEADINGS], *(list(row) for row in rows(model, _t))]
    return download(table, f"{version.document.code}-elements", form)


class RoleForm(forms.Form):
    """Which process a map shows, and whether it is how the work is done or is to be done."""

    process = forms.CharField(
        label=_("Process"), required=False, max_length=80, help_text=_("The number of the process, for example P2.1.1")
    )
    purpose = forms.ChoiceField(label=_("Purpose"), choices=ProcessMap.Purpose.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_process(self) -> Process | None:
        code = self.cleaned_data["process"].strip()
        if not code:
            return None
        found = Process.objects.visible_to(self.person).filter(code__iexact=code).first()
        if found is None:
            raise forms.ValidationError(_("There is no process with this number that you may see."))
        return found


@refuse_politely
def role(request: HttpRequest, code: str) -> HttpResponse:
    """Say which process the map shows and for what it is drawn."""
    document = find_map(request, code)
    if not request.user.has_perm("documents.change_document", document):
        raise NotAllowed(_t("You may not change this map."))
    current = ProcessMap.objects.filter(document=document).first()
    shown = Process.objects.visible_to(request.user).filter(pk=current.process_id).first() if current else None
    initial = {
        "process": shown.code if shown else "",
        "purpose": current.purpose if current else ProcessMap.Purpose.AS_IS,
    }
    form = RoleForm(request.POST or None, initial=initial, person=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                give_role(document, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("process", refusal.message)
        except IntegrityError:
            form.add_error("process", _t("The process got another As-Is map a moment ago."))
        else:
            say(request, _t("Saved."))
            return redirect(document)
    context = {"document": document, "form": form}
    return render(request, "processes/map_role_form.html", context, status=422 if form.errors else 200)


@require_POST
@refuse_politely
def to_be(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """Start a To-Be map from this version."""
    version = find_map_version(request, code, sequence)
    started = start_to_be(version, by=request.user)
    say(request, _t("%(code)s starts from %(base)s.") % {"code": started.document.code, "base": version.code})
    return redirect("documents:edit", started.document.code, started.sequence)


def against_base(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """What a To-Be map would change in the As-Is version that it starts from."""
    version = find_map_version(request, code, sequence)
    role = ProcessMap.objects.filter(document=version.document, based_on__isnull=False).first()
    if role is None:
        raise Http404
    visible = Version.objects.visible_to(request.user).select_related("document", "content")
    base = visible.filter(pk=role.based_on_id).first()
    if base is None:
        raise Http404
    compared = compare_maps(request, base, version, False)
    context = {"document": version.document, "version": version, "base": base, "compared": compared}
    return render(request, "processes/map_against_base.html", context)


MAX_UPLOADS = 50


class ManyFiles(forms.FileInput):
    """An input that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files; each is judged alone."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data]
        return [forms.FileField.clean(self, file, initial) for file in files or [None]]


class ImportForm(forms.Form):
    """BPMN files from this computer."""

    files = ManyFilesField(
        label=_("BPMN files"),
        help_text=_("Up to 50 files (.bpmn or .xml). Each becomes a map with a draft of yours."),
        widget=ManyFiles(attrs={"accept": ".bpmn,.bpmn2,.xml", "multiple": True}),
        error_messages={"required": _("Choose at least one file.")},
    )


@refuse_politely
def import_files(request: HttpRequest) -> HttpResponse:
    """Many files at once: looked at with "Preview", started with "Import". The same file twice is one map."""
    if not request.user.has_perm(WRITE):
        raise NotAllowed(_t("You may not draw maps. Ask a process officer."))
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    results: list[FileResult] = []
    is_preview = "preview" in request.POST
    if request.method == "POST" and form.is_valid():
        uploads = request.FILES.getlist("files")
        if len(uploads) > MAX_UPLOADS:
            form.add_error("files", _t("Choose at most %(n)d files at once.") % {"n": MAX_UPLOADS})
        else:
            results = list(import_uploads(uploads, by=request.user, is_preview=is_preview))
    lines = [(one, in_words(one.error) if one.error else "", [in_words(w) for w in one.warnings]) for one in results]
    context = {"form": form, "lines": lines, "is_preview": is_preview, "refused": sum(bool(r.error) for r in results)}
    return render(request, "processes/map_import.html", context, status=422 if form.errors else 200)
