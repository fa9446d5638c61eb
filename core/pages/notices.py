"""What a person was told: the page, the menu of the bell, and how they want to be mailed."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from core.models import Notice
from core.notice_settings import NoticeSettingsForm
from core.notices import choose_again
from core.views import safe_address, say

ROWS = 50
IN_MENU = 8


def notice_list(request: HttpRequest) -> HttpResponse:
    """All notices of the person, newest first; `?unread=1` only what they have not read."""
    notices = Notice.objects.visible_to(request.user)
    only_unread = request.GET.get("unread") == "1"
    page = Paginator(notices.unread() if only_unread else notices, ROWS).get_page(request.GET.get("page"))
    tabs = [
        {"label": _t("All"), "url": reverse("core:notices"), "current": not only_unread},
        {"label": _t("Unread"), "url": "?unread=1", "current": only_unread, "count": notices.unread().count()},
    ]
    return render(request, "core/notice_list.html", {"page_obj": page, "tabs": tabs, "only_unread": only_unread})


def menu(request: HttpRequest) -> HttpResponse:
    """The newest notices, for the menu that the bell opens."""
    notices = Notice.objects.visible_to(request.user)[:IN_MENU]
    return render(request, "core/_notice_menu.html", {"notices": notices})


def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to what a notice is about, and have read it; a browser that fetches ahead has not."""
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    ahead = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    if notice.read_at is None and not ahead:
        Notice.objects.filter(pk=notice.pk).update(read_at=timezone.now())
    local = url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None) and notice.url.startswith("/")
    return redirect(notice.url if local else "core:notices")


@require_POST
def mark_read(request: HttpRequest) -> HttpResponse:
    """Mark one notice as read (`notice`), or all."""
    unread = Notice.objects.visible_to(request.user).unread()
    wanted = request.POST.get("notice", "")
    if wanted:
        unread = unread.filter(pk=int(wanted) if wanted.isdecimal() and len(wanted) < 19 else 0)
    count = unread.update(read_at=timezone.now())
    if not wanted:
        say(request, _t("%(n)s marked as read") % {"n": count})
    return redirect(safe_address(request.POST.get("next"), request, reverse("core:notices")))


def preferences(request: HttpRequest) -> HttpResponse:
    """How the person wants to be mailed: in general, and topic by topic."""
    person: Any = request.user
    form = NoticeSettingsForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        person.digest, person.topic_digests = form.chosen()
        person.save(update_fields=["digest", "topic_digests"])
        choose_again(person)
        say(request, _t("Saved how you are mailed"))
        return redirect("core:notice-settings")
    return render(request, "core/notice_settings.html", {"form": form})
