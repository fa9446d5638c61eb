"""What every test can ask for: the services, the database as the application role, a worker, a browser."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase
from django.utils import timezone, translation
from kombu import pools
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError

from core import organisation
from processportal.celery import app as celery_app
from processportal.services import locate, start, valkey
from tests.axe import faults
from tests.browser import FLAGS, chromium, forgetting
from tests.cast import *  # noqa: F403 - the fixtures everybody knows
from tests.database import Rows, connect_as, drop_database, make_database, owner_line, start_services

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs its loop in the thread of the test
BROWSER_PATIENCE = 60_000  # a busy machine is slow, not wrong
expect.set_options(timeout=BROWSER_PATIENCE)
TEST_QUEUES = {"master": 15, "gw0": 14, "gw1": 13, "gw2": 12, "gw3": 11}  # one for each process that runs tests
WORKER_PATIENCE = 60


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: what is begun last keeps one process busy while the others have nothing left to do."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def embedded_services() -> None:
    """PostgreSQL answers."""
    start_services()
    os.environ["SECRET_KEY"] = settings.SECRET_KEY  # children of the tests read the same sessions


@pytest.fixture(scope="session")
def django_db_setup(
    pytestconfig: pytest.Config,
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: Any,
    embedded_services: None,
) -> Iterator[None]:
    """A migrated database of this process; what happens in it is done as the application role, as in the portal."""
    name = connections["default"].creation._get_test_db_name()  # each process has its own
    with django_db_blocker.unblock():
        connect_as(settings.PORTAL_OWNER_DATABASE)
        make_database(name, anew=pytestconfig.getoption("create_db"))
        connect_as(settings.PORTAL_APP_DATABASE)
    rows = Rows(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda test: rows.put_back())
        yield
    rows.close()
    with django_db_blocker.unblock():
        drop_database(name)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with data and truth files, or a skip that says what is missing."""
    folder = Path(os.environ.get("PORTAL_TEST_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    if not (folder / "sops" / "corpus.jsonl.gz").exists():
        pytest.skip(f"No shared test data in {folder}: set PORTAL_TEST_DATA to the folder that holds sops/.")
    return folder


@pytest.fixture
def as_database_owner() -> Callable[..., None]:
    """as_database_owner("DELETE …", …): what somebody with the owner's password does, committed at once."""

    def run(*statements: str) -> None:
        line = owner_line(connections["default"].settings_dict["NAME"])
        with line, line.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        line.close()

    return run


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


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    """Without transitions: axe measured a button half way between two colours."""
    return browser_context_args | {"reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def kept_context(browser: Browser, browser_context_args: dict) -> Iterator[BrowserContext]:
    """One context for the tests of this process with a page that stays open, so that Chromium keeps its process too.

    A context for each test cost a new process and every script compiled anew: 2.3 s of processor time instead of 0.8.
    """
    context = browser.new_context(**browser_context_args)
    context.set_default_timeout(BROWSER_PATIENCE)
    kept = context.new_page()
    kept.route("**/*", lambda route: route.fulfill(body="<title>Kept</title>", content_type="text/html"))
    kept.goto("http://localhost/")
    kept.unroute_all()
    yield context
    context.close()


@pytest.fixture
def context(kept_context: BrowserContext) -> Iterator[BrowserContext]:
    """A browser that remembers nothing of earlier tests: no cookie, no storage, no permission, no other page."""
    with forgetting(kept_context):
        yield kept_context


@pytest.fixture
def axe_violations(page: Page) -> Callable[..., list[str]]:
    """What axe finds on the page as it is now, one line each: `assert axe_violations() == []`."""
    return partial(faults, page)


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
def _language_and_zone_of_nobody():
    """Who a test signed in last leaves neither language nor time zone to the next test."""
    yield
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    """Attachments of a test lie in its own folder, and so do the heads of its ledger: the portal that runs here keeps
    its own, which belong to another chain."""
    settings.MEDIA_ROOT = tmp_path / "attachments"
    settings.PORTAL_LEDGER_ANCHOR = tmp_path / "ledger.anchor"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A browser test that fails tells what the page said."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.when == "call" and report.failed and page is not None:
        with contextlib.suppress(PlaywrightError):
            report.sections.append(
                ("page", f"{page.url}\n{page.title()}\n{page.inner_text('body', timeout=2_000)[:2_000]}")
            )
    return report
