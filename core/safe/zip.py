"""Opening archives nobody vouches for: judged by what they declare, and held to it while they are read."""

from __future__ import annotations

import stat
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO

from core.safe.words import Said, gettext_noop

MAX_ENTRIES = 2_000
MAX_TOTAL = 300 * 1024 * 1024
MAX_ENTRY = 150 * 1024 * 1024
MAX_RATIO = 100
# Below this size even a high ratio is harmless, and short repetitive XML reaches one honestly.
RATIO_MATTERS_FROM = 1024 * 1024
_CHUNK = 64 * 1024
_ARCHIVES = (".zip", ".jar", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar", ".tgz", ".zst")


class UnsafeArchive(ValueError):
    """The archive is not opened; the message says why in words a person can act on."""


class CheckedZip(zipfile.ZipFile):
    """A ZIP archive that passed the check and whose entries are read no further than they declared."""

    def read_limited(self, name: str, limit: int = MAX_ENTRY) -> bytes:
        """One entry's bytes; refuses an entry that is longer than it declared or than the limit."""
        try:
            info = self.getinfo(name)
            pieces, size = [], 0
            with self.open(info) as entry:
                while chunk := entry.read(_CHUNK):
                    size += len(chunk)
                    if size > min(limit, info.file_size):
                        raise UnsafeArchive(gettext_noop("“%(name)s” unpacks to more than it declares.", name=name))
                    pieces.append(chunk)
        except (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError, OSError, zlib.error) as error:
            raise UnsafeArchive(gettext_noop("“%(name)s” inside the file is damaged.", name=name)) from error
        return b"".join(pieces)

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        """As ZipFile.read, within the limits."""
        return self.read_limited(name.filename if isinstance(name, zipfile.ZipInfo) else name)


def checked_zip(file: bytes | IO[bytes], *, nested_allowed: bool = False) -> CheckedZip:
    """Open an archive after judging its declared contents; nothing is unpacked before."""
    try:
        archive = CheckedZip(BytesIO(file) if isinstance(file, bytes) else file)
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise UnsafeArchive(gettext_noop("The file is damaged or is not an archive.")) from error
    trouble = _trouble(archive.infolist(), nested_allowed)
    if trouble:
        archive.close()
        raise UnsafeArchive(trouble)
    return archive


def _trouble(entries: list[zipfile.ZipInfo], nested_allowed: bool) -> Said | None:
    if len(entries) > MAX_ENTRIES:
        return gettext_noop(
            "The archive holds %(count)d files; at most %(limit)d are allowed.", count=len(entries), limit=MAX_ENTRIES
        )
    seen: set[str] = set()
    total = packed = 0
    for entry in entries:
        trouble = _entry_trouble(entry, seen, nested_allowed)
        if trouble:
            return trouble
        seen.add(_place_of(entry))
        total += entry.file_size
        packed += entry.compress_size
    if total > MAX_TOTAL:
        return gettext_noop(
            "The archive unpacks to %(size)d MB; at most %(limit)d MB are allowed.",
            size=total // 1024**2,
            limit=MAX_TOTAL // 1024**2,
        )
    return _ratio_trouble(total, packed)


def _entry_trouble(entry: zipfile.ZipInfo, seen: set[str], nested_allowed: bool) -> Said | None:
    name = entry.orig_filename.replace("\\", "/")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or name[1:2] == ":" or "\x00" in name:
        return gettext_noop("The archive holds a file name that leads outside it.")
    if _place_of(entry) in seen:
        return gettext_noop("The archive holds two files with the same name, “%(name)s”.", name=name[:80])
    mode = entry.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return gettext_noop("The archive holds a link or device instead of a file, “%(name)s”.", name=name[:80])
    if entry.flag_bits & 0x1:
        return gettext_noop("The archive is protected by a password.")
    if not nested_allowed and name.lower().endswith(_ARCHIVES):
        return gettext_noop("The archive holds another archive, “%(name)s”.", name=name[:80])
    if entry.file_size > MAX_ENTRY:
        return gettext_noop("“%(name)s” in the archive is too large.", name=name[:80])
    return _ratio_trouble(entry.file_size, entry.compress_size)


def _place_of(entry: zipfile.ZipInfo) -> str:
    """Where the entry would lie: "a//b" and "a/./b" are one place, and so are "A" and "a" on many disks."""
    return str(PurePosixPath(entry.filename.replace("\\", "/"))).casefold()


def _ratio_trouble(size: int, packed: int) -> Said | None:
    if size > RATIO_MATTERS_FROM and size > MAX_RATIO * max(packed, 1):
        return gettext_noop("The archive unpacks to more than %(ratio)d times its size.", ratio=MAX_RATIO)
    return None
