"""One file that holds a whole portal: the database, the attachments and the ledger's anchor."""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from core.demo import forget
from core.file_storage import is_part
from core.models import LedgerLine
from core.organisation import organisation_name
from processportal.restoring import replace_all
from processportal.services import ServiceError, locate, mode, programs

FORMAT = 1
MANIFEST, DUMP, FILES, ANCHOR = "manifest.json", "database.dump", "attachments", "ledger.anchor"


class ArchiveError(RuntimeError):
    """The backup or restore cannot be done; the text says why."""


def write(target: Path) -> dict:
    """Write the archive and return its manifest; a half-written file never gets the name."""
    if not target.parent.is_dir():
        raise ArchiveError(f"There is no folder {target.parent}.")
    if target.is_dir():
        raise ArchiveError(f"{target} is a folder. Name the file that is to be written.")
    half = target.with_name(f".{target.name}.{os.getpid()}")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump, anchor = Path(folder) / DUMP, Path(folder) / ANCHOR
        # First the anchor: a head is written there once its seal is committed, so that the dump holds every anchored
        # seal. The other way round a portal restored from it would look as if its ledger had been cut.
        if settings.PORTAL_LEDGER_ANCHOR.exists():
            shutil.copyfile(settings.PORTAL_LEDGER_ANCHOR, anchor)
        # Then the database, then the files: a file is there before the row that names it is committed.
        _postgres("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--no-comments", f"--file={dump}")
        files = sorted(path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file() and not is_part(path))
        manifest = {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "organisation": organisation_name(),
            "database_sha256": _sha256(dump),
            "attachments": len(files),
            "attachments_sha256": _sha256_of_files(files, settings.MEDIA_ROOT),
            "migrations": _applied(),
        }
        note = Path(folder) / MANIFEST
        note.write_text(json.dumps(manifest, indent=1))
        try:
            descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w") as archive:
                archive.add(note, MANIFEST)
                archive.add(dump, DUMP)
                for path in files:
                    archive.add(path, f"{FILES}/{path.relative_to(settings.MEDIA_ROOT)}")
                if anchor.exists():
                    archive.add(anchor, ANCHOR)
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)
    return manifest


def restore(source: Path, *, force: bool = False) -> dict:
    """Put an archive in the place of an empty portal, or of any portal when forced."""
    occupied = _tables() or (settings.MEDIA_ROOT.exists() and any(settings.MEDIA_ROOT.iterdir()))
    if occupied and not force:
        raise ArchiveError("This portal is not empty. Restore into an empty PORTAL_DATA, or replace it with --force.")
    settings.PORTAL_DATA.mkdir(mode=0o700, parents=True, exist_ok=True)  # with a database elsewhere nothing made it yet
    with tempfile.TemporaryDirectory(dir=settings.PORTAL_DATA) as folder:
        _read(source, Path(folder))
        manifest = _checked(Path(folder))
        replace_all(Path(folder) / DUMP, lambda *arguments: _postgres("pg_restore", *arguments))
        _replace_files(Path(folder))
    (settings.PORTAL_DATA / "prepared").unlink(missing_ok=True)
    call_command("migrate", interactive=False, verbosity=0)  # a newer portal's migrations, and everybody's rights
    _keep_mode()
    return manifest


