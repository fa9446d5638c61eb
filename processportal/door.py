"""The door: wrong tries that close it for a while are kept, and the administrators are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from core.ledger import record_line
from core.notices import tell
from core.safe.words import Said, gettext_noop
from people.models import Person

CLOSED = 300  # seconds, as in ACCOUNT_RATE_LIMITS


@contextmanager
def one_try(person: Person) -> Iterator[None]:
    """One try at a second step: a wrong one (``ValidationError``) counts for this person and sender, a right one does
    not. After as many wrong ones as the password may have, the door is closed for this sender."""
    request, sender = context.request, ratelimit.get_ip(context.request)
    key = f"second-step:{person.pk}:{sender}"
    tried = ratelimit.consume(request, app="allauth.account", action="login_failed", key=key)
    if not tried:
        keep_closing(person.email, sender, step="second")
        raise get_adapter().validation_error("too_many_login_attempts")
    yield
    tried.rollback()


def keep_closing(email: str, sender: str, *, step: str = "password") -> None:
    """Write that too many wrong tries closed the door for this address and sender, once while it is closed.

    Administrators are told of real accounts only, and once an hour for each: who guesses addresses at random must not
    be able to fill their notices. Who fails at the second step has the password already: that is another notice.
    """
    email = email.strip().lower()[:254]
    if not cache.add(f"door-closed:{step}:{sender}:{email}", True, CLOSED):
        return
    person: Any = Person.objects.filter(email=email).first()
    with transaction.atomic():
        event = "sign_in_locked" if step == "password" else "second_step_locked"
        record_line(person, event, by=None, data={"email": email, "from": sender})
        if person is None:
            return
        tell(
            Person.objects.administrators(),
            "security",
            _said(step, sender=sender, name=person),
            occasion=f"{event}:{person.pk}:{timezone.now():%Y-%m-%dT%H}",
            url=f"/people/{person.pk}/",
        )


def _said(step: str, **names: Any) -> Said:
    if step == "password":
        return gettext_noop("Somebody at %(sender)s tried wrong passwords for %(name)s and has to wait", **names)
    return gettext_noop(
        "Somebody at %(sender)s got past the password of %(name)s, tried wrong second steps and has to wait", **names
    )
