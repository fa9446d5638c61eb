"""What programs are answered where the API itself is not asked: no such address, no such method, nothing readable."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _t

PLACE = "/api/"


class ApiDoorMiddleware:
    """Every refusal under ``/api/`` is JSON with a ``detail``; HEAD is answered as GET is, without the body."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PLACE):
            return self.get_response(request)
        is_head = request.method == "HEAD"
        if is_head:
            request.method = "GET"
        answer = _as_json(self.get_response(request))
        if is_head:
            request.method = "HEAD"  # the server leaves the body out
        return answer


def _as_json(answer: HttpResponse) -> HttpResponse:
    if answer.status_code < HTTPStatus.BAD_REQUEST or answer.get("Content-Type", "").startswith("application/json"):
        return answer
    said = {
        HTTPStatus.NOT_FOUND: _t("Not found"),
        HTTPStatus.METHOD_NOT_ALLOWED: _t(
            "This address does not take this method; the header Allow names those it takes."
        ),
        HTTPStatus.BAD_REQUEST: _t("The request could not be read. A NUL character is not accepted anywhere."),
    }
    status = HTTPStatus(answer.status_code)
    told = JsonResponse({"detail": said.get(status, status.phrase)}, status=status)
    for name in ("Allow", "Retry-After"):
        if name in answer:
            told[name] = answer[name]
    return told
