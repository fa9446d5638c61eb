"""A line of the log for each sign-in, failed one and sign-out: who, from where, and never what was typed."""

import logging
from typing import Any

from allauth.core.internal.ratelimit import get_ip
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest

from people.models import Person

log = logging.getLogger(__name__)


@receiver(user_logged_in)
def signed_in(sender: Any, request: HttpRequest, user: Person, **kwargs: Any) -> None:
    """Somebody is in, after all steps that they need."""
    steps = request.session.get("account_authentication_methods", [])
    log.info("signed_in", extra=_who(request, user) | {"with": [str(step.get("method", "")) for step in steps]})


@receiver(user_logged_out)
def signed_out(sender: Any, request: HttpRequest, user: Person | None, **kwargs: Any) -> None:
    if user is not None:
        log.info("signed_out", extra=_who(request, user))


@receiver(user_login_failed)
def sign_in_failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """A wrong password. An address that nobody has is not written: it may be a password in the wrong field."""
    typed = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
    log.warning("sign_in_failed", extra=_who(request, Person.objects.filter(email=typed).first() if typed else None))


def _who(request: HttpRequest | None, person: Person | None) -> dict[str, Any]:
    try:
        sender = get_ip(request) if request else ""
    except PermissionDenied:  # not over a connection: a command, a test
        sender = ""
    return {"person": person.pk if person else None, "from": sender}
