"""An import is killed in the middle, and the next one of the same files makes it up: nothing twice, nothing lost."""

import json
import os
import signal
from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from core import jobs
from core.jobs import run_waiting
from core.models import Attachment, Job, LedgerLine
from core.verification import check_names
from documents.models import Document, State, Version
from people.groups import ensure_groups
from sops import import_run
from sops.import_plan import Options
from sops.import_run import Importer, import_path
from sops.models import ImportRun, ImportSettings, ReservedNumber
from tests.cast import PASSWORD, retype, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

RECEIVING = (
    "---\nnumber: SOP-INB-014\nversion: 3.1\neffective: 2024-03-01\nnext_review: 2027-01-31\n---\n"
    "# Receiving cold goods\n\n1. Open the bay.\n\nSee [the scale](scale.md).\n"
)


@pytest.fixture(autouse=True)
def groups(transactional_db):
    ensure_groups()


@pytest.fixture
def folder(tmp_path):
    book = tmp_path / "book"
    book.mkdir()
    (book / "receiving.md").write_text(RECEIVING)
    (book / "scale.md").write_text("# The scale\n\nTwice a day.\n")
    return book


def die(*_arguments, **_options):
    os.kill(os.getpid(), signal.SIGKILL)


def killed(work, *places, after=0):
    """Do the work in a process of its own, which dies as with kill -9 at one of these places, when it comes there for
    the time after so many."""
    connections.close_all()  # the child must not share this process's connection
    child = os.fork()
    if child == 0:
        times = 0

        def wrapped(really):
            def step(*arguments, **options):
                nonlocal times
                times += 1
                if times > after:
                    die()
                return really(*arguments, **options)

            return step

        for owner, name in places:
            setattr(owner, name, wrapped(getattr(owner, name)))
        try:
            work()
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def run(path, *options):
    """The counts of the command, and what it said."""
    said = StringIO()
    try:
        call_command("import_documents", str(path), "--json", *options, stdout=said)
    except SystemExit:
        said.write("\n")
    return json.loads(said.getvalue().strip().splitlines()[-1]), said.getvalue()


def counts(read, created=0, updated=0, unchanged=0, refused=0):
    return {"read": read, "created": created, "updated": updated, "unchanged": unchanged, "refused": refused}


def problems():
    said = StringIO()
    try:
        # The people of the tests came without a line in the audit log.
        call_command("verify", *sorted({*check_names()} - {"people"}), "--json", stdout=said)
    except SystemExit:
        return said.getvalue()
    return ""


def in_force():
    return {document.code: document.version_in_force().number for document in Document.objects.all()}


def test_killed_between_the_drafts_and_their_taking_effect_is_made_up_by_the_next_run(author, folder):
    killed(lambda: run(folder, "--as-effective"), (Importer, "_adopt"))
    assert {version.state for version in Version.objects.all()} == {State.DRAFT}
    assert run(folder, "--dry-run", "--as-effective")[0] == counts(2, updated=2)
    assert run(folder)[0] == counts(2, unchanged=2)  # drafts were all that was asked for
    result, said = run(folder, "--as-effective")
    assert result == counts(2, updated=2), said
    assert "updated in force SOP-INB-014" in said
    assert in_force() == {"SOP-INB-014": "3.1", "SOP-001": "1.0"}
    receiving = Document.objects.get(code="SOP-INB-014")
    assert str(receiving.review_due_on) == "2027-01-31"
    assert [version.sequence for version in receiving.versions.all()] == [1]
    assert str(receiving.version_in_force().effective_on) == "2024-03-01"
    assert Attachment.objects.filter(purpose="original").count() == 2
    assert LedgerLine.objects.filter(event="imported").count() == 2
    assert LedgerLine.objects.filter(event="adopt").count() == 2
    assert run(folder, "--as-effective")[0] == counts(2, unchanged=2)
    assert problems() == ""


def test_killed_before_the_drafts_gives_the_same_numbers_the_next_time(author, folder, department):
    killed(lambda: run(folder, "--as-effective"), (Importer, "_write"))
    assert ReservedNumber.objects.get().code == "SOP-001"
    (folder / "apples.md").write_text("# Apples\n\nCount them.\n")
    assert run(folder, "--as-effective")[0] == counts(3, created=3)
    assert set(Document.objects.values_list("code", "title")) == {
        ("SOP-001", "The scale"),
        ("SOP-002", "Apples"),
        ("SOP-INB-014", "Receiving cold goods"),
    }
    assert 'href="/documents/SOP-001/"' in Version.objects.get(title="Receiving cold goods").body_bytes().decode()
    assert not ReservedNumber.objects.exists()
    assert problems() == ""


