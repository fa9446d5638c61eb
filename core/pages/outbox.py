"""What waits to leave the portal, and what was given up, for the administrator."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core import outbox
from core.models import CatalogEntry, OutboxMessage
from core.views import say

ROWS = 50


@permission_required("core.view_outboxmessage", raise_exception=True)
def outbox_page(request: HttpRequest) -> HttpResponse:
    """Counts, how long the oldest waits, and the mails given up with what the mail server said."""
    waiting = OutboxMessage.objects.waiting().order_by("created_at")
    day_ago = timezone.now() - timedelta(days=1)
    shown = waiting if request.GET.get("show") == "waiting" else OutboxMessage.objects.dead().order_by("-dead_at")
    page = Paginator(shown, ROWS).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    context = {
        "page_obj": page,
        "show": "waiting" if request.GET.get("show") == "waiting" else "dead",
        "waiting": waiting.count(),
        "waiting_since": waiting.values_list("created_at", flat=True).first(),
        "dead": OutboxMessage.objects.dead().count(),
        "sent": OutboxMessage.objects.filter(sent_at__gte=day_ago).count(),
        "dropped": OutboxMessage.objects.exclude(drop_reason="").filter(dead_at__gte=day_ago).count(),
    }
    _hide_what_the_reader_may_not_see(page.object_list, request.user)
    context["tabs"] = [
        {"label": _t("Given up"), "url": "?", "current": context["show"] == "dead", "count": context["dead"]},
        {
            "label": _t("Waiting"),
            "url": "?show=waiting",
            "current": context["show"] == "waiting",
            "count": context["waiting"],
        },
    ]
    return render(request, "core/outbox_page.html", context)


def _hide_what_the_reader_may_not_see(mails: Any, person: Any) -> None:
    """Who keeps the portal running need not know what is confidential: the subject names the record."""
    named = {pk for mail in mails for pk in mail.entry_ids}
    seen = set(CatalogEntry.objects.visible_to(person).filter(pk__in=named).values_list("pk", flat=True))
    for mail in mails:
        if not set(mail.entry_ids) <= seen:
            mail.subject = _t("(about a record you may not see)")


@require_POST
@permission_required("core.change_outboxmessage", raise_exception=True)
def send_again(request: HttpRequest) -> HttpResponse:
    """Try the chosen mails again, or all that were given up."""
    messages = OutboxMessage.objects.dead()
    if not request.POST.get("all"):
        messages = messages.filter(pk__in=[pk for pk in request.POST.getlist("pick") if pk.isdecimal()])
    count = outbox.send_again(messages)
    say(request, ngettext("%(n)s mail is sent again", "%(n)s mails are sent again", count) % {"n": count})
    return redirect("core:outbox")
