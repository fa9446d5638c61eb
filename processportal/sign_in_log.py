"""Everything about signing in, kept in the audit log and in the log of the processes; never what was typed."""

import logging
from typing import Any

from allauth.account import signals as account
from allauth.core.internal.ratelimit import get_ip
from allauth.mfa import signals as second_step
from allauth.socialaccount import signals as sign_on
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from core.ledger import record_line
from people.models import Person

log = logging.getLogger(__name__)


@receiver(user_logged_in)
def signed_in(sender: Any, request: HttpRequest, user: Person, **kwargs: Any) -> None:
    """Somebody is in, after all steps that they need."""
    steps = request.session.get("account_authentication_methods", [])
    write("signed_in", request, user, **{"with": [str(step.get("method", "")) for step in steps]})


@receiver(user_logged_out)
def signed_out(sender: Any, request: HttpRequest, user: Person | None, **kwargs: Any) -> None:
    if user is not None:
        write("signed_out", request, user)


@receiver(user_login_failed)
def sign_in_failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """A wrong password. An address that nobody has is not written: it may be a password in the wrong field."""
    typed = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
    failed("sign_in_failed", request, Person.objects.filter(email=typed).first() if typed else None)


@receiver(second_step.authentication_failed)
def second_step_failed(sender: Any, request: HttpRequest, user: Person, **kwargs: Any) -> None:
    is_again = kwargs.get("reauthentication")
    failed("reauthentication_failed" if is_again else "second_step_failed", request, user)


@receiver(account.password_changed)
def password_changed(sender: Any, request: HttpRequest, user: Person, **kwargs: Any) -> None:
    write("password_changed", request, user)


@receiver(account.password_set)
def password_set(sender: Any, request: HttpRequest, user: Person, **kwargs: Any) -> None:
    write("password_set", request, user)


@receiver(account.password_reset)
def password_reset(sender: Any, request: HttpRequest, user: Person, **kwargs: Any) -> None:
    write("password_reset", request, user)


@receiver(account.email_changed)
def email_changed(sender: Any, request: HttpRequest, user: Person, **kwargs: Any) -> None:
    addresses = [
        str(getattr(kwargs.get(name), "email", "") or "") for name in ("from_email_address", "to_email_address")
    ]
    write("email_changed", request, user, email=addresses)


@receiver(second_step.authenticator_added)
def authenticator_added(sender: Any, request: HttpRequest, user: Person, authenticator: Any, **kwargs: Any) -> None:
    write("second_step_added", request, user, kind=authenticator.type)


@receiver(second_step.authenticator_removed)
def authenticator_removed(sender: Any, request: HttpRequest, user: Person, authenticator: Any, **kwargs: Any) -> None:
    write("second_step_removed", request, user, kind=authenticator.type)


@receiver(second_step.authenticator_reset)
def authenticator_reset(sender: Any, request: HttpRequest, user: Person, authenticator: Any, **kwargs: Any) -> None:
    write("recovery_codes_made", request, user, kind=authenticator.type)


@receiver(second_step.authenticator_used)
def authenticator_used(sender: Any, request: HttpRequest, user: Person, authenticator: Any, **kwargs: Any) -> None:
    """Recovery codes are few: each use is worth a line of its own."""
    if authenticator.type == "recovery_codes":
        write("recovery_code_used", request, user)


@receiver(sign_on.social_account_added)
def identity_added(sender: Any, request: HttpRequest, sociallogin: Any, **kwargs: Any) -> None:
    write("identity_added", request, sociallogin.user, provider=sociallogin.account.provider)


@receiver(sign_on.social_account_removed)
def identity_removed(sender: Any, request: HttpRequest, socialaccount: Any, **kwargs: Any) -> None:
    write("identity_removed", request, socialaccount.user, provider=socialaccount.provider)


def write(event: str, request: HttpRequest | None, person: Person, **data: Any) -> None:
    """Keep what somebody did with their own account."""
    sender = _sender(request)
    log.info(event, extra={"person": person.pk, "from": sender} | data)
    with transaction.atomic():
        record_line(None, event, by=person, data={"from": sender, "person": person.pk} | data)


def failed(event: str, request: HttpRequest | None, person: Person | None) -> None:
    """Keep a try that failed: it names the account, and nobody as the one who did it."""
    sender = _sender(request)
    log.warning(event, extra={"person": person.pk if person else None, "from": sender})
    with transaction.atomic():
        about = {"person": person.pk, "email": person.email} if person else {}
        record_line(None, event, by=None, data={"from": sender} | about)


def _sender(request: HttpRequest | None) -> str:
    try:
        return get_ip(request) if request else ""
    except PermissionDenied:  # not over a connection: a command, a test
        return ""