def _read(source: Path, folder: Path) -> None:
    try:
        archive = tarfile.open(source)  # noqa: SIM115 - closed below; only what fails here is no archive at all
    except (tarfile.ReadError, EOFError) as error:
        raise ArchiveError(f"{source} is not a backup of Process Portal.") from error
    try:
        with archive:
            _unpack(archive, folder)
    except (tarfile.ReadError, EOFError, zlib.error) as error:
        raise ArchiveError(f"The backup is damaged: {source} ends too early, or was changed.") from error


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Only plain files under our own names: no links, no devices, no path that leads outside."""
    for member in archive:
        parts = PurePosixPath(member.name).parts
        ours = member.name in (MANIFEST, DUMP, ANCHOR) or (len(parts) > 1 and parts[0] == FILES and ".." not in parts)
        content = archive.extractfile(member) if member.isreg() and ours else None
        if content is None:
            raise ArchiveError(f"This is not a backup of Process Portal: it holds {member.name!r}.")
        target = folder.joinpath(*parts)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with target.open("wb") as file:
            shutil.copyfileobj(content, file)


def _checked(folder: Path) -> dict:
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
    except (FileNotFoundError, ValueError) as error:
        raise ArchiveError("This is not a backup of Process Portal.") from error
    if not isinstance(manifest, dict) or not {"format", "database_sha256", "attachments"} <= manifest.keys():
        raise ArchiveError("This is not a backup of Process Portal.")
    if manifest["format"] != FORMAT:
        raise ArchiveError(f"The backup has format {manifest['format']}; this portal reads {FORMAT}.")
    if newer := sorted(set(manifest.get("migrations", ())) - _known()):
        raise ArchiveError(
            f"The backup is of a newer portal (it has {newer[0]}). Install that version first, then restore into it."
        )
    if _sha256(folder / DUMP) != manifest["database_sha256"]:
        raise ArchiveError("The backup is damaged: its database is not the one it was written with.")
    files = sorted(path for path in (folder / FILES).rglob("*") if path.is_file())
    if len(files) != manifest["attachments"]:
        raise ArchiveError(f"The backup is damaged: {len(files)} of {manifest['attachments']} attachments are in it.")
    if manifest.get("attachments_sha256") not in (None, _sha256_of_files(files, folder / FILES)):
        raise ArchiveError("The backup is damaged: an attachment is not the one it was written with.")
    return manifest


def _replace_files(folder: Path) -> None:
    if settings.MEDIA_ROOT.exists() and any(settings.MEDIA_ROOT.iterdir()):
        moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        settings.MEDIA_ROOT.rename(settings.MEDIA_ROOT.with_name(f"attachments-before-{moment}"))
    settings.MEDIA_ROOT.parent.mkdir(parents=True, exist_ok=True)
    if (folder / FILES).exists():
        shutil.copytree(folder / FILES, settings.MEDIA_ROOT, dirs_exist_ok=True)
    settings.PORTAL_LEDGER_ANCHOR.unlink(missing_ok=True)
    if (folder / ANCHOR).exists():
        shutil.copy2(folder / ANCHOR, settings.PORTAL_LEDGER_ANCHOR)


def others_at_work() -> int:
    """How many connections the running portal holds; with a pooler in between they say nothing."""
    if settings.PORTAL_POOLED_DATABASE:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = %s AND pid <> pg_backend_pid()",
            [settings.PORTAL_APP_DATABASE["USER"]],
        )
        return cursor.fetchone()[0]


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        return connection.introspection.table_names(cursor)


def _applied() -> list[str]:
    """The migrations of the database, as "app.name"."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def _known() -> set[str]:
    """The migrations that this portal can carry out."""
    return {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}


def _sha256_of_files(files: list[Path], top: Path) -> str:
    """One hash over names and bytes of all files."""
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(top)} {_sha256(path)}\n".encode())
    return whole.hexdigest()


def _keep_mode() -> None:
    """The data decide whether this portal is a demo, not the folder that they were restored into."""
    forget()
    is_demo = LedgerLine.objects.filter(data__has_key="demo").exists()
    (settings.PORTAL_DATA / mode.FILE).unlink(missing_ok=True)
    mode.decide(settings.PORTAL_DATA, mode.DEMO if is_demo else mode.LIVE)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _postgres(program: str, *arguments: str | Path) -> None:
    database = connection.settings_dict
    environment = os.environ | {
        "PGHOST": database["HOST"],
        "PGPORT": str(database["PORT"] or 5432),
        "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"],
        "PGDATABASE": database["NAME"],
    }
    environment |= {f"PG{name.upper()}": str(value) for name, value in database["OPTIONS"].items() if name[:3] == "ssl"}
    done = subprocess.run(
        [_program(program), "--no-password", *arguments], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise ArchiveError(f"{program} failed:\n{done.stderr.strip()}")


def _program(name: str) -> str:
    try:
        return programs.postgres(locate(settings.PORTAL_DATA))[name]
    except ServiceError:
        if found := shutil.which(name):
            return found
        raise
