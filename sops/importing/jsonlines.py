"""Reading many procedures from one file of JSON lines, one at a time and whatever a line holds."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from core.safe.words import Said, gettext_noop
from sops.importing.facts import Facts
from sops.importing.front_matter import facts_of, scalars
from sops.importing.imported import CannotImport

MAX_LINE = 4 * 1024 * 1024
MAX_LINES = 200_000
MAX_UNPACKED = 1024 * 1024 * 1024
_CHUNK = 256 * 1024
_LIST = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*(?:\{|$)")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a document's source (Markdown or HTML body), or the reason it cannot be read."""

    line: int
    id: str = ""
    title: str = ""
    body: str = ""
    path: str = ""
    facts: Facts = Facts()
    warnings: tuple[Said, ...] = ()
    error: Said | None = None


def read_jsonlines(file: IO[bytes]) -> Iterator[Row]:
    """Rows of a .jsonl or .jsonl.gz stream in order; a bad line is a row with its error, not the end."""
    for number, line in enumerate(_lines(file), start=1):
        if number > MAX_LINES:
            yield Row(
                number, error=gettext_noop("line %(line)d: More than %(limit)d lines.", line=number, limit=MAX_LINES)
            )
            return
        if isinstance(line, Said):
            yield Row(number, error=gettext_noop("line %(line)d: %(what)s", line=number, what=line))
        elif line.strip():
            if number == 1 and _LIST.match(line):
                raise CannotImport(
                    gettext_noop("The file is one JSON list. Write each object of it on a line of its own.")
                )
            yield _row(number, line)


def _row(number: int, line: bytes) -> Row:
    try:
        written = line.decode("utf-8-sig").rstrip().removesuffix(",")  # of a list whose brackets were taken off
        found = json.loads(written, parse_float=str)  # as written: a version 1.10 is not 1.1
    except UnicodeDecodeError:
        return Row(number, error=gettext_noop("line %(line)d: The text is not UTF-8.", line=number))
    except json.JSONDecodeError as error:
        return Row(
            number,
            error=gettext_noop("line %(line)d: Not JSON (character %(at)d).", line=number, at=error.pos + 1),
        )
    except (RecursionError, ValueError):
        return Row(number, error=gettext_noop("line %(line)d: The JSON is not readable.", line=number))
    if not isinstance(found, dict):
        return Row(number, error=gettext_noop("line %(line)d: An object with title and body is expected.", line=number))
    for key in ("title", "body"):
        if not isinstance(found.get(key), str) or not found[key].strip():
            return Row(
                number, error=gettext_noop("line %(line)d: “%(key)s” is missing or not a text.", line=number, key=key)
            )
    properties = scalars({key: value for key, value in found.items() if key not in ("id", "title", "body")})
    facts, warnings = facts_of(properties)
    given = found.get("id")
    return Row(
        line=number,
        id=str(given)[:200] if isinstance(given, str | int) else "",
        title=" ".join(_printable(found["title"]).split())[:300],
        body=_printable(found["body"]),
        path=properties.get("path", "")[:500],
        facts=facts,
        warnings=tuple(warnings),
    )


def _printable(text: str) -> str:
    """Text a database can hold: without NUL and without half characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _lines(file: IO[bytes]) -> Iterator[bytes | Said]:
    """Lines of bounded length; an overlong one is skipped to its end and spoken of."""
    pending, skipping = bytearray(), False
    for chunk in _chunks(file):
        *complete, rest = (bytes(pending) + chunk).split(b"\n")
        for line in complete:
            if skipping or len(line) > MAX_LINE:
                yield _too_long()
            else:
                yield line
            skipping = False
        pending = bytearray(rest)
        if len(pending) > MAX_LINE:
            pending, skipping = bytearray(), True
    if skipping:
        yield _too_long()
    elif pending.strip():
        yield bytes(pending)


def _too_long() -> Said:
    return gettext_noop("Longer than %(limit)d MB.", limit=MAX_LINE // 1024**2)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    start = file.read(2)
    file.seek(0)
    if start in (b"\xff\xfe", b"\xfe\xff"):
        raise CannotImport(gettext_noop("The file is written in UTF-16. Save it as UTF-8 and import it again."))
    if start != b"\x1f\x8b":
        while chunk := file.read(_CHUNK):
            yield chunk
        return
    total = 0
    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            while chunk := unpacked.read(_CHUNK):
                total += len(chunk)
                if total > MAX_UNPACKED:
                    raise CannotImport(
                        gettext_noop("The file unpacks to more than %(limit)d MB.", limit=MAX_UNPACKED // 1024**2)
                    )
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise CannotImport(gettext_noop("The packed file is damaged or cut off.")) from error
