"""Starting documents, writing drafts, and changing the facts around them."""

import json
import secrets
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from core import catalog
from core.lifecycle import Invalid, NotAllowed, Refused
from core.models.record import Stale
from core.numbering import NumberTaken
from core.views import refuse_politely, remember_sent, say, sent_before
from documents.compare import compare_blocks
from documents.drafting import open_draft, save_draft, start_document
from documents.forms import DraftForm, FactsForm, NewDocumentForm
from documents.keeping import change_facts
from documents.kinds import kind_named
from documents.lifecycle import State
from documents.models import Document, Version
from documents.presence import announce
from documents.views import files
from documents.views.pages import decisions_on, find_document, find_version
from people.fields import written


@refuse_politely
def new_document(request: HttpRequest) -> HttpResponse:
    """Start a document of a kind."""
    person = request.user
    initial = {"kind": request.GET.get("kind", "sop"), "department": person.department_id, "owner": written(person)}
    form = NewDocumentForm(request.POST or None, request.FILES or None, initial=initial, person=person)
    if not form.fields["kind"].choices:
        raise NotAllowed(_t("You may not start documents. Ask a process officer."))
    before = sent_before(request)
    if before:
        return redirect(before.result_url)
    if request.method == "POST" and form.is_valid():
        try:
            version = _start(request, form)
        except Refused as refusal:
            form.add_error("code" if form.cleaned_data["code"] else None, refusal.message)
        else:
            page = "documents:version-page" if version.is_file else "documents:edit"
            return redirect(page, version.document.code, version.sequence)
    token = request.POST.get("form_token") or secrets.token_urlsafe(16)
    if form.errors and request.FILES and "file" not in form.errors:
        form.add_error("file", _t("Choose the file again: a browser does not send it twice by itself."))
    context = {"form": form, "form_token": token, "multipart": True}
    return render(request, "documents/new_form.html", context, status=422 if form.errors else 200)


def _start(request: HttpRequest, form: NewDocumentForm) -> Version:
    data = form.cleaned_data
    with transaction.atomic():
        version = start_document(
            kind=data["kind"],
            by=request.user,
            title=data["title"],
            department=data["department"],
            owner=data["owner"],
            code=data["code"],
            audience=data["audience"],
            file=data["file"],
            body=data.get("body"),
        )
        remember_sent(request, version.get_absolute_url())
    return version


@require_POST
@refuse_politely
def new_version(request: HttpRequest, code: str) -> HttpResponse:
    """Open the next version as a draft."""
    document = find_document(request, code)
    version = open_draft(document, by=request.user)
    return redirect("documents:edit", document.code, version.sequence)


