"""The mailbox of the demo: every mail the portal wrote, for everybody who tries it out. Not there otherwise."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin

from core.demo import is_demo
from core.due_today import due_today
from core.models import OutboxMessage
from core.outbox import files_of

ROWS = 50
ONLY_TEXT = "default-src 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"


def only_in_the_demo(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Outside the demo nobody reads the mails of others: the page is not there."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_demo():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@only_in_the_demo
def mail_list(request: HttpRequest) -> HttpResponse:
    """All mails, newest first, and what is due today for whom."""
    address = request.GET.get("to", "").strip()
    mails = OutboxMessage.objects.filter(channel="mail").order_by("-pk")
    if address:
        mails = mails.filter(recipient__icontains=address)
    page = Paginator(mails, ROWS).get_page(request.GET.get("page"))
    context = {"page_obj": page, "to": address, "due": due_today(request.user), "today": timezone.localdate()}
    return render(request, "core/mailbox.html", context)


@only_in_the_demo
def mail_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail: its heads, its text with links that work, its HTML in a frame that may do nothing."""
    mail = get_object_or_404(OutboxMessage, pk=pk)
    return render(request, "core/mail_page.html", {"mail": mail, "files": files_of(mail)})


@only_in_the_demo
@xframe_options_sameorigin
def mail_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part alone, for the frame: no script, no form, nothing from elsewhere."""
    mail = get_object_or_404(OutboxMessage, pk=pk)
    if not mail.html:
        raise Http404
    links_in_a_new_tab = mail.html.replace("<a ", '<a target="_blank" rel="noopener" ')
    return HttpResponse(links_in_a_new_tab, headers={"Content-Security-Policy": ONLY_TEXT})
