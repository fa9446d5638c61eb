"""The answer to a form that does not prove it comes from a page of this portal: it loses nothing that was typed."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

SECRET = ("password", "token", "code", "hash", "secret", "key")


def refuse(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403, with the typed text to take along where the form stood on a page of this portal."""
    context = {"typed": _typed(request) if _from_here(request) else []}
    return render(request, "403_csrf.html", context, status=403)


def _from_here(request: HttpRequest) -> bool:
    """A foreign page must not choose words that are shown under our name."""
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return bool(sender) and urlsplit(sender).netloc == request.get_host()


def _typed(request: HttpRequest) -> list[str]:
    """What looks like words somebody typed: no secrets, no numbers of rows."""
    return [
        value
        for name, values in request.POST.lists()
        if not any(part in name.lower() for part in SECRET)
        for value in values
        if len(value.split()) > 1
    ]
