"""Secrets of second steps are encrypted in the database; the key is derived from PORTAL_SECRETS_KEY, else SECRET_KEY.

A copy of the database alone is then no second step. Old keys (PORTAL_SECRETS_KEY_FALLBACKS, SECRET_KEY_FALLBACKS) still
open what was encrypted with them.
"""

import base64

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

MARK = "enc1:"  # before what is encrypted; what has no mark was stored before
PURPOSE = b"process portal: secrets of second steps"


def _cipher() -> MultiFernet:
    keys = [settings.PORTAL_SECRETS_KEY or settings.SECRET_KEY, *settings.PORTAL_SECRETS_KEY_FALLBACKS]
    keys += [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in dict.fromkeys(keys)])


def _derived(key: str) -> bytes:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(made)


def encrypted(text: str) -> str:
    """The text as the database keeps it."""
    return MARK + _cipher().encrypt(text.encode()).decode()


def decrypted(stored: str) -> str:
    """The text again; one that was stored before it was encrypted is given as it is. Raises ``InvalidToken`` where
    no key fits: then it counts as no secret at all."""
    if not stored.startswith(MARK):
        return stored
    return _cipher().decrypt(stored.removeprefix(MARK).encode()).decode()


def encrypt_stored() -> int:
    """Encrypt what was stored before; returns how many. Run after each migrate, harmless to repeat."""
    done = 0
    for kept in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN):
        changed = {name: _again(value) for name, value in kept.data.items()}
        if changed != kept.data:
            kept.data = changed
            kept.save(update_fields=["data"])
            done += 1
    return done


def _again(value: object) -> object:
    if isinstance(value, list):
        return [_again(one) for one in value]
    return encrypted(value) if isinstance(value, str) and not value.startswith(MARK) else value


__all__ = ["InvalidToken", "decrypted", "encrypt_stored", "encrypted"]
