"""Passwords and the secret key of an embedded portal: made once, kept in a file only its owner can read."""

import json
import os
import secrets
from pathlib import Path

FILE = "credentials.json"
MAKERS = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "superuser": lambda: secrets.token_urlsafe(32),
    "owner": lambda: secrets.token_urlsafe(32),
    "app": lambda: secrets.token_urlsafe(32),
    "demo": lambda: f"demo-{secrets.token_hex(4)}",
}


def read(data: Path) -> dict[str, str]:
    """The stored credentials, or an empty dictionary before the first start."""
    try:
        return json.loads((data / FILE).read_text())
    except FileNotFoundError:
        return {}


def ensure(data: Path) -> dict[str, str]:
    """Add what is missing and return everything; call it only while holding the start lock."""
    stored = read(data)
    missing = MAKERS.keys() - stored.keys()
    if not missing:
        return stored
    stored |= {name: MAKERS[name]() for name in sorted(missing)}
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = data / f"{FILE}.{os.getpid()}"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(stored, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(data / FILE)
    return stored