@refuse_politely
def edit(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """Write the draft. Without JavaScript it is a plain form with the same rules."""
    version = find_version(request, code, sequence)
    if not request.user.has_perm("documents.change_version", version):
        raise NotAllowed(_t("You may not change this document."))
    if not version.is_editable:
        raise Refused(_t("This version is not open for editing any more."))
    if version.is_file:
        return files.replace(request, version)
    kind = version.document.kind_of
    if kind.editing:
        return kind.editing(request, version)
    body = kind.to_editor(version.body_bytes())
    initial = {"title": version.title, "body": body, "row_version": version.row_version}
    form = DraftForm(request.POST or None, initial=initial)
    conflict = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            saved = save_draft(
                version,
                by=request.user,
                row_version=data["row_version"],
                title=data["title"],
                body=kind.from_editor(data["body"]),
            )
        except Stale as stale:
            conflict = _conflict(stale.record, data["body"])
        except Invalid as problem:
            form.add_error("body", problem.message)
        else:
            _report_saved(request, saved.removed)
            if "submit" in request.POST:
                return redirect("documents:submit", code, sequence)
            return redirect("documents:edit", code, sequence)
    context = {
        "version": version,
        "document": version.document,
        "kind": kind,
        "form": form,
        "conflict": conflict,
        "decisions": decisions_on(version) if version.state == State.CHANGES_REQUESTED else [],
        "upload_url": f"{reverse('core:attachment-new')}?record={catalog.entry_of(version.document).pk}&purpose=image",
        # After a conflict the next save replaces what is stored now: the person has seen it.
        "row_version": conflict["stored"].row_version if conflict else form["row_version"].value(),
    }
    return render(request, "documents/edit_form.html", context, status=409 if conflict else 422 if form.errors else 200)


def _report_saved(request: HttpRequest, removed: list[str]) -> None:
    say(request, _t("The draft is saved."))
    if removed:
        say(request, _t("Removed because it is not allowed here: %(what)s.") % {"what": ", ".join(removed)})


def _conflict(stored: Version, typed: str) -> dict[str, Any]:
    """Both texts, theirs and what was typed, with the words that differ."""
    kind = stored.document.kind_of
    cleaned, _removed = kind.clean(kind.from_editor(typed))
    return {
        "stored": stored,
        "theirs": kind.to_editor(stored.body_bytes()),
        "yours": kind.to_editor(cleaned),
        "comparison": compare_blocks(kind.blocks(stored.body_bytes()), kind.blocks(cleaned)),
    }


@require_POST
def autosave(request: HttpRequest, code: str, sequence: int) -> JsonResponse:
    """Store what the editor sends two seconds after typing stopped. Answers are read by the editor only."""
    version = find_version(request, code, sequence)
    try:
        data = json.loads(request.body)
        body = version.document.kind_of.from_editor(str(data["body"]))
        row_version = int(data["row_version"])
        title = str(data.get("title") or "").encode(errors="replace").decode()
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return JsonResponse({"errors": [_t("The text could not be read. Reload the page.")]}, status=422)
    try:
        saved = save_draft(version, by=request.user, row_version=row_version, title=title, body=body)
    except Stale as stale:
        theirs = stale.record
        return JsonResponse(
            {
                "row_version": theirs.row_version,
                "body": theirs.document.kind_of.to_editor(theirs.body_bytes()),
                "title": theirs.title,
                "by": str(theirs.changed_by or ""),
                "at": theirs.changed_at.isoformat(),
            },
            status=409,
        )
    except Refused as refusal:
        return JsonResponse({"errors": [str(refusal.message)]}, status=refusal.status)
    return JsonResponse(
        {
            "row_version": saved.version.row_version,
            "saved_at": timezone.now().isoformat(),
            "removed": saved.removed,
        }
    )


@require_POST
def presence(request: HttpRequest, code: str, sequence: int) -> JsonResponse:
    """Who else is editing this draft now."""
    version = find_version(request, code, sequence)
    if not request.user.has_perm("documents.change_version", version):
        return JsonResponse({"others": []}, status=403)
    try:
        place = str(json.loads(request.body or b"{}").get("place", ""))
    except (ValueError, AttributeError, RecursionError):
        place = ""
    return JsonResponse({"others": announce(version.pk, request.user, place)})


@refuse_politely
def facts(request: HttpRequest, code: str) -> HttpResponse:
    """Number, owner, department, readers and review cycle."""
    document = find_document(request, code)
    if not request.user.has_perm("documents.keep_document", document):
        raise NotAllowed(_t("You may not change the facts of this document."))
    form = FactsForm(request.POST or None, instance=document)
    if request.method == "POST" and form.is_valid():
        try:
            change_facts(Document.objects.get(pk=document.pk), by=request.user, values=form.values())
        except NumberTaken as taken:
            form.add_error("code", str(taken))
        except NotAllowed:
            raise
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            say(request, _t("Saved."))
            stored = Document.objects.visible_to(request.user).filter(pk=document.pk).first()
            return redirect(stored or reverse("documents:list"))
    context = {"document": Document.objects.get(pk=document.pk), "form": form, "kind": kind_named(document.kind)}
    return render(request, "documents/facts_form.html", context, status=422 if form.errors else 200)
