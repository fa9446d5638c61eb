"""The answer to a form that cannot be taken as this person's: their sign-in has ended, or nothing proves that it comes
from a page of this portal. It loses nothing that was typed."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.views import safe_address

SECRET = ("password", "token", "code", "hash", "secret", "key")


def refuse(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403, with the typed text to take along where the form stood on a page of this portal."""
    context = {"typed": _typed(request) if _from_here(request) else []}
    return render(request, "403_csrf.html", context, status=403)


class SignedOutMiddleware(LoginRequiredMiddleware):
    """Every page is for who is signed in. A form that arrives when that has ended is answered with what was typed."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponse:
        if request.method != "POST":
            return super().handle_no_permission(request, view_func)
        # The form's own address may take nothing but forms: back to the page it stood on.
        page = urlsplit(safe_address(request.META.get("HTTP_REFERER"), request)).path
        context = {"typed": _typed(request) if _from_here(request) else [], "page": page}
        return render(request, "errors/signed_out.html", context, status=HTTPStatus.UNAUTHORIZED)


def _from_here(request: HttpRequest) -> bool:
    """A foreign page must not choose words that are shown under our name."""
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    try:
        return bool(sender) and urlsplit(sender).netloc == request.get_host()
    except ValueError:  # "http://[": no address at all
        return False


def _typed(request: HttpRequest) -> list[str]:
    """What looks like words somebody typed: no secrets, no numbers of rows."""
    return [
        value
        for name, values in request.POST.lists()
        if not any(part in name.lower() for part in SECRET)
        for value in values
        if len(value.split()) > 1
    ]
