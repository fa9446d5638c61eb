"""The web server as a process of its own, on the test database."""

import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from processportal.run import web_command
from tests.own_portal import until


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen]]:
    """The web server as `make run` starts it, on the test database; its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    name = connection.settings_dict["NAME"]
    log = (tmp_path / "web.log").open("w")
    server = subprocess.Popen(
        web_command(port),
        env=os.environ | {"PORTAL_DATABASE_NAME": name},
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert server.poll() is None, (tmp_path / "web.log").read_text()[-3000:]
        try:
            urllib.request.urlopen(f"{address}/healthz/live", timeout=2).close()
        except OSError:
            return False
        return True

    until(answers)
    yield address, server
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
