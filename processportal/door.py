"""The door: wrong tries that close it for a while are kept, and the administrators are told."""

from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from core.ledger import record_line
from core.notices import tell
from core.safe.words import gettext_noop
from people.models import Person

CLOSED = 300  # seconds, as in ACCOUNT_RATE_LIMITS


def keep_closing(email: str, sender: str) -> None:
    """Write that too many wrong tries closed the door for this address and sender, once while it is closed.

    Administrators are told of real accounts only, and once an hour for each: who guesses addresses at random must not
    be able to fill their notices.
    """
    email = email.strip().lower()[:254]
    if not cache.add(f"door-closed:{sender}:{email}", True, CLOSED):
        return
    person: Any = Person.objects.filter(email=email).first()
    with transaction.atomic():
        record_line(person, "sign_in_locked", by=None, data={"email": email, "from": sender})
        if person is None:
            return
        tell(
            Person.objects.administrators(),
            "security",
            gettext_noop(
                "Somebody at %(sender)s tried wrong passwords for %(name)s and has to wait", sender=sender, name=person
            ),
            occasion=f"sign_in_locked:{person.pk}:{timezone.now():%Y-%m-%dT%H}",
            url=f"/people/{person.pk}/",
        )
