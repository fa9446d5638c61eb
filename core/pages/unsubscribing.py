"""Leaving a topic by the link in a mail: a page with a button, and the one click of RFC 8058."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from core.unsubscribing import label_of, read_token, unsubscribe


@login_not_required
@never_cache
@csrf_exempt  # mail programs post without a cookie; the signed token is the proof
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, so that a program that follows every link changes nothing; POST does it."""
    found = read_token(token)
    if found is None:
        raise Http404
    person, scope = found
    done = request.method == "POST"
    if done:
        unsubscribe(person, scope)
    with translation.override(person.language):
        return render(request, "core/unsubscribe.html", {"topic": label_of(scope), "done": done})
