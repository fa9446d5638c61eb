"""Signing: proving who one is at the moment of signing, with a fresh password or one-time code.

After five failed tries in a quarter of an hour a person cannot sign for the rest of it, and the administrators are
told. The count is of lines in the ledger, so that it survives restarts and a hung broker.
"""

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from core.ledger import record_line
from core.lifecycle import Refused
from core.models import LedgerLine
from core.notices import tell
from core.safe.words import gettext_noop
from core.signing import CLICK, Signature
from people.models import Person

TRIES = 5
WINDOW = timedelta(minutes=15)
FAILED = "signature_failed"
LOCKED = "signature_locked"


class SignatureRefused(Refused):
    """The proof was wrong, or too many wrong ones came before it."""

    status = 422


def sign(person: Person, *, password: str = "", code: str = "") -> Signature:
    """Check the proof and return the signature. Raises ``SignatureRefused``; the failed try is kept in the ledger."""
    if _failures(person) >= TRIES:
        raise SignatureRefused(
            _t("Signing is locked after %(tries)s wrong tries. Try again in %(minutes)s minutes.")
            % {"tries": TRIES, "minutes": int(WINDOW.total_seconds() // 60)}
        )
    method = _proof(person, password=password, code=code)
    if not method:
        _keep_failure(person)
        raise SignatureRefused(_t("The password or code is wrong. Nothing was signed."))
    return Signature(person.pk, str(person), method, timezone.now())


def click(person: Person) -> Signature:
    """A plain click, for kinds of record whose settings ask for no more."""
    return Signature(person.pk, str(person), CLICK, timezone.now())


def _proof(person: Person, *, password: str, code: str) -> str:
    if password and person.check_password(password):
        return "password"
    if code:
        kinds = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
        for authenticator in Authenticator.objects.filter(user=person, type__in=kinds):
            if authenticator.wrap().validate_code(code.replace(" ", "")):
                return "code"
    return ""


def _failures(person: Person) -> int:
    return LedgerLine.objects.filter(actor=person, event=FAILED, at__gt=timezone.now() - WINDOW).count()


def _keep_failure(person: Person) -> None:
    with transaction.atomic():
        line = record_line(None, FAILED, by=person, reason="wrong password or code")
        if _failures(person) == TRIES:
            record_line(None, LOCKED, by=person, reason=f"{TRIES} wrong tries")
            tell(
                Person.objects.active().filter(groups__name="administrator"),
                "security",
                gettext_noop("Signing was locked for %(name)s after %(tries)s wrong tries", name=person, tries=TRIES),
                occasion=f"{LOCKED}:{line.pk}",
            )
