"""Watching a record and starring it, from its page or from any list that shows it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from core.models import CatalogEntry, Watch
from core.views import find, safe_address, say

TOGGLED = {"watch": "is_watching", "favourite": "is_favourite"}


@require_POST
def toggle(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Watch a record or stop; star it or take the star away (`what=favourite`)."""
    entry = find(CatalogEntry, request.user, pk=entry_id)
    field = TOGGLED.get(request.POST.get("what", "watch"), "is_watching")
    watch, created = Watch.objects.get_or_create(
        person=request.user, entry=entry, defaults={"is_watching": field == "is_watching", "is_favourite": False}
    )
    if not created or field == "is_favourite":
        setattr(watch, field, not getattr(watch, field))
        watch.save(update_fields=[field])
    on = getattr(watch, field)
    words = {
        ("is_watching", True): _t("You are told what happens to %(name)s"),
        ("is_watching", False): _t("You are no longer told what happens to %(name)s"),
        ("is_favourite", True): _t("%(name)s is starred"),
        ("is_favourite", False): _t("%(name)s is no longer starred"),
    }
    say(request, words[field, on] % {"name": entry.code or entry.title})
    return redirect(safe_address(request.POST.get("next") or request.META.get("HTTP_REFERER"), request, entry.url))
