"""The few addresses the shell of every page needs: how it looks, and the keys it knows."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEMES = {"auto", "light", "dark"}
RAILS = {"full", "small"}
YEAR = 365 * 24 * 3600


def _back(request: HttpRequest) -> HttpResponse:
    to = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(to, {request.get_host()}, require_https=request.is_secure())
    return redirect(to if safe else "/")


@login_not_required
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Keep a choice of theme (on the account; before sign-in on the device) or of the rail (on the device)."""
    answer = _back(request)
    theme, rail = request.POST.get("theme"), request.POST.get("rail")
    if theme in THEMES and request.user.is_authenticated:
        get_user_model().objects.filter(pk=request.user.pk).update(theme=theme)
    for name, value, known in (("theme", theme, THEMES), ("rail", rail, RAILS)):
        if value in known:
            answer.set_cookie(
                name, value, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
            )
    return answer


@login_not_required
def keys(request: HttpRequest) -> HttpResponse:
    """The keyboard shortcuts, as a page; with script the same as a dialog."""
    return render(request, "portal/keys.html")
