"""A portal in a folder of its own, with its own database server, to be broken."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
from celery import Celery

from processportal.run import web_command
from processportal.services import credentials, locate, postgres, valkey
from processportal.services.lease import Lease
from processportal.services.postgres import Postgres

ROOT = Path(__file__).resolve().parent.parent
SESSION = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.conf import settings
store = SessionStore()
store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(person.pk), settings.AUTHENTICATION_BACKENDS[-1]
store[HASH_SESSION_KEY] = person.get_session_auth_hash()
store.create()
"""


class OwnPortal:
    """Services, commands and processes of one portal that no other test knows; ``close`` removes all of it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.lease = Lease(locate(data))
        self.lease.start(broker=True)
        self.place = self.lease.place
        self.database = Postgres(self.place, credentials.read(data))
        self.started: list[subprocess.Popen] = []
        self.manage("migrate", "--verbosity", "0")

    def environment(self) -> dict[str, str]:
        """As `make run` starts its children, but without the demo, and with the sources of the static files."""
        ours = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "APP_DATABASE_URL")}
        ours |= {"PORTAL_DATA": str(self.data), "PORTAL_DATABASE_NAME": "portal", "PORTAL_DEMO": "0"}
        ours |= {"PORTAL_SECOND_STEP_FOR_ADMINISTRATORS": "0"}
        ours |= {"REDIS_URL": valkey.url(self.place), "SECRET_KEY": credentials.read(self.data)["SECRET_KEY"]}
        return ours | {"DJANGO_SETTINGS_MODULE": "processportal.settings", "PYTHONPATH": str(ROOT)}

    def manage(self, *command: str) -> str:
        """Run a management command to its end; what it said."""
        return self._run("manage.py", *command)

    def python(self, code: str) -> str:
        """Run lines after Django's set-up, as the application; what they printed."""
        return self._run("-c", f"import django\ndjango.setup()\n{code}")

    def rows(self, statement: str) -> list[tuple]:
        """What the database answers the application: quicker than ``python`` for who asks again and again."""
        line = self.line()
        with line, line.cursor() as cursor:
            cursor.execute(statement)
            found = cursor.fetchall()
        line.close()
        return found

    def line(self) -> Any:
        """A connection of its own, as the application."""
        password = credentials.read(self.data)["app"]
        return psycopg2.connect(
            host=str(self.place.run), dbname=postgres.DATABASE, user=postgres.APP, password=password
        )

    def ring(self, task: str) -> None:
        """Ask the worker to run a task, as the schedule does."""
        Celery(broker=valkey.url(self.place), set_as_current=False).send_task(task, retry=False)

    def begin(self, *command: str) -> subprocess.Popen:
        """Start a Python program and leave it running."""
        log = (self.data / f"started-{len(self.started)}.log").open("w")
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def begin_python(self, code: str) -> subprocess.Popen:
        """Start lines after Django's set-up and leave them running."""
        return self.begin("-c", f"import django\ndjango.setup()\n{code}")

    def begin_worker(self) -> subprocess.Popen:
        """Start a worker, and wait until it was seen."""
        quiet = ("--without-gossip", "--without-mingle")
        worker = self.begin("-m", "celery", "--app", "processportal", "worker", "--concurrency", "1", *quiet)
        until(lambda: " ready." in self.said(worker))
        return worker

    def begin_web(self) -> "Web":
        """Start the web server as `make run` does, and wait until it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        web = Web(f"http://127.0.0.1:{port}", port, self.begin(*web_command(port)[1:]))
        until(lambda: web.ask("/healthz/live").status == 200)
        return web

    def said(self, process: subprocess.Popen) -> str:
        """What a started program has said so far."""
        return (self.data / f"started-{self.started.index(process)}.log").read_text()

    def verify(self) -> dict[str, list[str]]:
        """What `manage.py verify` finds, by check; nothing where all is well."""
        command = [sys.executable, "manage.py", "verify", "--json"]
        done = subprocess.run(command, cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=False)
        assert done.stdout, done.stderr[-3000:]
        return {name: found for name, found in json.loads(done.stdout)["checks"].items() if found}

    def close(self) -> None:
        """End what was started, stop the services, remove what lies outside the folder."""
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.lease.close()
        shutil.rmtree(self.place.home, ignore_errors=True)

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr[-3000:]
        return done.stdout.strip()


class Web:
    """A web server of the portal and its address."""

    def __init__(self, address: str, port: int, process: subprocess.Popen) -> None:
        self.address, self.port, self.process = address, port, process

    def ask(self, path: str, session: str = "", timeout: float = 20) -> "Answer":
        """What it answers; status 0 where it does not."""
        request = urllib.request.Request(self.address + path, headers={"Cookie": f"sessionid={session}"})
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return Answer(answer.status, answer.headers, answer.read(), time.monotonic() - began)
        except urllib.error.HTTPError as problem:
            return Answer(problem.code, problem.headers, problem.read(), time.monotonic() - began)
        except OSError:
            return Answer(0, {}, b"", time.monotonic() - began)


class Answer:
    """An answer and the seconds it took."""

    def __init__(self, status: int, headers: Any, body: bytes, seconds: float) -> None:
        self.status, self.headers, self.body, self.seconds = status, headers, body, seconds


def until(happened: Callable[[], Any], seconds: float = 60) -> None:
    """Wait for it; fails when it does not happen in time."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
