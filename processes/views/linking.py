"""Linking processes and documents, from the page of either."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.lifecycle import Refused
from core.pages.kind.base import RecordView
from core.views import refuse_politely, safe_address, say
from documents.models import Document
from processes.forms import LinkDocumentForm, LinkProcessForm
from processes.hub import linked_documents, linked_processes
from processes.linking import link_document, unlink_document
from processes.models import Process
from processes.views.base import ProcessFormView


def find_document(request: HttpRequest, code: str) -> Document:
    """The document behind a code, as this person may see it."""
    document = Document.objects.visible_to(request.user).filter(code=code).first()
    if document is None:
        raise Http404
    return document


class LinkView(ProcessFormView):
    """Link a document to the process; below the form stands what is linked already."""

    template = "processes/link_form.html"
    permission = "processes.change_process"
    not_allowed = _("You may not link documents to this process.")
    verb = "link document"

    def get_form(self, *sent: Any) -> LinkDocumentForm:
        return LinkDocumentForm(*sent, person=self.request.user)

    def save(self, form: LinkDocumentForm) -> str:
        document = form.cleaned_data["document"]
        link_document(self.record, document, relation=form.cleaned_data["relation"], by=self.request.user)
        say(self.request, _linked_words(document, self.record))
        return reverse("processes:process-link", args=[self.record.code])

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(documents=linked_documents(self.record, self.request.user), **context)


class UnlinkView(RecordView):
    """Take a link away, from either page."""

    def post(self, request: HttpRequest, document: str, **kwargs: Any) -> HttpResponse:
        other = find_document(request, document)
        if unlink_document(self.record, other, by=request.user):
            words = {"code": other.code, "process": self.record.code}
            say(request, _t("%(code)s is not linked to %(process)s any more.") % words)
        back = self.record.get_absolute_url()
        return redirect(safe_address(request.POST.get("next"), request, fallback=back))


def _linked_words(document: Document, process: Process) -> str:
    return _t("%(code)s is linked to %(process)s.") % {"code": document.code, "process": process.code}


@refuse_politely
def link_from_document(request: HttpRequest, code: str) -> HttpResponse:
    """The same from the page of the document."""
    document = find_document(request, code)
    form = LinkProcessForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if _linked(form, data["process"], document, data["relation"], by=request.user):
            say(request, _linked_words(document, data["process"]))
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
