"""Several fragments of one page in one answer: what comes into view together is asked for once.

    GET /together/?ask=/documents/SOP-014/panels/used-by/&ask=/comments/7/   →   {"fragments": ["<section …", null]}

Each address is answered by its own view, with its own question whether the person may see it; only who the person is
and what they may do is read once. An address that gives nothing, or is no fragment, is null.
"""

import copy
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_GET

MOST = 12


def fragment(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view whose GET changes nothing and gives a piece of a page to a script."""
    view.is_fragment = True
    return view


@require_GET
def together(request: HttpRequest) -> JsonResponse:
    """The fragments at the addresses in ``ask``, in their order."""
    if not request.htmx:
        raise Http404  # only scripts can use it; its views would answer with whole pages
    return JsonResponse({"fragments": [_one(request, address) for address in request.GET.getlist("ask")[:MOST]]})


def _one(request: HttpRequest, address: str) -> str | None:
    try:
        parts = urlsplit(address)
        match = resolve(parts.path)
    except (Resolver404, ValueError):
        return None
    if not getattr(match.func, "is_fragment", False):
        return None
    asked: Any = copy.copy(request)
    asked.path = asked.path_info = parts.path
    asked.GET = QueryDict(parts.query)
    asked.resolver_match = match
    try:
        answer = match.func(asked, *match.args, **match.kwargs)
    except (Http404, PermissionDenied):
        return None
    return answer.content.decode() if answer.status_code == HTTPStatus.OK else None
