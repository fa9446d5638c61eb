"""Faults around the outbox: the broker is down or hangs, two relays run and one is killed, two schedulers at once."""

import os
import signal
import socket
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from celery import Celery
from django.core import mail
from django.db import connection, connections, transaction
from django.utils import timezone

from actions.models import Task
from actions.reminders import remind
from core import catalog, doorbell
from core.digests import mail_notices
from core.models import Notice, OutboxMessage
from core.notices import tell
from core.outbox import post_mail, relay
from tests.cast import released

pytestmark = pytest.mark.django_db(transaction=True)

MAILS = 60


class Sink:
    """A mail server that takes its time and remembers the Message-ID of all it was given."""

    def __init__(self):
        self.taken = Counter()

    async def handle_DATA(self, server, session, envelope):  # aiosmtpd calls it so
        heads = envelope.content.decode(errors="replace").splitlines()
        self.taken[next(line for line in heads if line.lower().startswith("message-id:"))] += 1
        time.sleep(0.02)
        return "250 taken"


@pytest.fixture
def sink(settings):
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=_free_port())
    controller.start()
    settings.PORTAL_MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", controller.port, 5
    yield handler
    controller.stop()


def _free_port():
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()[1]


def _relay_process():
    """A relay of its own, as a second worker would be."""
    connections.close_all()  # the child must not share this process's connection
    pid = os.fork()
    if pid == 0:
        try:
            relay()
        finally:
            os._exit(0)
    return pid


def test_flt_09_of_two_relays_one_is_killed_and_no_mail_is_lost(reader, sink):
    for n in range(MAILS):
        post_mail(reader, f"Mail {n}", "Text", key=f"mail:{n}")
    killed, other = _relay_process(), _relay_process()
    deadline = time.monotonic() + 20
    while sum(sink.taken.values()) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(killed, signal.SIGKILL)
    os.waitpid(killed, 0)
    os.waitpid(other, 0)
    OutboxMessage.objects.filter(sent_at=None).update(lease_until=timezone.now() - timedelta(seconds=1))
    relay()
    assert OutboxMessage.objects.filter(sent_at=None).count() == 0
    assert len(sink.taken) == MAILS
    assert sum(sink.taken.values()) <= MAILS + 1  # at most the one that was under way


def _celery(address):
    broken = Celery("broken", broker=address)
    broken.conf.broker_transport_options = {"socket_timeout": 3, "socket_connect_timeout": 3}
    return broken


def _commit_a_mail(reader):
    began = time.monotonic()
    with transaction.atomic():
        post_mail(reader, "Hello", "Text", key="a")
    return time.monotonic() - began


def test_flt_03_with_the_broker_down_the_change_is_stored_and_the_mail_goes_with_the_next_sweep(
    reader, monkeypatch, settings, caplog
):
    settings.PORTAL_MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(doorbell, "current_app", _celery(f"redis://127.0.0.1:{_free_port()}/0"))
    mail.outbox.clear()
    assert _commit_a_mail(reader) < 1
    _wait_until_silent()
    assert "did not ring" in caplog.text
    assert relay() == 1
    assert len(mail.outbox) == 1


def test_flt_04_with_the_broker_hanging_the_page_does_not_wait(reader, monkeypatch):
    with socket.socket() as hanging:
        hanging.bind(("127.0.0.1", 0))
        hanging.listen(8)  # accepts and never answers
        monkeypatch.setattr(doorbell, "current_app", _celery(f"redis://127.0.0.1:{hanging.getsockname()[1]}/0"))
        assert _commit_a_mail(reader) < 1
        assert OutboxMessage.objects.filter(key="a").exists()
        _wait_until_silent()


def _wait_until_silent(seconds=20):
    deadline = time.monotonic() + seconds
    while doorbell._on_the_way and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not doorbell._on_the_way


def _at_once(*functions):
    """Run functions side by side, each with a connection of its own."""
    gate = threading.Barrier(len(functions))
    problems = []

    def run(function):
        try:
            gate.wait()
            function()
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[function]) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems


def test_flt_08_two_schedulers_at_once_remind_and_mail_each_thing_once(author, owner, approver, reader, settings):
    settings.PORTAL_MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    entry = catalog.entry_of(released(author, owner, approver).document)
    Notice.objects.all().delete()
    for n in range(30):
        Task.ask(key=f"t{n}", kind="do", title=f"Do {n}", url="/", entry=entry, person=reader, due_at=timezone.now())
    _at_once(remind, remind)
    assert Notice.objects.filter(topic="reminders").count() == 30
    assert not Task.objects.filter(key__startswith="t", remind_at=None).exists()
    _at_once(mail_notices, mail_notices)
    assert OutboxMessage.objects.filter(person=reader).count() == 1
    mail.outbox.clear()
    _at_once(relay, relay)
    assert len(mail.outbox) == 1


def test_flt_08_the_same_occasion_told_by_two_at_once_is_one_notice(reader):
    def tell_of_it():
        with transaction.atomic():
            tell([reader], "asked", "Decide", occasion="1")

    _at_once(tell_of_it, tell_of_it)
    assert Notice.objects.count() == 1
