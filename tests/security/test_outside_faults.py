"""FLT-05 and FLT-20: the database restarts at once; the identity provider does not answer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests.cast import PASSWORD

# A web process on a database server of its own, which is restarted under it: in the middle of a request, and between
# two. It speaks WSGI, so that connections are kept and checked as in the running portal.
RESTARTED = """
import io, os, subprocess, sys
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.core.signals import request_started
from django.test.utils import setup_test_environment
from processportal.services import credentials, locate, start
from processportal.services.postgres import Postgres
place = locate(settings.PORTAL_DATA)
start(settings.PORTAL_DATA)
server = Postgres(place, credentials.read(settings.PORTAL_DATA))

def restart():
    command = [server.programs["pg_ctl"], "-D", str(server.data), "-m", "immediate", "-w", "stop"]
    server._run(command)
    server.start()

from django.db import connection
owner = credentials.read(settings.PORTAL_DATA)
connection.settings_dict |= {"USER": "portal_owner", "PASSWORD": owner["owner"]}
call_command("migrate", verbosity=0)
call_command("createcachetable")
from processportal.wsgi import application
from people.models import Person
Person.objects.create_user("ann@example.org", "x", name="Ann")

def ask(path):
    told = {}
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
               "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http",
               "HTTP_HOST": "localhost"}
    def begin(status, headers, exc_info=None):
        told.update(status=status.split()[0], headers=dict(headers))
    answer = application(environ, begin)
    body = b"".join(answer)
    answer.close()
    return told["status"], told["headers"].get("Retry-After", "-"), str(b"Ann" in body or b"calendar" in body)

path = "/feeds/" + Person.objects.get().feed_secret + ".ics"
print("before", *ask(path))
restart()
print("between", *ask(path))
hit = []
def in_flight(sender, **more):
    if not hit:
        connection.ensure_connection()
        connection.health_check_done = True
        hit.append(1)
        restart()
request_started.connect(in_flight)
print("in-flight", *ask(path))
print("next", *ask(path))
"""


@pytest.mark.faults
def test_flt_05_after_the_database_restarted_at_once_the_next_request_works(tmp_path):
    log = tmp_path / "log"
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "APP_DATABASE_URL")}
    environment |= {
        "PORTAL_DATA": str(tmp_path / "data"),
        "PORTAL_DATABASE_NAME": "portal",
        "DJANGO_SETTINGS_MODULE": "processportal.settings",
    }
    with log.open("w") as errors:
        done = subprocess.run(
            [sys.executable, "-c", RESTARTED],
            env=environment,
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            timeout=300,
        )
    assert done.returncode == 0, log.read_text()[-3000:]
    said = {line.split()[0]: line.split()[1:3] for line in done.stdout.splitlines() if len(line.split()) == 4}
    assert said == {
        "before": ["200", "-"],
        "between": ["200", "-"],
        "in-flight": ["503", "30"],
        "next": ["200", "-"],
    }, log.read_text()[-1500:]


@pytest.fixture
def provider_is_down(settings, db):
    """An identity provider at a port where nobody listens."""
    cache.clear()
    app = {"provider_id": "sso", "name": "Sign-on", "client_id": "c", "secret": "s"}
    app["settings"] = {"server_url": "http://127.0.0.1:9"}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}


def test_flt_20_with_the_identity_provider_down_people_sign_in_here(client, provider_is_down, administrator):
    page = client.get(reverse("account_login"))
    assert page.status_code == 200
    answer = client.post(reverse("account_login"), {"login": administrator.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert client.get("/people/invite/").status_code == 200


@pytest.mark.parametrize("way", ["", "callback/?code=x&state=y"])
def test_flt_20_who_tries_the_provider_is_told_and_can_go_on(client, provider_is_down, way):
    client.raise_request_exception = False
    answer = (
        client.post(f"/accounts/oidc/sso/login/{way}") if not way else client.get(f"/accounts/oidc/sso/login/{way}")
    )
    assert answer.status_code in (200, 302, 401, 403, 503)
    assert answer.status_code == 302 or b"<h1" in answer.content
    page = client.get(answer["Location"]) if answer.status_code == 302 else answer
    assert b"Traceback" not in page.content
    assert "_auth_user_id" not in client.session
