"""A small identity provider for the tests: asks nobody, signs tokens with its own key, and says what it is told to."""

import base64
import json
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa


@dataclass
class IdentityProvider:
    """What the provider says of who signs in; ``asked`` holds the parameters of the last request to sign in."""

    sub: str = "u-1"
    email: str = "approver@id.example"
    name: str = "Quinn Approver"
    auth_time: float | None = None  # None: now
    says_when: bool = True
    error: str = ""
    asked: dict[str, str] = field(default_factory=dict)
    address: str = ""

    def app(self) -> dict[str, Any]:
        """The entry of SOCIALACCOUNT_PROVIDERS that leads here."""
        app = {"provider_id": "sso", "name": "Northfield ID", "client_id": "portal", "secret": "secret"}
        return app | {"settings": {"server_url": self.address}}


def _number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


@cache
def _key() -> rsa.RSAPrivateKey:
    """Made once: a third of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def serve() -> tuple[IdentityProvider, ThreadingHTTPServer]:
    """Start the provider on a free port."""
    provider, key = IdentityProvider(), _key()
    numbers = key.public_key().public_numbers()

    class Handler(BaseHTTPRequestHandler):
        def _say(self, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == "/.well-known/openid-configuration":
                ends = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
                config = {f"{name}_endpoint": f"{provider.address}/{path}" for name, path in ends.items()}
                self._say(config | {"issuer": provider.address, "jwks_uri": f"{provider.address}/jwks"})
            elif url.path == "/authorize":
                provider.asked = {name: values[0] for name, values in parse_qs(url.query).items()}
                answer = {"state": provider.asked["state"]}
                answer |= {"error": provider.error} if provider.error else {"code": "one"}
                self.send_response(302)
                self.send_header("Location", f"{provider.asked['redirect_uri']}?{urlencode(answer)}")
                self.end_headers()
            elif url.path == "/jwks":
                found = {"kty": "RSA", "kid": "k", "alg": "RS256", "n": _number(numbers.n), "e": _number(numbers.e)}
                self._say({"keys": [found]})
            else:
                self._say(self._who())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            now = int(time.time())
            claims = self._who() | {"iss": provider.address, "aud": "portal", "iat": now, "exp": now + 300}
            if provider.says_when:
                claims["auth_time"] = int(now if provider.auth_time is None else provider.auth_time)
            token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k"})
            self._say({"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": token})

        def _who(self) -> dict[str, Any]:
            return {"sub": provider.sub, "email": provider.email, "email_verified": True, "name": provider.name}

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return provider, server
