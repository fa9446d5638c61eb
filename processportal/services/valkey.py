"""Start and stop the embedded Valkey, the broker of Celery."""

import os
import socket
import subprocess
import time
from pathlib import Path

from processportal.services import programs
from processportal.services.places import Place, ServiceError

PATIENCE = 30


class Valkey:
    """The embedded broker of one place; it keeps its queue in an append-only file."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.socket = socket_path(place)
        self.log = place.home / "valkey.log"

    def is_ready(self) -> bool:
        """True when the server answers a ping."""
        return self._ask(b"PING\r\n").startswith(b"+PONG")

    def start(self) -> None:
        """Make the server answer; does nothing where it already does."""
        if self.is_ready():
            return
        program = programs.valkey(self.place)
        self.place.folder(self.place.run)
        data = self.place.folder(self.place.home / "valkey")
        command = [str(program), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        command += ["--dir", str(data), "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
        with self.log.open("ab") as log:
            server = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=data,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                start_new_session=True,
                **self.place.identity(),
            )
        deadline = time.monotonic() + PATIENCE
        while server.poll() is None and time.monotonic() < deadline:
            if self.is_ready():
                return
            time.sleep(0.05)
        raise ServiceError(f"Valkey does not start; see {self.log}")

    def stop(self) -> None:
        """Stop the server after it has written what it holds."""
        self._ask(b"SHUTDOWN\r\n")
        deadline = time.monotonic() + PATIENCE
        while self.is_ready() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _ask(self, question: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(3)
            try:
                line.connect(os.fspath(self.socket))
                line.sendall(question)
                return line.recv(64)
            except OSError:
                return b""


def socket_path(place: Place) -> Path:
    """Where the broker listens."""
    return place.run / "valkey"


def url(place: Place, database: int = 0) -> str:
    """The address Celery and redis-py understand."""
    return f"redis+socket://{socket_path(place)}?virtual_host={database}"
