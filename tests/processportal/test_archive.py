"""A backup holds the whole portal, and nothing of a bad one reaches the database."""

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection

from processportal import archive
from processportal.management.commands import restore
from processportal.services import locate

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def folders(tmp_path):
    """Where portals live in this test; as root their databases lie elsewhere and are removed afterwards."""
    yield tmp_path
    for name in ("old", "new"):
        shutil.rmtree(locate(tmp_path / name).home, ignore_errors=True)


def tar_of(path: Path, **files: bytes) -> Path:
    with tarfile.open(path, "w") as made:
        for name, content in files.items():
            entry = tarfile.TarInfo(name.replace("__", "/"))
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    return path


def unpack(path: Path, folder: Path) -> None:
    folder.mkdir()
    with tarfile.open(path) as opened:
        archive._unpack(opened, folder)


def test_a_file_that_leads_outside_is_refused(tmp_path):
    made = tmp_path / "bad"
    with tarfile.open(made, "w") as bad:
        entry = tarfile.TarInfo("attachments/../../outside")
        entry.size = 1
        bad.addfile(entry, io.BytesIO(b"x"))
    with pytest.raises(archive.ArchiveError, match="not a backup"):
        unpack(made, tmp_path / "into")
    assert not (tmp_path.parent / "outside").exists()


def test_a_link_is_refused(tmp_path):
    made = tmp_path / "bad"
    with tarfile.open(made, "w") as bad:
        entry = tarfile.TarInfo("attachments/link")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        bad.addfile(entry)
    with pytest.raises(archive.ArchiveError, match="not a backup"):
        unpack(made, tmp_path / "into")


def test_a_changed_database_is_refused(tmp_path):
    manifest = {"format": archive.FORMAT, "database_sha256": "0" * 64, "attachments": 0}
    (tmp_path / archive.MANIFEST).write_text(json.dumps(manifest))
    (tmp_path / archive.DUMP).write_bytes(b"something else")
    with pytest.raises(archive.ArchiveError, match="damaged"):
        archive._checked(tmp_path)


def test_another_kind_of_archive_is_refused(tmp_path):
    unpack(tar_of(tmp_path / "other", attachments__picture=b"x"), tmp_path / "into")
    with pytest.raises(archive.ArchiveError, match="not a backup"):
        archive._checked(tmp_path / "into")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a backup"),
        (b"hello\n", "not a backup"),
        (gzip.compress(b"x", mtime=0), "not a backup"),
        (None, "damaged"),
    ],
)
def test_what_is_no_backup_or_ends_too_early_is_told_in_words(content, said, tmp_path):
    whole = tar_of(tmp_path / "whole", **{"manifest.json": b"{}", "database.dump": bytes(4000)}).read_bytes()
    given, into = tmp_path / "given", tmp_path / "into"
    given.write_bytes(whole[:3000] if content is None else content)
    into.mkdir()
    with pytest.raises(archive.ArchiveError, match=said) as refused:
        archive._read(given, into)
    assert "method" not in str(refused.value)


@pytest.mark.parametrize("note", ["[]", "{}", '{"format": 1}'])
def test_a_note_that_lacks_what_is_compared_is_refused(note, tmp_path):
    (tmp_path / archive.MANIFEST).write_text(note)
    with pytest.raises(archive.ArchiveError, match="not a backup"):
        archive._checked(tmp_path)


def test_a_place_where_no_file_can_be_written_is_told_before_the_work(tmp_path):
    with pytest.raises(archive.ArchiveError, match="There is no folder"):
        archive.write(tmp_path / "missing" / "backup")
    with pytest.raises(archive.ArchiveError, match="is a folder"):
        archive.write(tmp_path)


def test_the_programs_of_postgresql_keep_what_was_said_about_encryption(monkeypatch):
    asked = {}

    def run(command, env, **_options):
        asked.update(env)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(archive, "_program", lambda name: name)
    monkeypatch.setattr(archive.subprocess, "run", run)
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"sslmode": "verify-full", "sslrootcert": "/ca.pem"})
    archive._postgres("pg_dump")
    assert (asked["PGSSLMODE"], asked["PGSSLROOTCERT"]) == ("verify-full", "/ca.pem")


