"""Where one is signed in, and ending it there."""

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_POST

from core.ledger import record_line
from core.views import say
from people.models import SignedIn


def sessions(request: HttpRequest) -> HttpResponse:
    """The sessions of the person that are alive."""
    rows = list(SignedIn.objects.of(request.user))
    alive = set(
        Session.objects.filter(
            session_key__in=[row.session_key for row in rows], expire_date__gt=timezone.now()
        ).values_list("session_key", flat=True)
    )
    shown = [row for row in rows if row.session_key in alive]
    context = {"sessions": shown, "own": request.session.session_key}
    return render(request, "people/sessions.html", context)


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign out there, from the next request on."""
    row = SignedIn.objects.filter(pk=pk, person=request.user).first()
    if row is None:
        raise Http404
    with transaction.atomic():
        Session.objects.filter(session_key=row.session_key).delete()
        record_line(None, "session_ended", by=request.user, data={"person": request.user.pk, "why": "by the person"})
        row.delete()
    say(request, _t("That session has ended."))
    return redirect("people:sessions")
