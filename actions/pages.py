"""The calendar of due dates: the feed itself, and the page with its address."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from actions.feed import calendar_of, new_address, person_of_feed
from core.views import say


@login_not_required
@never_cache
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar behind a private address; calendar programs cannot sign in."""
    person = person_of_feed(secret)
    if person is None:
        raise Http404
    return HttpResponse(calendar_of(person), content_type="text/calendar; charset=utf-8")


def calendar_page(request: HttpRequest) -> HttpResponse:
    """The person's address, and how to make a new one."""
    address = settings.PORTAL_BASE_URL + reverse("actions:feed", args=[request.user.feed_secret])
    return render(request, "actions/calendar_page.html", {"address": address})


@require_POST
def change_address(request: HttpRequest) -> HttpResponse:
    """Make a new address; programs that use the old one get nothing any more."""
    new_address(request.user)
    say(request, _t("The calendar has a new address"))
    return redirect("actions:calendar")