@pytest.mark.django_db
def test_a_portal_at_work_elsewhere_is_not_replaced(monkeypatch, tmp_path):
    other = connection.copy()
    other.connect()
    assert archive.others_at_work() >= 1
    other.close()
    monkeypatch.setattr(restore, "portal_runs", lambda: False)  # whether one runs here is not what is asked
    monkeypatch.setattr(archive, "others_at_work", lambda: 3)
    with pytest.raises(CommandError, match="Stop web, worker and beat first"):
        call_command("restore", str(tmp_path / "backup"))


@pytest.mark.django_db
def test_a_role_that_may_not_replace_the_database_is_told_whose_turn_it_is(monkeypatch, tmp_path):
    def refused(*_arguments, **_options):
        raise ProgrammingError("must be owner of schema public")

    monkeypatch.setattr(restore, "portal_runs", lambda: False)
    monkeypatch.setattr(archive, "others_at_work", lambda: 0)
    monkeypatch.setattr(archive, "restore", refused)
    with pytest.raises(CommandError, match="DATABASE_URL must name the owner"):
        call_command("restore", str(tmp_path / "backup"))


@pytest.mark.faults
def test_a_backup_comes_back_in_an_empty_folder_and_only_by_force_elsewhere(folders):
    def manage(folder, *command):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        environment["PORTAL_DATA"] = str(folders / folder)
        return subprocess.run(
            [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, capture_output=True, text=True
        )

    word = "from people.models import Department as D; "
    assert manage("old", "migrate", "--verbosity", "0").returncode == 0
    made = manage("old", "shell", "-c", word + "D.objects.create(code='CANARY', name='Canary')")
    assert made.returncode == 0, made.stderr
    attachment = folders / "old" / "attachments" / "ab" / "cd"
    attachment.parent.mkdir(parents=True)
    attachment.write_bytes(b"the original")
    saved = manage("old", "backup", str(folders / "saved"))
    assert saved.returncode == 0, saved.stderr
    assert (folders / "saved").stat().st_mode & 0o077 == 0

    assert manage("new", "restore", str(folders / "saved")).returncode == 0
    assert (folders / "new" / "attachments" / "ab" / "cd").read_bytes() == b"the original"
    found = manage("new", "shell", "-c", word + "print(D.objects.filter(code='CANARY').count())")
    assert found.stdout.strip().endswith("1"), found.stderr

    refused = manage("new", "restore", str(folders / "saved"))
    assert refused.returncode != 0
    assert "not empty" in refused.stderr
    assert manage("new", "restore", "--force", str(folders / "saved")).returncode == 0

    half = half_of(folders / "saved", folders / "half")
    failed = manage("new", "restore", "--force", str(half))
    assert failed.returncode != 0
    assert "pg_restore failed" in failed.stderr
    kept = manage("new", "shell", "-c", word + "print(D.objects.filter(code='CANARY').count())")
    assert kept.stdout.strip().endswith("1"), "what cannot be restored whole takes the place of nothing"


def half_of(saved: Path, target: Path) -> Path:
    """A backup whose database ends half way, although its sum is right."""
    with tarfile.open(saved) as whole:
        dump = whole.extractfile(archive.DUMP).read()
        manifest = json.load(whole.extractfile(archive.MANIFEST))
        picture = whole.extractfile("attachments/ab/cd").read()
    dump = dump[: len(dump) * 2 // 3]
    manifest["database_sha256"] = hashlib.sha256(dump).hexdigest()
    with tarfile.open(target, "w") as made:
        for name, content in (
            (archive.MANIFEST, json.dumps(manifest).encode()),
            (archive.DUMP, dump),
            ("attachments/ab/cd", picture),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    return target
