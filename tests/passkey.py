"""A passkey in software: the answers of a device, with or without having checked who holds it."""

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

FLAG = AuthenticatorData.FLAG


@dataclass
class Passkey:
    """One passkey of a person for the portal at ``origin``."""

    origin: str = "http://testserver"
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def _place(self) -> bytes:
        return sha256(self.origin.split("//")[1].split(":")[0].encode()).digest()

    def enrol(self, person: Any) -> Authenticator:
        """Put it into the person's account, as if the enrolment page had."""
        public = AttestedCredentialData.create(b"\0" * 16, self.id, ES256.from_cryptography_key(self.key.public_key()))
        data = AuthenticatorData.create(self._place, FLAG.UP | FLAG.UV | FLAG.AT, 0, public)
        client = CollectedClientData.create(CollectedClientData.TYPE.CREATE, b"c" * 32, self.origin)
        credential = {
            "id": websafe_encode(self.id),
            "rawId": websafe_encode(self.id),
            "type": "public-key",
            "response": {
                "clientDataJSON": websafe_encode(client),
                "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
            },
        }
        kept = {"name": "Key", "credential": credential}
        return Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data=kept)

    def answer(self, options: dict[str, Any], *, verified: bool = True, origin: str = "") -> str:
        """The answer to a challenge, as the page sends it."""
        challenge = websafe_decode(options["publicKey"]["challenge"])
        client = CollectedClientData.create(CollectedClientData.TYPE.GET, challenge, origin or self.origin)
        data = AuthenticatorData.create(self._place, FLAG.UP | (FLAG.UV if verified else FLAG(0)), 0)
        signature = self.key.sign(bytes(data) + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return json.dumps(
            {
                "id": websafe_encode(self.id),
                "rawId": websafe_encode(self.id),
                "type": "public-key",
                "response": {name: websafe_encode(bytes(value)) for name, value in response.items()},
            }
        )
