"""The files that belong to a version: shown, added to a draft, taken out of it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from core.lifecycle import Refused
from core.pages.attachments import FileForm
from core.views import find, refuse_politely, say
from documents.appendices import add_appendix, remove_appendix
from documents.models import Appendix
from documents.views.pages import find_version


@refuse_politely
def appendices(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """The appendices of a version, with a form to add one while it is a draft."""
    version = find_version(request, code, sequence)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        try:
            added = add_appendix(version, form.cleaned_data["file"], by=request.user)
        except Refused as refusal:
            form.add_error("file", str(refusal.message))
        else:
            say(request, _t("“%(name)s” is an appendix now.") % {"name": added})
            return redirect("documents:appendices", code, sequence)
    context = {
        "version": version,
        "document": version.document,
        "appendices": version.appendices.select_related("attachment__uploaded_by"),
        "may_change": version.is_editable and request.user.has_perm("documents.change_version", version),
        "form": form,
        "limit": settings.PORTAL_UPLOAD_LIMIT // 1024**2,
    }
    return render(request, "documents/appendices_page.html", context, status=422 if form.errors else 200)


@require_POST
@refuse_politely
def remove(request: HttpRequest, code: str, sequence: int, appendix_id: int) -> HttpResponse:
    """Take one out of the draft."""
    version = find_version(request, code, sequence)
    mine = Appendix.objects.filter(version=version).select_related("version__document", "attachment")
    appendix = find(mine, request.user, pk=appendix_id)
    remove_appendix(appendix, by=request.user)
    say(request, _t("“%(name)s” is no longer an appendix.") % {"name": appendix})
    return redirect("documents:appendices", code, sequence)
