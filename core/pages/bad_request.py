"""The answer to a request that could not even be read."""

from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _t
from django.views.defaults import bad_request as plain_bad_request

from core.upload_limit import UploadTooLarge, limit_in_words


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Too much at once is 413 and names the limit; under a foreign name the page leads to ours; the rest is 400."""
    if isinstance(exception, DisallowedHost):
        page = render_to_string("unknown_host.html", {"address": settings.PORTAL_BASE_URL})
        return HttpResponse(page, status=HTTPStatus.BAD_REQUEST)
    if not isinstance(exception, RequestDataTooBig | TooManyFilesSent):
        return plain_bad_request(request, exception)
    limit = limit_in_words() if isinstance(exception, UploadTooLarge) else _t("This is too much for one form.")
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"errors": {"file": [limit]}}, status=413)
    return render(request, "413.html", {"limit": limit}, status=413)
