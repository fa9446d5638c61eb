"""Everything that is set up rather than worked on, in one place; each person sees what they keep."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _t

from core.lifecycle import NotAllowed
from core.navigation import settings_for
from core.views import refuse_politely


@refuse_politely
def administration(request: HttpRequest) -> HttpResponse:
    """The settings this person keeps, by group."""
    groups = settings_for(request.user)
    if not groups:
        raise NotAllowed(_t("Only administrators and process officers keep settings."))
    return render(request, "core/administration.html", {"groups": groups})
