"""Signing: proving who one is at the moment of signing, with a fresh password, one-time code, passkey, or sign-on.

What is signed is named by an *act* (a text such as ``decide:7:<hash>``): a passkey's challenge and a sign-on's answer
count for the act they were asked for and for no other.
"""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.utils import timezone
from django.utils.translation import gettext as _t

from core.signing import CLICK, Signature
from people import passkey_signing, sign_on_signing
from people.failed_signatures import SignatureRefused, keep_failure, refuse_while_locked
from people.models import Person

__all__ = ["Ways", "SignatureRefused", "click", "sign", "ways_of"]


@dataclass(frozen=True)
class Ways:
    """How one person can prove who they are."""

    password: bool = True
    code: bool = False
    passkey: bool = False
    providers: tuple[tuple[str, str], ...] = ()  # id and name


def ways_of(person: Person) -> Ways:
    """The ways that this person has set up."""
    kinds = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    return Ways(
        password=person.has_usable_password(),
        code=Authenticator.Type.TOTP in kinds,
        passkey=Authenticator.Type.WEBAUTHN in kinds,
        providers=tuple(sign_on_signing.providers_of(person)),
    )


def sign(
    person: Person,
    *,
    password: str = "",
    code: str = "",
    passkey: str = "",
    sign_on: str = "",
    act: str = "",
    origin: str = "",
) -> Signature:
    """Check the proof and return the signature. Raises ``SignatureRefused``; the failed try is kept in the ledger.

    ``passkey`` is the answer of the device as JSON, given to a page at ``origin``; ``sign_on`` the token of a proof by
    the identity provider.
    """
    refuse_while_locked(person)
    if sign_on and sign_on_signing.use(person, sign_on, act):
        return _signature(person, "sign-on")
    if passkey:
        if passkey_signing.proves(person, act, passkey, origin=origin):
            return _signature(person, "passkey")
        keep_failure(person, reason="wrong passkey")
        raise SignatureRefused(_t("The passkey did not fit, or was asked for too long ago. Nothing was signed."))
    method = _typed(person, password=password, code=code)
    if not method:
        keep_failure(person, reason="wrong password or code")
        raise SignatureRefused(_t("The password or code is wrong. Nothing was signed."))
    return _signature(person, method)


def click(person: Person) -> Signature:
    """A plain click, for kinds of record whose settings ask for no more."""
    return _signature(person, CLICK)


def _signature(person: Person, method: str) -> Signature:
    return Signature(person.pk, str(person), method, timezone.now())


def _typed(person: Person, *, password: str, code: str) -> str:
    if password and person.check_password(password):
        return "password"
    if code:
        kinds = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
        for authenticator in Authenticator.objects.filter(user=person, type__in=kinds):
            if authenticator.wrap().validate_code(code.replace(" ", "")):
                return "code"
    return ""
