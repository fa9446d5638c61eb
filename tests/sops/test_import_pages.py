"""Importing in the browser: look first, bring in, undo; and who may."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from core import jobs
from core.jobs import run_waiting
from core.models import Attachment, Job, LedgerLine
from documents.drafting import open_draft
from documents.models import Document, State
from people.models import Person
from sops.models import ImportRow, ImportRun, ImportSettings
from tests.cast import PASSWORD, new_draft, released, retype, signed_in

RECEIVING = (
    b"---\ntitle: Receiving cold goods\nnumber: SOP-INB-014\nversion: 3.1\neffective: 2024-03-01\n"
    b"approved_by: Quinn Approver\nowner: Nobody Known\n---\n\n1. Open the bay.\n2. Measure.\n"
)
SCALE = b"# The scale\n\nTwice a day.\n"


@pytest.fixture(autouse=True)
def files_of_this_test(settings, tmp_path_factory):
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")


@pytest.fixture(autouse=True)
def imports_may_take_effect(db):
    ImportSettings.allow_effective(True, by=None)


@pytest.fixture
def officer(client, author):
    client.force_login(author)
    return client


def send(client, *files, **fields):
    """Upload files; the address of the run."""
    uploads = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post(reverse("sops:import"), {"files": uploads, "form_token": "t", **fields})


def checked(client, *files, **fields):
    """An import that was looked at, as stored."""
    answer = send(client, *files, **fields)
    assert answer.status_code == 302, answer.content.decode()
    run_waiting()
    return ImportRun.objects.select_related("job").get()


def apply(client, pk):
    """Press the button; what takes effect at once is signed, and by a second officer too."""
    address = reverse("sops:import-apply", args=[pk])
    client.post(address, {"password": PASSWORD})
    if not ImportRun.objects.get(pk=pk).as_effective:
        return
    second = Person.objects.filter(email="second@example.org").first()
    if second is None:
        second = Person.objects.create_user("second@example.org", PASSWORD, name="Second Officer")
        second.groups.add(Group.objects.get(name="officer"))
    signed_in(second).post(address, {"password": PASSWORD})


def applied(client, *files, **fields):
    run = checked(client, *files, **fields)
    apply(client, run.pk)
    run_waiting()
    return ImportRun.objects.select_related("job").get(pk=run.pk)


def undone(client, run):
    client.post(reverse("sops:import-undo", args=[run.pk]), {"password": PASSWORD, "reason": "Wrong files"})
    run_waiting()
    return ImportRun.objects.get(pk=run.pk)


def test_nothing_changes_until_one_has_looked(officer):
    run = checked(officer, ("receiving.md", RECEIVING), ("scale.md", SCALE))
    assert run.stage == "checked"
    assert run.counts == {"read": 2, "created": 2, "updated": 0, "unchanged": 0, "refused": 0}
    assert not Document.objects.exists()
    page = officer.get(run.get_absolute_url()).content.decode()
    for words in ("Nothing has changed yet", "SOP-INB-014", "3.1", "1 Mar 2024", "Quinn Approver", "Nobody Known"):
        assert words in page
    officer.post(reverse("sops:import-apply", args=[run.pk]))
    run_waiting()
    run = ImportRun.objects.get()
    assert run.stage == "applied"
    assert {row.outcome for row in run.rows.all()} == {"created"}
    document = Document.objects.get(code="SOP-INB-014")
    assert document.versions.get().state == State.DRAFT
    assert document.get_absolute_url() in officer.get(run.get_absolute_url()).content.decode()
    assert Attachment.objects.filter(purpose="original").count() == 2
    assert not run.file


def test_a_page_that_waits_asks_again_and_works_without_script(officer):
    answer = send(officer, ("scale.md", SCALE))
    page = officer.get(answer["Location"]).content.decode()
    assert "Looking" in page
    assert 'hx-trigger="every 2s"' in page
    assert "Look again" in page
    part = officer.get(answer["Location"], headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="import-run"')


def test_the_same_form_twice_is_one_import(officer):
    assert send(officer, ("scale.md", SCALE))["Location"] == send(officer, ("scale.md", SCALE))["Location"]
    assert ImportRun.objects.count() == 1


def test_the_apply_button_twice_imports_once(officer):
    run = checked(officer, ("scale.md", SCALE))
    for _ in range(2):
        officer.post(reverse("sops:import-apply", args=[run.pk]))
    run_waiting()
    assert Document.objects.count() == 1
    assert Job.objects.filter(kind="sops.apply_import").count() == 1
    assert officer.post(reverse("sops:import-apply", args=[run.pk])).status_code == 409


def test_undo_discards_drafts_and_the_numbers_stay_used(officer, author):
    run = undone(officer, applied(officer, ("receiving.md", RECEIVING), ("scale.md", SCALE)))
    assert run.stage == "undone"
    assert {document.versions.get().state for document in Document.objects.all()} == {State.DISCARDED}
    assert LedgerLine.objects.filter(event="discard", reason="Import undone").count() == 2
    assert new_draft(author, author, department=None).document.code == "SOP-002"
    again = applied_again(officer, ("scale.md", SCALE))
    assert again.counts["updated"] == 1
    assert Document.objects.get(title="The scale").open_version().sequence == 2


def applied_again(client, *files, **fields):
    answer = send(client, *files, form_token="another", **fields)
    run_waiting()
    pk = int(answer["Location"].rstrip("/").split("/")[-1])
    apply(client, pk)
    run_waiting()
    return ImportRun.objects.get(pk=pk)


def test_undo_retires_what_took_effect_and_leaves_what_has_moved(officer, author):
    run = applied(officer, ("receiving.md", RECEIVING), ("scale.md", SCALE), as_effective="on")
    assert {row.is_adopted for row in run.rows.all()} == {True}
    scale = Document.objects.get(title="The scale")
    open_draft(scale, by=author, reason="since")
    undone(officer, run)
    receiving = Document.objects.get(code="SOP-INB-014")
    assert receiving.is_retired
    assert receiving.retire_reason == "Import undone"
    scale.refresh_from_db()
    assert not scale.is_retired
    page = officer.get(run.get_absolute_url()).content.decode()
    assert "1 document has moved on since" in page
    assert "retire or replace it by hand" in page


def test_what_takes_the_place_of_a_version_in_force_says_before_and_after_that_undo_does_not_bring_it_back(officer):
    first = applied(officer, ("receiving.md", RECEIVING), as_effective="on")
    newer = RECEIVING.replace(b"3.1", b"3.2").replace(b"2024-03-01", b"2025-03-01").replace(b"Measure", b"Weigh")
    send(officer, ("receiving.md", newer), as_effective="on", form_token="again")
    run_waiting()
    run = ImportRun.objects.exclude(pk=first.pk).get()
    assert "Undoing the import does not bring that back" in officer.get(run.get_absolute_url()).content.decode()
    apply(officer, run.pk)
    run_waiting()
    undone(officer, run)
    row = run.rows.get()
    assert (row.undo, "took the place of version 3.1" in row.undo_reason) == ("left", True)
    document = Document.objects.get()
    assert (document.version_in_force().number, document.is_retired) == ("3.2", False)


def test_undo_leaves_a_draft_that_somebody_wrote_in(officer, author):
    run = applied(officer, ("scale.md", SCALE))
    retype(Document.objects.get().versions.get(), author, b"<p>Thrice a day.</p>")
    undone(officer, run)
    row = ImportRow.objects.get()
    assert (row.undo, row.undo_reason) == ("left", "Somebody has worked on it since.")
    assert Document.objects.get().open_version().state == State.DRAFT


def test_undo_ends_after_a_month_and_happens_once(officer):
    run = applied(officer, ("scale.md", SCALE))
    ImportRun.objects.update(applied_at=timezone.now() - timedelta(days=31))
    assert officer.post(reverse("sops:import-undo", args=[run.pk])).status_code == 409
    assert ImportRun.objects.get().stage == "applied"


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([("tool.exe", b"MZ")], "cannot be imported"),
        ([("wrong.docx", b"no archive")], "content is something else"),
        ([("book.zip", b"no archive")], "damaged or is not an archive"),
        ([("lines.jsonl.gz", b"{}")], "not what the name says"),
        ([("a.md", SCALE), ("A.md", SCALE)], "have the same name"),
        ([("a.md", SCALE), ("b.jsonl", b"{}")], "on its own"),
        ([], "Choose at least one file"),
    ],
)
def test_a_wrong_upload_is_refused_in_the_page(officer, files, why):
    answer = send(officer, *files, kind="policy")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert why in page
    assert '<option value="policy" selected' in page
    assert not ImportRun.objects.exists()


def test_neg_29_a_bomb_is_refused_before_it_is_stored(officer, settings):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.md", b"0" * 40 * 1024 * 1024)
    answer = send(officer, ("bomb.zip", bomb.getvalue()))
    assert answer.status_code == 422
    assert "times its size" in answer.content.decode()
    assert not list(settings.MEDIA_ROOT.rglob("*"))


def test_lines_come_in_and_a_bad_line_is_named(officer):
    data = b"\n".join(
        [json.dumps({"id": f"a/{n}", "title": f"T {n}", "body": "x"}).encode() for n in range(3)] + [b"{"]
    )
    run = applied(officer, ("many.jsonl", data))
    assert run.counts == {"read": 4, "created": 3, "refused": 1}
    page = officer.get(run.get_absolute_url() + "?show=refused").content.decode()
    assert "Not JSON" in page
    assert "T 1" not in page


def test_who_may_import_and_who_may_see_it(client, author, reader, owner, auditor):
    client.force_login(author)
    run = checked(client, ("scale.md", SCALE))
    apply_address = reverse("sops:import-apply", args=[run.pk])
    for person in (reader, auditor):
        client.force_login(person)
        assert client.get(reverse("sops:import")).status_code == 403
        assert send(client, ("scale.md", SCALE)).status_code == 403
        assert client.get(run.get_absolute_url()).status_code == 404
        assert client.post(apply_address).status_code == 404
        assert b'href="/import/"' not in client.get(reverse("documents:list")).content
    client.force_login(owner)
    assert b"as_effective" not in client.get(reverse("sops:import")).content
    assert client.get(run.get_absolute_url()).status_code == 404
    assert ImportRun.objects.get().stage == "checked"


def test_rows_of_what_became_confidential_are_gone_for_who_may_not_see_it(client, author, make_person):
    client.force_login(author)
    run = applied(client, ("receiving.md", RECEIVING))
    document = Document.objects.get()
    document.audience = "named"
    document.save(by=author)
    document.refresh_audience()
    client.force_login(make_person("Olaf Officer", "officer"))
    page = client.get(run.get_absolute_url()).content.decode()
    assert "SOP-INB-014" not in page
    assert "Receiving cold goods" not in page


def killed_before_its_rows_are_written(monkeypatch):
    """The waiting job writes everything and dies before it keeps what became of each row."""

    class Killed(BaseException):
        pass

    def die(*arguments, **fields):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("sops.import_jobs._keep_row", die)
        with pytest.raises(Killed):
            run_waiting()


def test_a_killed_worker_brings_nothing_in_twice_and_undo_knows_all(officer, monkeypatch):
    """FLT: the job is taken up again after everything was written but before its rows were."""
    run = checked(officer, ("receiving.md", RECEIVING), ("scale.md", SCALE))
    officer.post(reverse("sops:import-apply", args=[run.pk]))
    killed_before_its_rows_are_written(monkeypatch)
    assert Document.objects.count() == 2
    Job.objects.update(lease_until=timezone.now() - jobs.LEASE)
    run_waiting()
    assert Document.objects.count() == 2
    assert ImportRun.objects.get().counts == {"read": 2, "created": 2}
    undone(officer, run)
    assert {document.versions.get().state for document in Document.objects.all()} == {State.DISCARDED}


def test_uploads_nobody_imported_are_removed_after_a_week(officer, settings):
    checked(officer, ("scale.md", SCALE))
    ImportRun.objects.update(asked_at=timezone.now() - timedelta(days=8))
    send(officer, ("other.md", SCALE), form_token="other")
    assert [bool(run.file) for run in ImportRun.objects.order_by("pk")] == [False, True]


def test_drafts_of_an_earlier_import_take_effect_and_undoing_retires_them(officer, author):
    first = applied(officer, ("receiving.md", RECEIVING), ("scale.md", SCALE))
    send(officer, ("receiving.md", RECEIVING), ("scale.md", SCALE), form_token="again", as_effective="on")
    run_waiting()
    run = ImportRun.objects.exclude(pk=first.pk).get()
    assert run.counts["updated"] == 2
    page = officer.get(run.get_absolute_url()).content.decode()
    assert "The draft that was imported before takes effect." in page
    assert "No version is stated; it becomes 1.0." in page
    apply(officer, run.pk)
    run_waiting()
    run.refresh_from_db()
    assert run.counts == {"read": 2, "updated": 2}
    assert {row.is_adopted for row in run.rows.all()} == {True}
    assert "In force" in officer.get(run.get_absolute_url()).content.decode()
    undone(officer, first)
    assert {row.undo_reason for row in first.rows.all()} == {"Somebody has worked on it since."}
    undone(officer, run)
    assert all(document.is_retired for document in Document.objects.all())


def test_a_worker_killed_after_drafts_took_effect_knows_what_it_did(officer, monkeypatch):
    applied(officer, ("scale.md", SCALE))
    send(officer, ("scale.md", SCALE), form_token="again", as_effective="on")
    run_waiting()
    run = ImportRun.objects.latest("pk")
    apply(officer, run.pk)
    killed_before_its_rows_are_written(monkeypatch)
    Job.objects.update(lease_until=timezone.now() - jobs.LEASE)
    run_waiting()
    run.refresh_from_db()
    row = run.rows.get()
    assert (run.counts, row.is_adopted) == ({"read": 1, "updated": 1}, True)
    assert row.version == Document.objects.get().version_in_force()


def test_a_number_in_use_is_named_in_its_row(officer, author, owner, approver):
    released(author, owner, approver, code="SOP-INB-014")
    run = checked(officer, ("receiving.md", RECEIVING))
    assert run.counts["refused"] == 1
    page = officer.get(run.get_absolute_url()).content.decode()
    assert "is or was used by another source" in page
    assert "Import them" not in page
