"""The few addresses that the shell of every page needs: how it looks, and the keys it knows."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from core.views import safe_address

THEMES = {"auto", "light", "dark"}
RAILS = {"full", "small"}
YEAR = 365 * 24 * 3600


@login_not_required
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Keep a choice of theme (on the account; before sign-in on the device) or of the rail (on the device)."""
    answer = redirect(safe_address(request.POST.get("next"), request))
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
    return render(request, "core/keys.html")
