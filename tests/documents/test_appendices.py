"""Files that belong to one version: signed with it, read by who may read it, kept by the next draft."""

from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from core.catalog import entry_of
from core.jobs import run_waiting
from core.lifecycle import NotAllowed, Refused, WrongState
from core.search import search
from core.verification import run_checks
from documents.appendices import add_appendix, differences, remove_appendix
from documents.drafting import open_draft, save_draft
from documents.models import Appendix, Document, Version
from tests.cast import approve, new_draft

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def sheet(name="checklist.csv", text="station;reading\n1;4\n"):
    return SimpleUploadedFile(name, text.encode())


def names(version):
    return [str(appendix) for appendix in version.appendices.all()]


@pytest.fixture
def draft(author, owner):
    return new_draft(author, owner)


@pytest.fixture
def in_force(draft, author, approver):
    add_appendix(draft, sheet(), by=author)
    return approve(draft, author, approver)


def test_the_signature_vouches_for_name_and_content_of_each_appendix(draft, author):
    bare = draft.compute_manifest_hash()
    first = add_appendix(draft, sheet(), by=author)
    assert draft.manifest()["appendices"] == [["checklist.csv", first.attachment.sha256]]
    with_one = draft.compute_manifest_hash()
    remove_appendix(first, by=author)
    add_appendix(draft, sheet(text="another reading"), by=author)
    assert len({bare, with_one, draft.compute_manifest_hash()}) == 3


def test_the_next_draft_starts_with_them_and_what_is_in_force_keeps_its_own(in_force, author):
    draft = open_draft(in_force.document, by=author)
    assert names(draft) == ["checklist.csv"]
    remove_appendix(draft.appendices.get(), by=author)
    add_appendix(draft, sheet("form.csv"), by=author)
    assert (names(draft), names(in_force)) == (["form.csv"], ["checklist.csv"])
    assert [(d.kind, d.name) for d in differences(in_force, draft)] == [("cut", "checklist.csv"), ("add", "form.csv")]


def test_an_appendix_replaced_under_its_name_is_a_change(in_force, author):
    draft = open_draft(in_force.document, by=author)
    assert differences(in_force, draft) == []
    remove_appendix(draft.appendices.get(), by=author)
    add_appendix(draft, sheet(text="other"), by=author)
    assert [(d.kind, d.name) for d in differences(in_force, draft)] == [("edit", "checklist.csv")]


def test_only_a_draft_changes_and_only_by_who_may_change_it(in_force, draft, author, reader):
    with pytest.raises(WrongState):
        add_appendix(in_force, sheet("late.csv"), by=author)
    with pytest.raises(WrongState):
        remove_appendix(in_force.appendices.get(), by=author)
    with pytest.raises(NotAllowed):
        add_appendix(open_draft(in_force.document, by=author), sheet("theirs.csv"), by=reader)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM documents_appendix WHERE version_id = %s",
        "UPDATE documents_appendix SET attachment_id = attachment_id WHERE version_id = %s",
        "INSERT INTO documents_appendix (version_id, attachment_id) SELECT version_id, gen_random_uuid() "
        "FROM documents_appendix WHERE version_id = %s",
    ],
)
def test_the_database_refuses_a_change_after_submission(in_force, statement):
    with pytest.raises(DatabaseError, match="only while it is a draft"), transaction.atomic():
        connection.cursor().execute(statement, [in_force.pk])


def test_a_name_twice_and_a_file_that_is_not_what_it_says_are_refused(draft, author):
    add_appendix(draft, sheet(), by=author)
    with pytest.raises(Refused, match="checklist.csv"):
        add_appendix(draft, sheet(), by=author)
    with pytest.raises(Refused):
        add_appendix(draft, SimpleUploadedFile("drawing.png", b"<script>"), by=author)
    assert names(draft) == ["checklist.csv"]


