"""One identifier per request: on the error page, in the answer's header, in the ledger and on every log line."""

import re
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.request_id import current_request_id

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIdMiddleware:
    """Gives the request its identifier; a proxy's is kept only where a trusted proxy stands in front."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.headers.get(HEADER, "") if settings.PORTAL_TRUSTED_PROXIES else ""
        identifier = sent if WELL_FORMED.fullmatch(sent) else uuid.uuid4().hex
        request.META["portal.request_id"] = identifier
        token = current_request_id.set(identifier)
        try:
            response = self.get_response(request)
        finally:
            current_request_id.reset(token)
        response[HEADER] = identifier
        return response
