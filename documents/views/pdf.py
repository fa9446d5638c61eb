"""A version as PDF: asked for here, made by a worker, kept and given out."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from core.views import refuse_politely
from documents.models import Rendition
from documents.pdf import ask_for_pdf
from documents.views.pages import find_version


@require_POST
@refuse_politely
def ask(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """Lead to the PDF where there is one that still says what is true, else to the work that makes it."""
    version = find_version(request, code, sequence)
    if not version.is_file and Rendition.current(version, get_language() or "en"):
        return redirect("documents:pdf", code, sequence)
    return redirect(ask_for_pdf(version, by=request.user))


@require_safe
def download(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """The PDF that was made; 404 where none was made or the version has changed since."""
    version = find_version(request, code, sequence)
    rendition = Rendition.current(version, get_language() or "en")
    if rendition is None:
        raise Http404
    answer = HttpResponse(bytes(rendition.data), content_type="application/pdf")
    name = f"{version.document.code}-{version.number or 'draft'}.pdf"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["ETag"] = f'"{rendition.sha256}"'
    return answer