def test_a_number_kept_for_a_source_is_not_given_to_it_in_another_department(author, folder, department):
    killed(lambda: run(folder), (Importer, "_write"))
    assert run(folder, "--department", "INB")[0] == counts(2, created=2)
    assert Document.objects.get(title="The scale").code == "SOP-INB-001"


def test_rows_of_which_some_came_in_and_some_took_effect(author, tmp_path, monkeypatch):
    monkeypatch.setattr(import_run, "LINES_AT_ONCE", 3)
    path = tmp_path / "handbook.jsonl"
    rows = [{"id": f"p{n}", "title": f"Procedure {n}", "body": f"1. Do {n}.", "version": "2"} for n in range(8)]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    # Three have taken effect, three are drafts when it dies.
    options = Options(as_effective=True)
    killed(lambda: import_path(path, options, by=author), (Importer, "_adopt"), after=1)
    assert Version.objects.filter(state=State.DRAFT).count() == 3
    assert run(path, "--as-effective")[0] == counts(8, created=2, updated=3, unchanged=3)
    assert set(in_force().values()) == {"2.0"}
    assert sorted(in_force()) == [f"SOP-{n:03d}" for n in range(1, 9)]
    assert problems() == ""


def test_a_new_version_of_what_is_in_force_waits_as_a_draft_and_is_made_up(author, folder):
    run(folder, "--as-effective")
    newer = RECEIVING.replace("3.1", "3.2").replace("2024-03-01", "2025-03-01").replace("Open", "Unlock")
    (folder / "receiving.md").write_text(newer)
    killed(lambda: run(folder, "--as-effective"), (Importer, "_adopt"))
    assert in_force()["SOP-INB-014"] == "3.1"
    assert run(folder, "--as-effective")[0] == counts(2, updated=1, unchanged=1)
    assert in_force()["SOP-INB-014"] == "3.2"
    assert Document.objects.get(code="SOP-INB-014").versions.count() == 2
    assert problems() == ""


def test_a_worker_killed_in_between_is_made_up_and_undo_knows_all(author, folder, make_person):
    ImportSettings.allow_effective(True, by=None)
    client, second = signed_in(author), make_person("Sam Second", "staff", "officer")
    uploads = [SimpleUploadedFile(file.name, file.read_bytes()) for file in sorted(folder.iterdir())]
    client.post(reverse("sops:import"), {"files": uploads, "form_token": "t", "as_effective": "on"})
    run_waiting()
    stored = ImportRun.objects.get()
    for one in (client, signed_in(second)):
        one.post(reverse("sops:import-apply", args=[stored.pk]), {"password": PASSWORD})
    killed(run_waiting, (Importer, "_adopt"))
    assert {version.state for version in Version.objects.all()} == {State.DRAFT}
    Job.objects.update(lease_until=timezone.now() - jobs.LEASE - timedelta(seconds=1))
    run_waiting()
    stored = ImportRun.objects.get()
    assert (stored.stage, stored.counts) == ("applied", {"read": 2, "created": 2})
    assert {row.is_adopted for row in stored.rows.all()} == {True}
    assert in_force() == {"SOP-INB-014": "3.1", "SOP-001": "1.0"}
    assert problems() == ""
    client.post(reverse("sops:import-undo", args=[stored.pk]), {"password": PASSWORD, "reason": "Wrong files"})
    run_waiting()
    assert all(document.is_retired for document in Document.objects.all())


def test_drafts_of_an_import_take_effect_later_unless_somebody_worked_on_them(author, owner, folder):
    run(folder)
    scale = Document.objects.get(title="The scale")
    retype(scale.open_version(), author, b"<p>Thrice a day.</p>")
    result, said = run(folder, "--as-effective", "--dry-run")
    assert result == counts(2, updated=1, refused=1)
    assert "The draft that was imported before takes effect." in said
    result, said = run(folder, "--as-effective")
    assert result == counts(2, updated=1, refused=1)
    assert "Somebody has worked on the draft of SOP-001 since it was imported" in said
    assert Document.objects.get(code="SOP-INB-014").version_in_force().number == "3.1"
    scale.open_version().move("discard", by=author)
    assert run(folder, "--as-effective")[0] == counts(2, updated=1, unchanged=1)
    assert b"Twice a day" in scale.version_in_force().body_bytes()
    assert problems() == ""
