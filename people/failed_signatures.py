"""Wrong tries at signing: each is a line of the ledger, too many lock signing for a while and tell the administrators.

After five failed tries in a quarter of an hour a person cannot sign for the rest of it, whichever way they try. The
count is of lines in the ledger, so that it survives restarts and a hung broker.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from core.ledger import record_line
from core.lifecycle import Refused
from core.models import LedgerLine
from core.notices import tell
from core.safe.words import gettext_noop
from people.models import Person

TRIES = 5
WINDOW = timedelta(minutes=15)
FAILED = "signature_failed"
LOCKED = "signature_locked"


class SignatureRefused(Refused):
    """The proof was wrong, or too many wrong ones came before it."""

    status = 422


def refuse_while_locked(person: Person) -> None:
    """Raise ``SignatureRefused`` after too many wrong tries."""
    if _failures(person) >= TRIES:
        raise SignatureRefused(
            _t("Signing is locked after %(tries)s wrong tries. Try again in %(minutes)s minutes.")
            % {"tries": TRIES, "minutes": int(WINDOW.total_seconds() // 60)}
        )


def keep_failure(person: Person, *, reason: str) -> None:
    """Write the failed try, in a transaction of its own; the fifth one locks and alerts."""
    with transaction.atomic():
        line = record_line(None, FAILED, by=person, reason=reason)
        if _failures(person) == TRIES:
            record_line(None, LOCKED, by=person, reason=f"{TRIES} wrong tries")
            tell(
                Person.objects.active().filter(groups__name="administrator"),
                "security",
                gettext_noop("Signing was locked for %(name)s after %(tries)s wrong tries", name=person, tries=TRIES),
                occasion=f"{LOCKED}:{line.pk}",
            )


def _failures(person: Person) -> int:
    return LedgerLine.objects.filter(actor=person, event=FAILED, at__gt=timezone.now() - WINDOW).count()
