"""Taking files in and giving them out: rights are asked at each download, and a file can do nothing in the page."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from core import attachments
from core.catalog import find_entry
from core.ledger import record_line
from core.lifecycle import Refused
from core.models import Attachment, CatalogEntry
from core.pages.together import fragment
from core.views import refuse_politely, safe_address, say

NOTHING_WORKS = "sandbox; default-src 'none'; frame-ancestors 'none'"


class FileForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=_("File"),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )


def _entry(request: HttpRequest, pk: str | int) -> CatalogEntry:
    if not str(pk).isdecimal() or len(str(pk)) > 18:
        raise Http404
    return find_entry(request.user, int(pk))


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Attach a file to `record`. Answers the editor with JSON, a form with its page."""
    entry = _entry(request, request.GET.get("record", ""))
    wants_json = "application/json" in request.headers.get("Accept", "")
    if not request.user.has_perm("core.attach_to", entry):
        raise Http404
    form = FileForm(request.POST, request.FILES)
    purpose = "image" if request.GET.get("purpose") == "image" or wants_json else "file"
    if form.is_valid():
        try:
            if purpose == "image":
                attachments.refuse_what_is_no_picture(form.cleaned_data["file"])
            kept = attachments.store(form.cleaned_data["file"], entry, by=request.user, purpose=purpose)
        except Refused as refusal:
            form.add_error("file", str(refusal.message))
        else:
            if wants_json:
                return JsonResponse({"url": kept.get_absolute_url(), "name": kept.name}, status=201)
            say(request, _("“%(name)s” is attached") % {"name": kept.name})
            return redirect(safe_address(request.POST.get("next"), request, entry.url))
    if wants_json:
        return JsonResponse({"errors": form.errors.get_json_data()}, status=422)
    return _show(request, entry, form=form, status=422)


@fragment
def listing(request: HttpRequest, entry_id: int) -> HttpResponse:
    """The files of a record, with a form to add one for who may."""
    return _show(request, _entry(request, entry_id), form=FileForm())


def _show(request: HttpRequest, entry: CatalogEntry, *, form: FileForm, status: int = 200) -> HttpResponse:
    template = "core/_attachments.html" if request.headers.get("HX-Request") else "core/attachments_page.html"
    context = {
        "entry": entry,
        "files": attachments.files_of(entry),
        "remark": attachments.remark_on(entry),
        "may_attach": request.user.has_perm("core.attach_to", entry),
        "form": form,
        "limit": settings.PORTAL_UPLOAD_LIMIT // 1024**2,
    }
    return render(request, template, context, status=status)


@require_safe
def download(request: HttpRequest, pk: str, name: str) -> HttpResponse:
    """The bytes of a file, if the person may see its record at this moment."""
    return give_out(request, CatalogEntry.objects.visible_to(request.user), pk=pk, name=name)


def give_out(request: HttpRequest, entries: QuerySet[CatalogEntry], **lookup: Any) -> HttpResponse:
    """The one file of these records, all of which the person sees, or 404; where it can do nothing in a page."""
    files = Attachment.objects.filter(removed_at=None, entry__in=entries, **lookup)
    attachment = files.select_related("entry__content_type").first()
    if attachment is None or not attachments.may_read(request.user, attachment):
        raise Http404
    tag = f'"{attachment.sha256}"'
    if request.headers.get("If-None-Match") == tag:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        try:
            if not attachments.is_unaltered(attachment):
                return _altered(request, attachment)
            answer = FileResponse(attachment.file.open("rb"), content_type=attachment.media_type)
        except FileNotFoundError as missing:
            raise Http404 from missing
        shown = attachment.media_type in attachments.SHOWN_IN_PAGES
        answer["Content-Disposition"] = content_disposition_header(not shown, attachment.name)
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"  # kept by the browser, but rights are asked each time
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = NOTHING_WORKS
    return answer


def _altered(request: HttpRequest, attachment: Attachment) -> HttpResponse:
    """A file whose bytes are not those that were taken in is given to nobody."""
    record_line(
        None,
        "altered_file_refused",
        by=request.user if request.user.is_authenticated else None,
        content_hash=attachment.sha256,
        data={"attachment": str(attachment.pk), "file": attachment.name},
    )
    message = _("This file was altered after it was attached, so it is not given out. Tell an administrator.")
    return render(request, "errors/refused.html", {"message": message, "back": "/"}, status=409)


@require_POST
@refuse_politely
def remove(request: HttpRequest, pk: str) -> HttpResponse:
    """Take a file off its record."""
    visible = CatalogEntry.objects.visible_to(request.user)
    attachment = Attachment.objects.filter(pk=pk, removed_at=None, entry__in=visible).select_related("entry").first()
    if attachment is None:
        raise Http404
    attachments.remove(attachment, by=request.user)
    say(request, _("“%(name)s” is removed from the record") % {"name": attachment.name})
    return redirect(safe_address(request.POST.get("next"), request, attachment.entry.url))
