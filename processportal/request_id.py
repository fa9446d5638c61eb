"""One identifier per request: on the error page, in the answer's header and on every log line."""

import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The identifier of the request being answered, or an empty string outside one."""
    return _current.get()


class RequestIdMiddleware:
    """Gives the request its identifier; a proxy's is kept only where a trusted proxy stands in front."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.headers.get(HEADER, "") if settings.PORTAL_TRUSTED_PROXIES else ""
        request.request_id = sent if WELL_FORMED.fullmatch(sent) else uuid.uuid4().hex
        token = _current.set(request.request_id)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response[HEADER] = request.request_id
        return response
