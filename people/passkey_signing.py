"""Signing with a passkey: an assertion made for one act, by a device that checked who holds it.

The challenge carries the digest of the act (which version, which content), so that what the passkey signs says what
was decided on. It is handed out to one person, works once, and ends after five minutes.
"""

import hashlib
import json
import secrets
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.core.cache import cache
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    UserVerificationRequirement,
)

from people.models import Person

SECONDS = 300
LONGEST = 20_000  # characters of an answer; real ones have about a thousand


def begin(person: Person, act: str, *, origin: str) -> dict[str, Any]:
    """What the browser needs to ask the device: challenge, and which passkeys count."""
    challenge = secrets.token_bytes(32) + _digest(act)
    options, state = _server(origin).authenticate_begin(
        credentials=_credentials(person),
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenge,
    )
    cache.set(_key(person, challenge), state, SECONDS)
    return dict(options)


def proves(person: Person, act: str, answer: str, *, origin: str) -> bool:
    """Whether the answer is this person's passkey, asked for this act, and not used before."""
    try:
        said = json.loads(answer) if len(answer) <= LONGEST else None
        challenge = AuthenticationResponse.from_dict(said).response.client_data.challenge
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
    state = cache.get(_key(person, challenge))
    # Who deletes the row has the challenge: of two requests with the same answer one finds it gone.
    if not state or not cache.delete(_key(person, challenge)) or challenge[32:] != _digest(act):
        return False
    try:
        _server(origin).authenticate_complete(state, _credentials(person), said)
    except (ValueError, TypeError, KeyError):
        return False
    return True


def _digest(act: str) -> bytes:
    return hashlib.sha256(act.encode()).digest()


def _key(person: Person, challenge: bytes) -> str:
    return f"passkey-signing:{person.pk}:{hashlib.sha256(challenge).hexdigest()}"


def _server(origin: str) -> Fido2Server:
    host = urlsplit(origin).hostname or ""
    return Fido2Server(PublicKeyCredentialRpEntity(id=host, name=host), verify_origin=lambda said: said == origin)


def _credentials(person: Person) -> list[AttestedCredentialData]:
    kept = Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN)
    return [one.wrap().authenticator_data.credential_data for one in kept]
