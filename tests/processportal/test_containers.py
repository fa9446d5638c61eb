"""What the compose file promises, read: no engine is needed for it."""

import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(TEXT)["services"]
# Given by the file itself, or of no use in a container.
NOT_ASKED = {"PORT", "HOST", "DEMO", "PORTAL_DATA", "DATABASE_POOLER"}


def documented():
    rows = re.findall(r"^\| (`[A-Z][^|]*) \|", (ROOT / "docs" / "install.md").read_text(), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def test_every_setting_of_the_handbook_reaches_the_portal():
    given = SERVICES["web"]["environment"].keys()
    assert len(documented()) > 20
    assert documented() - NOT_ASKED - given == set()
    assert SERVICES["migrate"]["environment"].keys() == given


def test_no_secret_has_a_default():
    secrets = re.findall(r"\$\{((?:\w*PASSWORD|SECRET_KEY|EMAIL_URL)[:}?-][^}]*)", TEXT)
    assert len(secrets) > 4
    assert [text for text in secrets if ":-" in text] == []


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"migrate"}))
def test_each_service_that_stays_has_a_health_check(name):
    assert SERVICES[name]["healthcheck"]["test"]


def test_a_worker_is_given_the_time_to_pause_its_work():
    assert int(SERVICES["worker"]["stop_grace_period"].removesuffix("s")) >= 30


class Healthy(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response_only(200)
        self.end_headers()


def test_the_health_check_of_the_web_server_asks_no_proxy():
    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        code = SERVICES["web"]["healthcheck"]["test"][-1].replace(":8000", f":{server.server_port}")
        environment = {name: value for name, value in os.environ.items() if name.lower() != "no_proxy"}
        environment["http_proxy"] = "http://127.0.0.1:1"
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, timeout=20)
    assert done.returncode == 0, done.stderr
