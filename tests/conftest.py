"""What every test can ask for: the services, the database as the application role, a worker, a browser."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from kombu import pools
from playwright.sync_api import Page, expect
from psycopg2 import sql

from core import organisation
from processportal.celery import app as celery_app
from processportal.services import credentials, locate, start, valkey
from tests.browser import FLAGS, chromium
from tests.cast import *  # noqa: F403 - the fixtures everybody knows

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs its loop in the thread of the test
expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
TEST_QUEUES = {"master": 15, "gw0": 14, "gw1": 13, "gw2": 12, "gw3": 11}  # one for each process that runs tests
WORKER_PATIENCE = 60
APPEND_ONLY = ("core_ledgerline", "core_ledgerseal", "documents_decision", "documents_review")


@pytest.fixture(scope="session")
def embedded_services() -> None:
    """PostgreSQL answers; nothing happens where DATABASE_URL points at a real one."""
    if settings.PORTAL_EMBEDDED_DATABASE:
        start(settings.PORTAL_DATA)
        stored = credentials.read(settings.PORTAL_DATA)
        os.environ["SECRET_KEY"] = settings.SECRET_KEY  # children of the tests read the same sessions
        settings.PORTAL_OWNER_DATABASE["PASSWORD"] = stored["owner"]
        settings.PORTAL_APP_DATABASE["PASSWORD"] = stored["app"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, embedded_services: None) -> None:
    """Create and migrate the test database as its owner."""
    _connect_as(settings.PORTAL_OWNER_DATABASE)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Everything after the migrations happens as the application role, as in the running portal."""
    if settings.PORTAL_APP_ROLE:
        with django_db_blocker.unblock():
            owner = dict(connections["default"].settings_dict)
            _connect_as(settings.PORTAL_APP_DATABASE)
            _may_truncate.update(_try_to_truncate())
            _connect_as(owner)
            _let_tests_truncate()
            _connect_as(settings.PORTAL_APP_DATABASE)
    yield
    if settings.PORTAL_APP_ROLE:
        with django_db_blocker.unblock():
            _connect_as(settings.PORTAL_OWNER_DATABASE)  # who made the database also drops it


def _connect_as(database: dict) -> None:
    connection = connections["default"]
    connection.close()
    connection.settings_dict["USER"] = database["USER"]
    connection.settings_dict["PASSWORD"] = database["PASSWORD"]


@pytest.fixture
def as_database_owner() -> Callable[..., None]:
    """as_database_owner("DELETE …", …): what somebody with the owner's password does, committed at once."""

    def run(*statements: str) -> None:
        owner = settings.PORTAL_OWNER_DATABASE
        line = psycopg2.connect(
            dbname=connections["default"].settings_dict["NAME"],
            user=owner["USER"],
            password=owner["PASSWORD"],
            host=owner["HOST"],
            port=owner["PORT"] or None,
        )
        with line, line.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        line.close()

    return run


_may_truncate: dict[str, bool] = {}


def _try_to_truncate() -> dict[str, bool]:
    """Whether the application may empty each table of the trail, asked before the tests are let; nothing is emptied."""
    answers = {}
    for table in APPEND_ONLY:
        try:
            with transaction.atomic(), connections["default"].cursor() as cursor:
                cursor.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(table)))
                transaction.set_rollback(True)
            answers[table] = True
        except DatabaseError:
            answers[table] = False
    return answers


@pytest.fixture
def may_truncate(db: None) -> dict[str, bool]:
    """Table of the trail → whether the application may empty it, as it was right after the migrations."""
    return _may_truncate


def _let_tests_truncate() -> None:
    """Tests that commit are cleaned up by TRUNCATE, which the application role may not do in the portal."""
    role = sql.Identifier(settings.PORTAL_APP_ROLE)
    with connections["default"].cursor() as cursor:
        cursor.execute(sql.SQL("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {}").format(role))
        cursor.execute("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%\\_no\\_truncate'")
        for trigger, table in cursor.fetchall():
            cursor.execute(sql.SQL("DROP TRIGGER {} ON {}").format(sql.Identifier(trigger), sql.Identifier(table)))
        cursor.execute(sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON portal_cache TO {}").format(role))


@pytest.fixture(scope="session")
def real_broker(embedded_services: None, worker_id: str) -> str:
    """The address of a running Valkey, with a queue of its own for the tests of this process."""
    if address := os.environ.get("TEST_REDIS_URL"):
        return address
    start(settings.PORTAL_DATA, broker=True)
    return valkey.url(locate(settings.PORTAL_DATA), TEST_QUEUES[worker_id])


@pytest.fixture
def on_real_broker(real_broker: str) -> Iterator[str]:
    """Tasks of this test go to the real broker instead of into memory."""
    before = celery_app.conf.broker_url
    _send_through(real_broker)
    with celery_app.connection_for_write() as connection:
        connection.default_channel.client.flushdb()
    yield real_broker
    _send_through(before)


@pytest.fixture
def start_worker(on_real_broker: str, transactional_db: None, tmp_path: Path) -> Iterator[Callable]:
    """Start real Celery workers on the test database: `worker = start_worker()` returns its process, to be killed."""
    started: list[subprocess.Popen] = []

    def begin(*arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "celery", "--app", "processportal", "--quiet", "worker", "--concurrency", "1"]
        command += ["--without-gossip", "--without-mingle", "--loglevel", "INFO", *arguments]
        log = tmp_path / f"worker-{len(started)}.log"
        environment = os.environ | {
            "PORTAL_DATABASE_NAME": connections["default"].settings_dict["NAME"],
            "REDIS_URL": on_real_broker,
        }
        with log.open("w") as said:
            worker = subprocess.Popen(
                command, env=environment, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
            )
        started.append(worker)
        _wait_until_listening(worker, log)
        return worker

    yield begin
    for worker in started:
        worker.terminate()
    for worker in started:
        try:
            worker.wait(15)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


@pytest.fixture
def celery_worker(start_worker: Callable) -> subprocess.Popen:
    """One real Celery worker on the real broker, working on the test database."""
    return start_worker()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Debian's Chromium instead of a downloaded one."""
    return browser_type_launch_args | {"executable_path": chromium(), "args": FLAGS}


@pytest.fixture
def axe_violations(page: Page) -> Callable[[], list[str]]:
    """What axe finds on the page as it is now, one line each: `assert axe_violations() == []`."""

    def look() -> list[str]:
        found = Axe().run(page).response["violations"]
        return [f"{rule['id']}: {rule['help']} ({node['target']})" for rule in found for node in rule["nodes"]]

    return look


def _send_through(address: str) -> None:
    celery_app.conf.broker_url = celery_app.conf.broker_write_url = celery_app.conf.broker_read_url = address
    pools.reset()
    celery_app._pool = None
    celery_app.amqp._producer_pool = None


def _wait_until_listening(worker: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + WORKER_PATIENCE
    while time.monotonic() < deadline and worker.poll() is None:
        if " ready." in log.read_text():
            return
        time.sleep(0.1)
    worker.kill()
    pytest.fail(f"The worker does not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(autouse=True)
def _nameless_organisation():
    """The name is read once a minute; a test that counts queries must not be the one that reads it."""
    organisation._remember("", 3600)
    yield
    organisation.forget()


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    """Attachments of a test lie in its own folder."""
    settings.MEDIA_ROOT = tmp_path / "attachments"
