"""Sessions end: after idle time, after their longest time, and one by one on the page of their person."""

import time
from collections.abc import Callable
from typing import Any

from allauth.account.signals import authentication_step_completed
from allauth.core.internal.ratelimit import get_ip
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages import info
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from people.models import Person, SignedIn
from processportal.sign_in_log import write

BEGAN, SEEN, IDLE, LONGEST, KNOWN = "began", "seen", "idle_s", "longest_s", "listed_as"
NOTED_EVERY_S = 60  # so that not each request writes the session
POWERFUL = {"administrator", "officer"}
OPEN_WITHOUT_SECOND_STEP = ("/accounts/", "/static/", "/healthz/", "/i18n/")


@receiver(user_logged_in)
def begin(sender: Any, request: HttpRequest, user: Person, **kwargs: Any) -> None:
    """Fix how long the session may last: powers are looked at when it begins."""
    now = int(time.time())
    is_powerful = user.is_superuser or bool(POWERFUL & set(user.groups.values_list("name", flat=True)))
    request.session[BEGAN] = request.session[SEEN] = now
    request.session[IDLE] = (
        settings.PORTAL_IDLE_MINUTES_POWERFUL * 60 if is_powerful else settings.PORTAL_IDLE_MINUTES * 60
    )
    request.session[LONGEST] = settings.PORTAL_SESSION_HOURS * 3600


@receiver(user_logged_out)
def end(sender: Any, request: HttpRequest, user: Person | None, **kwargs: Any) -> None:
    if user is not None and request.session.get(KNOWN):
        SignedIn.objects.filter(pk=request.session[KNOWN]).delete()


@receiver(authentication_step_completed)
def new_key(sender: Any, request: HttpRequest, user: Person, **kwargs: Any) -> None:
    """Who proves again who they are goes on under a new key: one that was read before is worth nothing."""
    if kwargs.get("reauthenticated") and request.session.session_key:
        request.session.cycle_key()


class SessionLimitsMiddleware:
    """Ends what was idle or open too long, keeps the list of sessions, and asks administrators for a second step."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        if SEEN not in request.session:  # it began before there were limits
            begin(type(request.user), request, request.user)
        now = int(time.time())
        if self._is_over(request, now):
            write("session_ended", request, request.user, why="idle or too long")
            logout(request)
            info(request, _t("You were signed out after some time. Sign in again; nothing you saved is lost."))
            return redirect_to_login(request.get_full_path() if _is_page(request) else "/", reverse("account_login"))
        if now - request.session[SEEN] >= NOTED_EVERY_S or not request.session.get(KNOWN):
            self._note(request, now)
        if self._lacks_second_step(request):
            info(request, _t("Administrators need a second step. Set up an authenticator app or a passkey first."))
            return redirect("mfa_index")
        return self.get_response(request)

    @staticmethod
    def _is_over(request: HttpRequest, now: int) -> bool:
        session = request.session
        return now - session[SEEN] > session[IDLE] or now - session[BEGAN] > session[LONGEST]

    @staticmethod
    def _note(request: HttpRequest, now: int) -> None:
        """Remember that the session is alive; a key that was changed since keeps its row."""
        request.session[SEEN] = now
        if not request.session.session_key:
            return
        facts = {"session_key": request.session.session_key, "seen_at": timezone.now(), "address": _address(request)}
        known = request.session.get(KNOWN)
        if known and SignedIn.objects.filter(pk=known, person=request.user).update(**facts):
            return
        browser = request.headers.get("User-Agent", "")[:200].replace("\x00", "")
        row, _new = SignedIn.objects.update_or_create(
            session_key=facts.pop("session_key"), defaults={"person": request.user, "browser": browser, **facts}
        )
        request.session[KNOWN] = row.pk

    @staticmethod
    def _lacks_second_step(request: HttpRequest) -> bool:
        if not settings.PORTAL_SECOND_STEP_FOR_ADMINISTRATORS or request.session.get("second_step_known"):
            return False
        if request.path.startswith(OPEN_WITHOUT_SECOND_STEP):
            return False
        person = request.user
        is_administrator = person.is_superuser or person.is_in("administrator")
        has_one = not is_administrator or Authenticator.objects.filter(user=person).exists()
        if has_one or not person.has_usable_password():  # the identity provider asks for its own
            request.session["second_step_known"] = True
            return False
        return True


def _is_page(request: HttpRequest) -> bool:
    return request.method == "GET" and not request.headers.get("HX-Request")


def _address(request: HttpRequest) -> str:
    try:
        return get_ip(request)[:45]
    except PermissionDenied:
        return ""
