"""Files of a record: taken in with care, given out only to who may see the record at that moment."""

import errno
import hashlib
import os
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core import attachments, catalog
from core.attachment_check import check_attachments, remove_orphans
from core.jobs import run_waiting
from core.lifecycle import Refused
from core.models import Attachment, CatalogText, LedgerLine
from tests.cast import released

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
PDF_WITH_SCRIPT = b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF"


@pytest.fixture
def entry(author, owner, approver):
    return catalog.entry_of(released(author, owner, approver).document)


@pytest.fixture
def secret(author, owner, approver):
    return catalog.entry_of(released(author, owner, approver, audience="named").document)


def keep(entry, owner, name="list.txt", content=b"frozen peas", **more):
    return attachments.store(ContentFile(content, name), entry, by=owner, **more)


def upload(client, entry, name, content, **headers):
    address = f"{reverse('core:attachment-new')}?record={entry.pk}"
    return client.post(address, {"file": SimpleUploadedFile(name, content)}, headers=headers)


def stored_files():
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_file_is_kept_with_its_hash_and_a_line_in_the_ledger(entry, owner, client):
    client.force_login(owner)
    assert upload(client, entry, "list.txt", b"frozen peas").status_code == 302
    kept = Attachment.objects.get()
    assert kept.sha256 == hashlib.sha256(b"frozen peas").hexdigest()
    assert LedgerLine.objects.get(event="attached").content_hash == kept.sha256
    assert stored_files()[0].name == kept.pk.hex  # nothing of the name that was sent reaches the disk
    page = client.get(reverse("core:attachments", args=[entry.pk])).content.decode()
    assert "list.txt" in page


def test_the_editor_gets_the_address_of_its_picture_as_json(entry, owner, client):
    client.force_login(owner)
    answer = upload(client, entry, "cold.png", PNG, Accept="application/json")
    assert answer.status_code == 201
    assert answer.json()["name"] == "cold.png"
    assert client.get(answer.json()["url"]).headers["Content-Type"] == "image/png"
    refused = upload(client, entry, "cold.png", b"<html>", Accept="application/json")
    assert refused.status_code == 422
    assert "content is something else" in str(refused.json()["errors"]["file"])


def test_neg_09_a_file_is_given_only_to_who_sees_its_record_now(entry, owner, reader, client):
    kept = keep(entry, owner)
    client.force_login(reader)
    assert b"".join(client.get(kept.get_absolute_url())) == b"frozen peas"
    entry.audience_keys = [f"person:{owner.pk}"]
    entry.save()
    assert client.get(kept.get_absolute_url()).status_code == 404
    tag = f'"{kept.sha256}"'
    assert client.get(kept.get_absolute_url(), headers={"If-None-Match": tag}).status_code == 404
    assert client.get(f"/media/{kept.file.name}").status_code == 404
    assert client.get(f"/attachments/{kept.file.name}").status_code == 404
    client.logout()
    assert client.get(kept.get_absolute_url()).status_code == 302


def test_neg_06_nobody_attaches_to_what_they_may_not_see_or_may_only_read(secret, entry, reader, client):
    client.force_login(reader)
    for record in (secret, entry):
        assert upload(client, record, "list.txt", b"frozen peas").status_code == 404
    assert not Attachment.objects.exists()
    assert not stored_files()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("x.html", b"<html><script>alert(1)</script></html>"),
        ("x.xhtml", b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>"),
        ("x.xml", b"<?xml version='1.0'?><a/>"),
        ("x.pdf", PDF_WITH_SCRIPT),
    ],
)
def test_neg_21_what_could_act_is_refused_or_sent_so_that_it_cannot(entry, owner, client, name, content):
    client.force_login(owner)
    upload(client, entry, name, content)
    for kept in Attachment.objects.all():
        answer = client.get(kept.get_absolute_url())
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cold.png", b"<svg onload=alert(1)>"),
        ("a.exe", b"MZ"),
        ("report.pdf", b"<html>"),
        ("noextension", b"x"),
        ("a.docx", b"PK\x03\x04x"),
    ],
)
def test_neg_21_a_file_that_is_not_what_its_name_says_is_refused(entry, owner, name, content):
    with pytest.raises(Refused):
        keep(entry, owner, name, content)
    assert not stored_files()


