"""Where the embedded services keep their programs, data and sockets, and as whom they run."""

import hashlib
import json
import os
import pwd
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT_HOMES = Path("/var/lib/process-portal")
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107  # sun_path holds 108 bytes with its closing zero
ACCOUNTS_FOR_ROOT = ("process-portal", "postgres", "nobody")


class ServiceError(RuntimeError):
    """An embedded service cannot run; the text says what to do."""


@dataclass(frozen=True)
class Place:
    """One portal's folders: what people keep (`data`) and what the services need (`home`, `run`)."""

    data: Path
    home: Path
    run: Path
    uid: int
    gid: int

    @property
    def drops_root(self) -> bool:
        """True when the services must run as somebody else: PostgreSQL refuses to be root."""
        return os.geteuid() != self.uid

    def identity(self) -> dict:
        """Arguments for subprocess that make a child the services' account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.drops_root else {}

    def folder(self, path: Path, mode: int = 0o700) -> Path:
        """Make a folder that belongs to the services' account and to nobody else."""
        path.mkdir(mode=mode, parents=True, exist_ok=True)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (self.uid, os.geteuid()):
            raise ServiceError(f"{path} belongs to somebody else. Remove it or set PORTAL_DATA to another folder.")
        if self.drops_root:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)
        return path


def locate(data: Path) -> Place:
    """Find the place for this data folder without creating anything."""
    data = data.resolve()
    inside = data / "services"
    if os.geteuid() != 0:
        return Place(data, inside, _socket_folder(inside / "run", data), os.geteuid(), os.getegid())
    if (inside / "postgres" / "PG_VERSION").exists():
        # Set up by an ordinary user, now run by root: the same data, as the same user.
        owner = (inside / "postgres").stat()
        if owner.st_uid != 0:
            return Place(data, inside, _socket_folder(inside / "run", data, owner.st_uid), owner.st_uid, owner.st_gid)
    account = _account_for_root()
    home = _remembered_home(data) or _unused_home(data)
    return Place(data, home, home / "run", account.pw_uid, account.pw_gid)


def remember(place: Place) -> None:
    """Write down which home belongs to this data folder, so that a moved folder finds its database again."""
    place.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    note = {"home": str(place.home), "data": str(place.data)}
    path = place.data / "services.json"
    if not path.exists() or json.loads(path.read_text()) != note:
        path.write_text(json.dumps(note, indent=1) + "\n")


def _remembered_home(data: Path) -> Path | None:
    try:
        note = json.loads((data / "services.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    was = Path(note["data"])
    if was != data and was.exists():
        return None  # a copy of another portal's folder must not open the other's database
    return Path(note["home"])


def _unused_home(data: Path) -> Path:
    """A home nobody has used: an emptied data folder means an empty portal, never the old one's database."""
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    home, number = ROOT_HOMES / name, 1
    while (home / "postgres").exists():
        number += 1
        home = ROOT_HOMES / f"{name}-{number}"
    return home


def _account_for_root() -> pwd.struct_passwd:
    for name in ACCOUNTS_FOR_ROOT:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServiceError("PostgreSQL does not run as root and there is no other account. Run: useradd -r process-portal")


def _socket_folder(wanted: Path, data: Path, uid: int | None = None) -> Path:
    if len(os.fsencode(wanted / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return wanted
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"process-portal-{os.geteuid() if uid is None else uid}-{name}"