def test_readers_get_what_is_released_and_nothing_of_the_draft(client, in_force, author, reader, owner):
    draft = open_draft(in_force.document, by=author)
    new = add_appendix(draft, sheet("secret.csv"), by=author)
    released = in_force.appendices.get().attachment.get_absolute_url()
    client.force_login(reader)
    assert client.get(released).status_code == 200
    assert client.get(new.attachment.get_absolute_url()).status_code == 404
    assert b"secret.csv" not in client.get(in_force.document.get_absolute_url()).content
    client.force_login(owner)
    assert client.get(new.attachment.get_absolute_url()).status_code == 200


def test_a_picture_of_a_draft_is_not_given_to_readers_before_its_release(client, in_force, author, approver, reader):
    draft = open_draft(in_force.document, by=author, reason="A picture")
    client.force_login(author)
    address = f"{reverse('core:attachment-new')}?record={entry_of(draft.document).pk}&purpose=image"
    file = SimpleUploadedFile("dock.png", PICTURE)
    url = client.post(address, {"file": file}, headers={"accept": "application/json"}).json()["url"]
    body = f'<p>See.</p><img src="{url}" alt="Dock">'.encode()
    save_draft(draft, by=author, row_version=draft.row_version, body=body)
    assert client.get(url).status_code == 200
    client.force_login(reader)
    assert client.get(url).status_code == 404
    released = approve(Version.objects.get(pk=draft.pk), author, approver)
    assert client.get(url).status_code == 200
    assert [digest for _id, digest in released.manifest()["pictures"]]


def test_the_words_of_an_appendix_are_found_when_its_version_is_in_force(in_force, author, approver, reader):
    draft = open_draft(in_force.document, by=author, reason="New form")
    add_appendix(draft, sheet("form.csv", "zeppelin;hangar"), by=author)
    run_waiting()
    assert search(reader, "zeppelin").count == 0
    approve(draft, author, approver)
    assert search(reader, "zeppelin").count == 1


def test_in_the_pages_a_file_is_added_shown_and_taken_out(client, draft, author):
    client.force_login(author)
    address = reverse("documents:appendices", args=[draft.document.code, draft.sequence])
    assert b"No appendix yet" in client.get(address).content
    assert client.post(address).status_code == 422
    assert client.post(address, {"file": sheet()}).status_code == 302
    assert b"checklist.csv" in client.get(draft.get_absolute_url()).content
    again = client.post(address, {"file": sheet()})
    assert (again.status_code, b"already" in again.content) == (422, True)
    appendix = draft.appendices.get()
    gone = reverse("documents:appendix-remove", args=[draft.document.code, draft.sequence, appendix.pk])
    assert client.post(gone).status_code == 302
    assert not Appendix.objects.exists()


def complaints():
    return [finding.message for finding in run_checks(["documents"])["documents"]]


def test_verify_finds_what_is_not_what_was_signed(in_force):
    assert complaints() == []
    in_force.document.rename_code("SOP-OTHER-1", by=None)
    assert complaints() == []  # another number since then is no other content
    Document.objects.filter(pk=in_force.document_id).update(kind="policy")
    assert complaints() == ["SOP-OTHER-1 1.0 (sequence 1) is not what was signed."]


@pytest.mark.django_db(transaction=True)
def test_verify_finds_a_release_that_nobody_signed(draft, author, as_database_owner):
    before = {"approver": "E. Former", "approved_on": "2019-03-01"}
    author.groups.add(Group.objects.get(name="officer"))
    draft.move("adopt", by=author, number="3", effective_on=date(2019, 3, 1), approved_before=before)
    assert complaints() == []
    as_database_owner(
        "ALTER TABLE documents_version DISABLE TRIGGER USER",
        "UPDATE documents_version SET approved_before = NULL",
        "ALTER TABLE documents_version ENABLE TRIGGER USER",
    )
    assert complaints() == [f"Nobody signed {draft.document.code} 3.0 (sequence 1) as it is."]


@pytest.mark.django_db(transaction=True)
def test_verify_finds_altered_bytes(draft, author, approver, as_database_owner):
    version = approve(draft, author, approver)
    as_database_owner(
        "ALTER TABLE documents_content DISABLE TRIGGER USER",
        "UPDATE documents_content SET bytes = 'Anything goes.'",
        "ALTER TABLE documents_content ENABLE TRIGGER USER",
    )
    assert complaints() == [f"The content {version.content_id} was altered."]
