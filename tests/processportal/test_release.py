"""FLT-16: a release stops the running processes; what they had begun is finished, what they do not know is kept."""

import json
import signal
import threading
import time
import urllib.request

import pytest
from django.db import connection, transaction
from django.test import Client

from core import jobs
from core.models import Job
from documents.models import Document
from processportal.celery import app
from tests.cast import new_draft
from tests.own_portal import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
DRAINED_IN = 30


def test_flt_16_a_request_that_was_begun_is_answered_before_the_web_server_ends(web, author, owner):
    address, server = web
    draft = new_draft(author, owner)
    client = Client()
    client.force_login(author)
    client.get(f"/documents/{draft.document.code}/versions/1/edit/")
    cookies = {name: client.cookies[name].value for name in ("sessionid", "csrftoken")}
    request = urllib.request.Request(
        f"{address}/documents/{draft.document.code}/versions/1/autosave/",
        data=json.dumps({"body": "<p>Saved in the last moment.</p>", "row_version": draft.row_version}).encode(),
        headers={
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-CSRFToken": cookies["csrftoken"],
            "Content-Type": "application/json",
        },
    )
    answers = []
    sender = threading.Thread(target=lambda: answers.append(urllib.request.urlopen(request, timeout=60).status))
    with transaction.atomic():
        Document.objects.select_for_update().get(pk=draft.document_id)  # the save waits here
        sender.start()
        until(somebody_waits_for_a_lock)
        server.send_signal(signal.SIGTERM)
        time.sleep(1)
    server.wait(DRAINED_IN)
    sender.join(DRAINED_IN)
    draft.refresh_from_db()
    assert (answers, b"last moment" in draft.body_bytes()) == ([200], True)


def test_flt_16_work_that_was_begun_is_finished_before_the_worker_ends(start_worker):
    worker = start_worker()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE core_attachment")  # the work waits here
        asking = threading.Thread(target=ask_to_read)
        asking.start()
        until(somebody_waits_for_a_lock)
        worker.send_signal(signal.SIGTERM)
        time.sleep(1)
    asking.join()
    worker.wait(DRAINED_IN)
    assert Job.objects.get().state == "done"


def test_flt_16_a_bell_that_nobody_knows_stops_no_worker(start_worker):
    worker = start_worker()
    app.send_task("core.tasks.of_another_release", args=[1, 2])
    job = ask_to_read()
    until(lambda: Job.objects.get(pk=job.pk).state == "done")
    assert worker.poll() is None


def ask_to_read():
    """Long work that reads a file; in a thread on a connection of its own, committed while the test holds its lock."""
    job = jobs.ask("core.read_attachment", attachment="00000000-0000-0000-0000-000000000000")
    connection.close()
    return job


def somebody_waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")  # pg_stat_activity is frozen in a transaction
        return cursor.fetchone()[0] > 0
