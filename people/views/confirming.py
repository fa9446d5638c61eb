"""What waits for a second person: to confirm it, or to decline it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from core.saying import in_language_of
from core.views import refuse_politely, say
from people.confirming import confirm, decline, may_confirm, words_of
from people.models import Confirmation


def confirmations(request: HttpRequest) -> HttpResponse:
    """What the person may confirm, what they asked for, and what became of the last ones."""
    rows = Confirmation.objects.select_related("subject", "asked_by", "closed_by")
    waiting, asked = [], []
    for row in rows.open():
        row.words = in_language_of(request.user, words_of(row))
        if may_confirm(row, request.user):
            waiting.append(row)
        elif row.asked_by_id == request.user.pk:
            asked.append(row)
    mine = rows.filter(asked_by=request.user) | rows.filter(closed_by=request.user)
    past = list(mine.exclude(outcome="")[:20])
    for row in past:
        row.words = in_language_of(request.user, words_of(row))
    context = {"waiting": waiting, "asked": asked, "past": past}
    return render(request, "people/confirmations.html", context)


@require_POST
@refuse_politely
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm or decline. What the person may neither confirm nor take back is not found."""
    asked = Confirmation.objects.select_related("subject", "asked_by").filter(pk=pk).first()
    if asked is None or not (may_confirm(asked, request.user) or asked.asked_by_id == request.user.pk):
        raise Http404
    if request.POST.get("answer") == "confirm":
        confirm(asked, by=request.user)
        say(request, _t("Confirmed."))
    else:
        decline(asked, by=request.user)
        say(request, _t("Declined."))
    return redirect("people:confirmations")
