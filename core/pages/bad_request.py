"""The answer to a request that could not even be read."""

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _t
from django.views.defaults import bad_request as plain_bad_request

from core.upload_limit import UploadTooLarge, limit_in_words


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Too much at once is 413 and names the limit; anything else is 400."""
    if not isinstance(exception, RequestDataTooBig | TooManyFilesSent):
        return plain_bad_request(request, exception)
    limit = limit_in_words() if isinstance(exception, UploadTooLarge) else _t("This is too much for one form.")
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"errors": {"file": [limit]}}, status=413)
    return render(request, "413.html", {"limit": limit}, status=413)