def test_a_name_with_folders_and_direction_signs_becomes_a_plain_one(entry, owner, client):
    kept = keep(entry, owner, "..\\..//etc/\u202epass:wd.txt")
    assert kept.name == "pass wd.txt"
    assert attachments.clean_name("a" * 400 + ".pdf").endswith(".pdf")
    client.force_login(owner)
    assert client.get(kept.get_absolute_url()).status_code == 200


def test_neg_31_an_upload_above_the_limit_is_refused_with_the_limit_and_leaves_nothing(
    entry, owner, client, settings, tmp_path
):
    settings.PORTAL_UPLOAD_LIMIT = 1024**2
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "uploads")
    os.mkdir(settings.FILE_UPLOAD_TEMP_DIR)
    client.force_login(owner)
    answer = upload(client, entry, "big.txt", b"x" * (3 * 1024**2))
    assert answer.status_code == 413
    assert "1 MB" in answer.content.decode()
    answer = upload(client, entry, "big.txt", b"x" * (1024**2 + 1))  # within what a form may have around its file
    assert answer.status_code == 422
    assert "1 MB" in answer.content.decode()
    assert not Attachment.objects.exists()
    assert not stored_files()
    assert not os.listdir(settings.FILE_UPLOAD_TEMP_DIR)


def test_neg_31_five_hundred_files_at_once_are_refused(entry, owner, client):
    client.force_login(owner)
    files = {f"file{n}": SimpleUploadedFile(f"{n}.txt", b"x") for n in range(500)}
    assert client.post(f"{reverse('core:attachment-new')}?record={entry.pk}", files).status_code in (400, 413)
    assert not Attachment.objects.exists()


def test_flt_07_a_full_disk_leaves_neither_row_nor_part_of_a_file(entry, owner, client, monkeypatch):
    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("core.file_storage.os.fsync", full)
    client.force_login(owner)
    answer = upload(client, entry, "list.txt", b"frozen peas")
    assert answer.status_code == 422
    assert "could not be stored" in answer.content.decode()
    assert not Attachment.objects.exists()
    assert not stored_files()


def test_flt_07_a_row_that_cannot_be_written_takes_its_file_along(entry, owner, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise RuntimeError("database gone")

    monkeypatch.setattr("core.attachments.record_line", refuse)
    with pytest.raises(RuntimeError):
        keep(entry, owner)
    assert not stored_files()


def test_removing_hides_the_file_and_keeps_its_bytes(entry, owner, reader, client):
    kept = keep(entry, owner)
    client.force_login(reader)
    assert client.post(reverse("core:attachment-remove", args=[kept.pk])).status_code == 403
    client.force_login(owner)
    client.post(reverse("core:attachment-remove", args=[kept.pk]))
    assert client.get(kept.get_absolute_url()).status_code == 404
    assert len(stored_files()) == 1
    assert LedgerLine.objects.filter(event="attachment_removed", actor=owner).exists()


def test_a_picture_of_a_text_cannot_be_removed_from_under_it(entry, owner):
    picture = keep(entry, owner, "cold.png", PNG, purpose="image")
    with pytest.raises(Refused):
        attachments.remove(picture, by=owner)


def test_the_words_of_a_file_are_found_after_the_worker_read_it(entry, owner):
    kept = keep(entry, owner)
    run_waiting()
    kept.refresh_from_db()
    assert kept.text == "frozen peas"
    assert "frozen peas" in CatalogText.objects.get(entry=entry).attachments


def test_verify_finds_missing_altered_and_left_over_files(entry, owner):
    missing, altered = keep(entry, owner), keep(entry, owner, "other.txt")
    assert list(check_attachments()) == []
    os.unlink(missing.file.path)
    Path(altered.file.path).write_bytes(b"tampered")
    orphan = Path(settings.MEDIA_ROOT) / "attachments" / "ab" / "abcd"
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"x")
    assert len(list(check_attachments())) == 2  # an upload that is under way is no finding
    os.utime(orphan, (time.time() - 7200,) * 2)
    found = "\n".join(check_attachments())
    assert "is missing" in found
    assert "was altered" in found
    assert "belongs to no attachment" in found
    assert remove_orphans() == 1
    assert not orphan.exists()


def test_a_zip_bomb_named_as_a_document_is_refused(entry, owner):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"0" * (300 * 1024**2))
        archive.writestr("word/document.xml", b"<w/>")
    with pytest.raises(Refused):
        keep(entry, owner, "bomb.docx", packed.getvalue())
