"""FLT-01 and FLT-12: the same form sent again, by a double click, the back button, or after a process was killed."""

import os
import subprocess
import sys
import threading

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from core.catalog import entry_of
from core.models import Comment, FormToken
from documents.models import Document
from people.groups import ensure_groups
from people.models import ApiToken
from tests.cast import released, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

# A web process that is killed, as by the machine, right before or right after it committed.
KILLED = """
import os, signal, sys
import django
django.setup()
from django.db.backends.base.base import BaseDatabaseWrapper as Wrapper
from django.test import Client
from django.test.utils import setup_test_environment
from documents.models import Document
moment, session, token, owner = sys.argv[1:]
really = Wrapper.commit
def commit(self):
    stored = Document.objects.filter(title="Once").exists()
    if stored and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    really(self)
    if stored:
        os.kill(os.getpid(), signal.SIGKILL)
Wrapper.commit = commit
setup_test_environment()
client = Client()
client.cookies["sessionid"] = session
form = {"kind": "sop", "title": "Once", "owner": owner, "audience": "everyone", "form_token": token}
client.post("/documents/new/", form)
print("was not killed")
"""


@pytest.fixture(autouse=True)
def groups(transactional_db):
    ensure_groups()


def new_document(author, token):
    return {"kind": "sop", "title": "Once", "owner": author.email, "audience": "everyone", "form_token": token}


def at_once(*works):
    """Run the works in threads that start together and return what they answer."""
    barrier, answers = threading.Barrier(len(works)), [None] * len(works)

    def run(place, work):
        try:
            barrier.wait(timeout=20)
            answers[place] = work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def test_flt_12_a_double_click_starts_one_document_and_both_answers_lead_to_it(author):
    clients = [signed_in(author, raise_request_exception=False) for _click in range(3)]
    form = new_document(author, "t" * 20)
    answers = at_once(*(lambda c=c: c.post(reverse("documents:new"), form) for c in clients))
    assert [answer.status_code for answer in answers] == [302] * 3
    document = Document.objects.get(title="Once")
    assert all(document.code in answer["Location"] for answer in answers)


def test_flt_12_the_back_button_leads_to_what_was_made(author):
    client = signed_in(author, raise_request_exception=False)
    client.post(reverse("documents:new"), new_document(author, "t" * 20))
    again = client.post(reverse("documents:new"), new_document(author, "t" * 20) | {"title": "Once more"})
    assert again.status_code == 302
    assert Document.objects.get().code in again["Location"]
    other = client.post(reverse("documents:new"), new_document(author, "u" * 20))
    assert other.status_code == 302
    assert Document.objects.count() == 2


def test_flt_12_a_form_of_somebody_else_is_refused_and_changes_nothing(author, owner):
    signed_in(owner).post(reverse("documents:new"), new_document(owner, "t" * 20))
    answer = signed_in(author, raise_request_exception=False).post(
        reverse("documents:new"), new_document(author, "t" * 20) | {"title": "Mine"}
    )
    assert answer.status_code == 422
    assert Document.objects.get().created_by == owner


@pytest.mark.parametrize("code", ["", "SOP-900"])
def test_flt_12_a_program_that_asks_again_too_soon_is_told_of_the_one_document(author, code):
    _token, text = ApiToken.make(author, name="test", scope="write")
    headers = {"Authorization": f"Bearer {text}", "Idempotency-Key": "once"}
    sent = {"kind": "sop", "title": "Once", "code": code}
    clients = [Client(headers=headers, raise_request_exception=False) for _try in range(4)]
    answers = at_once(*(lambda c=c: c.post("/api/documents", sent, content_type="application/json") for c in clients))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert {answer.json()["code"] for answer in answers} == {Document.objects.get().code}


def test_flt_12_a_comment_that_was_sent_twice_is_said_once(author, owner, approver, reader):
    address = reverse("core:comments", args=[entry_of(released(author, owner, approver).document).pk])
    sent = {"text": "How cold is cold?", "form_token": "c" * 20}
    clients = [signed_in(reader) for _click in range(3)]
    answers = at_once(*(lambda c=c: c.post(address, sent) for c in clients))
    answers.append(signed_in(reader).post(address, sent))
    assert [answer.status_code for answer in answers] == [302] * 4
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(("moment", "stored"), [("before", 0), ("after", 1)])
@pytest.mark.faults
def test_flt_01_a_process_killed_around_its_commit_has_stored_all_or_nothing(author, moment, stored):
    client = signed_in(author, raise_request_exception=False)
    session, token = client.cookies["sessionid"].value, "k" * 20
    environment = os.environ | {
        "PORTAL_DATABASE_NAME": connections["default"].settings_dict["NAME"],
        "DJANGO_SETTINGS_MODULE": "processportal.settings",
    }
    command = [sys.executable, "-c", KILLED, moment, session, token, author.email]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == -9, done.stdout + done.stderr[-2000:]
    assert Document.objects.count() == FormToken.objects.count() == stored
    for _again in range(2):
        answer = client.post(reverse("documents:new"), new_document(author, token))
        assert answer.status_code == 302
    document = Document.objects.get()
    assert document.code in answer["Location"]
    assert document.versions.count() == 1
