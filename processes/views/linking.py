"""Linking processes and documents, from the page of either."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from core.lifecycle import NotAllowed, Refused
from core.views import refuse_politely, safe_address, say
from documents.models import Document
from processes.forms import LinkDocumentForm, LinkProcessForm
from processes.hub import linked_documents, linked_processes
from processes.linking import link_document, unlink_document
from processes.models import Process
from processes.views.pages import find_process


def find_document(request: HttpRequest, code: str) -> Document:
    """The document behind a code, as this person may see it."""
    document = Document.objects.visible_to(request.user).filter(code=code).first()
    if document is None:
        raise Http404
    return document


@refuse_politely
def link(request: HttpRequest, code: str) -> HttpResponse:
    """Link a document to the process; below the form stands what is linked already."""
    process = find_process(request, code)
    if not request.user.has_perm("processes.change_process", process):
        raise NotAllowed(_t("You may not link documents to this process."))
    form = LinkDocumentForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if _linked(form, process, data["document"], data["relation"], by=request.user):
            words = {"code": data["document"].code, "process": process.code}
            say(request, _t("%(code)s is linked to %(process)s.") % words)
            return redirect("processes:process-link", process.code)
    context = {"process": process, "form": form, "documents": linked_documents(process, request.user)}
    return render(request, "processes/link_form.html", context, status=422 if form.errors else 200)


@refuse_politely
def link_from_document(request: HttpRequest, code: str) -> HttpResponse:
    """The same from the page of the document."""
    document = find_document(request, code)
    form = LinkProcessForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if _linked(form, data["process"], document, data["relation"], by=request.user):
            words = {"code": document.code, "process": data["process"].code}
            say(request, _t("%(code)s is linked to %(process)s.") % words)
            return redirect("processes:document-link", document.code)
    context = {"document": document, "form": form, "links": linked_processes(document, request.user)}
    return render(request, "processes/link_from_document.html", context, status=422 if form.errors else 200)


def _linked(form: Any, process: Process, document: Document, relation: str, *, by: Any) -> bool:
    try:
        link_document(process, document, relation=relation, by=by)
    except Refused as refusal:
        form.add_error(None, refusal.message)
        return False
    return True


@require_POST
@refuse_politely
def unlink(request: HttpRequest, code: str, document: str) -> HttpResponse:
    """Take a link away, from either page."""
    process, other = find_process(request, code), find_document(request, document)
    if unlink_document(process, other, by=request.user):
        say(
            request,
            _t("%(code)s is not linked to %(process)s any more.") % {"code": other.code, "process": process.code},
        )
    return redirect(safe_address(request.POST.get("next"), request, fallback=process.get_absolute_url()))
