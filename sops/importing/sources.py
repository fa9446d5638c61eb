"""What there is to import: files of a folder, lines of a file, entries of an archive; never anything outside."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha1, sha256
from pathlib import Path, PurePosixPath
from typing import IO
from unicodedata import normalize
from urllib.parse import unquote

from core.safe.words import Said, gettext_noop
from core.safe.zip import MAX_ENTRIES, UnsafeArchive, checked_zip
from sops.importing.imported import CannotImport
from sops.importing.jsonlines import Row, read_jsonlines

MAX_FILE = 50 * 1024 * 1024
MAX_PICTURE = 20 * 1024 * 1024
WORD, MARKDOWN = (".docx",), (".md", ".markdown")
LINES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
# Documents nobody reads here: named in the result, so that nothing is left out silently.
OTHER_DOCUMENTS = (
    *(".doc", ".docm", ".dot", ".dotx", ".odt", ".ods", ".odp", ".rtf", ".pages", ".wps", ".gdoc"),
    *(".pdf", ".xls", ".xlsx", ".ppt", ".pptx", ".html", ".htm", ".txt", ".rst", ".adoc", ".mdx"),
)
# The address of a neighbour whose number is not known yet; replaced when it is.
LINK = "/documents/.import/"


@dataclass(frozen=True, slots=True)
class Source:
    """One document to read: a file below a folder, or a line of a file; or why it cannot be."""

    place: str
    key: str
    folder: Path | None = None
    row: Row | None = None
    error: Said | None = None
    known: str = ""  # hash of a row that was imported before and is the same now

    @property
    def path(self) -> Path | None:
        return self.folder / self.place if self.folder else None


@contextmanager
def opened(path: Path, name: str = "") -> Iterator[Iterator[Source]]:
    """The sources behind a path: a folder, one Word or Markdown file, an archive, or JSON lines."""
    name = name or path.name
    lower = name.lower()
    if path.is_dir():
        yield sources_in(path)
    elif lower.endswith(".zip"):
        with tempfile.TemporaryDirectory(prefix="import-") as folder:
            unpack(path, Path(folder))
            yield sources_in(Path(folder))
    elif lower.endswith(LINES):
        with path.open("rb") as file:
            yield lines_of(file, name)
    elif lower.endswith(WORD + MARKDOWN):
        if not path.is_file():
            raise CannotImport(gettext_noop("There is no such file."))
        yield iter([Source(path.name, _key(name), path.parent)])
    else:
        raise CannotImport(
            gettext_noop("“%(name)s” cannot be imported. Use a folder, .md, .docx, .zip or .jsonl.", name=name[:120])
        )


def sources_in(folder: Path) -> Iterator[Source]:
    """Word and Markdown files of a folder and below, by name; links out of it and hidden files are not followed."""
    count = 0
    for place, path in _files(folder):
        lower = path.name.lower()
        if lower.endswith(OTHER_DOCUMENTS):
            said = gettext_noop("Only Word (.docx) and Markdown files are read. Keep others as an uploaded file.")
            yield Source(place, _key(place), folder, error=said)
        if not lower.endswith(WORD + MARKDOWN):
            continue
        count += 1
        if count > 10 * MAX_ENTRIES:
            said = gettext_noop("More than %(limit)d files. Import in several parts.", limit=10 * MAX_ENTRIES)
            yield Source(place, _key(place), error=said)
            return
        if path.is_symlink() or not is_inside(folder, path):
            said = gettext_noop("This is a link to another place and was not followed.")
            yield Source(place, _key(place), error=said)
            continue
        yield Source(place, _key(place), folder)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for current, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        for name in sorted(names):
            if not name.startswith((".", "~$")):
                path = Path(current) / name
                yield path.relative_to(folder).as_posix(), path


def unpack(archive: Path, folder: Path) -> None:
    """Unpack what was judged harmless into an empty folder."""
    try:
        with archive.open("rb") as file, checked_zip(file) as entries:
            for entry in entries.infolist():
                if entry.is_dir():
                    continue
                target = folder / PurePosixPath(entry.filename.replace("\\", "/"))
                if not target.resolve().is_relative_to(folder.resolve()):
                    raise UnsafeArchive(gettext_noop("The archive holds a file name that leads outside it."))
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(entries.read(entry))
    except UnsafeArchive as error:
        raise CannotImport(error.args[0]) from error
    except OSError as error:
        raise CannotImport(gettext_noop("The archive could not be unpacked.")) from error


def lines_of(file: IO[bytes], name: str) -> Iterator[Source]:
    """The lines of a JSON lines file; each is known by its id, else its path, else its words."""
    for row in read_jsonlines(file):
        words = sha256(f"{row.title}\0{row.body}".encode()).hexdigest()[:32]
        yield Source(f"{name}:{row.line}", _key(row.id or row.path or f"text:{words}"), row=row, error=row.error)


def _key(name: str) -> str:
    """The name under which a source is known; long ones keep their end and a hash. Macs write an ö as two signs: the
    same file from another machine is the same source."""
    name = normalize("NFC", name)
    return name if len(name) <= 200 else f"{sha256(name.encode()).hexdigest()[:32]}…{name[-160:]}"


def is_inside(folder: Path, path: Path) -> bool:
    """Whether a path, links followed, stays below the folder."""
    try:
        return path.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        return False


class Neighbours:
    """Pictures and links of a file as its folder answers them."""

    def __init__(self, folder: Path, place: str) -> None:
        self.folder, self.beside = folder, (folder / place).parent

    def picture(self, address: str) -> bytes | None:
        """A picture's bytes, if it lies in the folder."""
        path = self._find(address)
        if path is None or not path.is_file() or path.stat().st_size > MAX_PICTURE:
            return None
        return path.read_bytes()

    def link(self, address: str) -> str | None:
        """A stand-in address for another document of the folder, to be replaced by its number."""
        bare, hash_mark, anchor = address.partition("#")
        found = self._find(bare)
        if found is None:
            return None
        candidates = [found, *(found / name for name in ("index.md", "README.md"))] if found.is_dir() else [found]
        for path in candidates:
            if path.is_file() and path.name.lower().endswith(WORD + MARKDOWN) and is_inside(self.folder, path):
                place = path.resolve().relative_to(self.folder.resolve()).as_posix()
                return f"{LINK}{key_mark(_key(place))}/{hash_mark}{anchor}"
        return None

    def _find(self, address: str) -> Path | None:
        plain = unquote(address.split("?")[0].split("#")[0]).replace("\\", "/").strip()
        if not plain or "\0" in plain or len(plain) > 1000:
            return None
        base = self.folder if plain.startswith("/") else self.beside
        for name in (plain.lstrip("/"), plain.strip("/") + ".md"):
            for spelling in dict.fromkeys((name, normalize("NFC", name), normalize("NFD", name))):
                path = base / spelling
                if is_inside(self.folder, path):
                    return path
        return None


def key_mark(key: str) -> str:
    """What stands for a source in a link that waits for its number."""
    return sha1(key.encode(), usedforsecurity=False).hexdigest()
