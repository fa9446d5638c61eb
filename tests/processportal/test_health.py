"""Machines learn whether the portal is alive, ready, and how it fares; people learn when the database is away."""

import os
import signal
import tempfile
import urllib.request
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory

from core.request_id import current_request_id
from processportal import health, shared_figures

COUNTER = "django_http_requests_before_middlewares_total"


@pytest.fixture
def nothing_is_low(monkeypatch):
    monkeypatch.setattr(health, "DISK_LOW_BELOW", 0)


def test_alive_needs_no_database(client):
    assert client.get("/healthz/live").json() == {"status": "ok"}


@pytest.mark.django_db
def test_without_a_worker_the_portal_is_ready_but_degraded(client):
    answer = client.get("/healthz/ready")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["worker"] == "never seen"
    assert answer.json()["checks"]["database"] == answer.json()["checks"]["migrations"] == "ok"


@pytest.mark.django_db
def test_with_everything_there_it_is_ok(client, settings, real_broker, nothing_is_low):
    settings.CELERY_BROKER_URL = real_broker
    health.note_worker()
    assert client.get("/healthz/ready").json()["status"] == "ok"


@pytest.mark.django_db
def test_a_missing_broker_is_told_and_does_not_stop_pages(client, settings):
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/socket?virtual_host=0"
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["checks"]["broker"]) == (200, "does not answer")


@pytest.mark.django_db
def test_a_missing_migration_makes_it_not_ready(client, monkeypatch):
    monkeypatch.setattr(health, "_seen_applied", set())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["checks"]["migrations"]) == (503, "missing")


@pytest.mark.parametrize(
    ("headers", "address", "expected"),
    [
        ({}, "127.0.0.1", 200),
        ({}, "192.0.2.7", 404),
        ({"X-Forwarded-For": "192.0.2.7"}, "127.0.0.1", 404),
        ({"Authorization": "Bearer right"}, "192.0.2.7", 200),
        ({"Authorization": "Bearer wrong"}, "192.0.2.7", 404),
    ],
)
def test_figures_are_for_this_machine_or_for_who_has_the_token(client, settings, headers, address, expected):
    settings.PORTAL_METRICS_TOKEN = "right"
    assert client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == expected


def test_without_a_token_nobody_from_outside_guesses_it(client, settings):
    settings.PORTAL_METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}, REMOTE_ADDR="192.0.2.7").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_whichever_process_is_asked_it_tells_the_figures_of_all(web):
    address, server = web
    for _page in range(6):
        urllib.request.urlopen(f"{address}/accounts/login/", timeout=20).close()
    told = {urllib.request.urlopen(f"{address}/metrics", timeout=20).read().decode() for _time in range(8)}
    counted = {line for text in told for line in text.splitlines() if line.startswith(COUNTER)}
    assert counted == {f"{COUNTER} 6.0"}
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()
    shared_figures._remove_left_over(Path(tempfile.gettempdir()))
    assert not (Path(tempfile.gettempdir()) / f"{shared_figures.NAME}{server.pid}").exists()


def test_when_the_database_is_away_the_page_says_so_and_when_to_come_back():
    try:
        raise OperationalError("gone")
    except OperationalError:
        answer = health.server_error(RequestFactory().get("/"))
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "database does not answer" in answer.content.decode()


def test_another_fault_is_an_ordinary_error_with_the_number_of_the_request():
    request = RequestFactory().get("/")
    request.META["portal.request_id"] = "number-of-this-request"
    try:
        raise ValueError("a fault of ours")
    except ValueError:
        answer = health.server_error(request)
    assert answer.status_code == 500
    assert "number-of-this-request" in answer.content.decode()


def test_every_answer_carries_a_number_and_strangers_cannot_choose_it(client, settings):
    settings.PORTAL_TRUSTED_PROXIES = 0
    sent = {"X-Request-ID": "chosen-by-a-stranger"}
    assert client.get("/healthz/live", headers=sent)["X-Request-ID"] != "chosen-by-a-stranger"
    assert current_request_id.get() == ""


def test_a_trusted_proxy_chooses_the_number_when_it_is_well_formed(client, settings):
    settings.PORTAL_TRUSTED_PROXIES = 1
    answer = client.get("/healthz/live", headers={"X-Request-ID": "from-the-proxy-1"})
    assert answer["X-Request-ID"] == "from-the-proxy-1"
    answer = client.get("/healthz/live", headers={"X-Request-ID": 'with "quotes" and spaces'})
    assert " " not in answer["X-Request-ID"]
