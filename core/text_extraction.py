"""The plain words of a file, for search and for comparing; a broken file gives a warning and never an error."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from io import BytesIO

import pypdf

from core.office_words import is_encrypted_opendocument, office_text
from core.safe.spreadsheet import UnreadableTable, read_sheets
from core.safe.words import Said, gettext_noop
from core.safe.xml import UnsafeXML
from core.safe.zip import UnsafeArchive

MAX_CHARACTERS = 1_000_000
MAX_PAGES = 2_000
MAX_SECONDS = 30.0
_OFFICE = ("docx", "pptx", "odt")
_TEXTS = ("txt", "md", "csv", "json", "jsonl")

# A damaged PDF makes pypdf write a line for each flaw; what matters is in the warning we return.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Extracted:
    """The words found, and what kept the rest from being found."""

    text: str
    warning: Said | None = None


def text_from(data: bytes, extension: str) -> Extracted:
    """The words of a file of this kind; empty for kinds that hold none."""
    if extension == "pdf":
        found = _from_pdf(data)
    elif extension in _OFFICE:
        found = _from_office(data, extension)
    elif extension == "xlsx":
        found = _from_excel(data)
    elif extension in _TEXTS:
        found = Extracted(_decoded(data))
    else:
        found = Extracted("")
    text = found.text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    if len(text) > MAX_CHARACTERS:
        warning = gettext_noop("Only the first %(limit)d characters can be searched.", limit=MAX_CHARACTERS)
        return Extracted(text[:MAX_CHARACTERS], found.warning or warning)
    return Extracted(text, found.warning)


def is_locked(data: bytes, extension: str) -> bool:
    """Whether nobody can read the file without a password. (A PDF that only forbids printing is not locked.)"""
    if extension not in ("pdf", "odt"):
        return False  # a locked Office file is no package, and is refused where its type is told
    try:
        if extension == "odt":
            return is_encrypted_opendocument(data)
        reader = pypdf.PdfReader(BytesIO(data), strict=False)
        return bool(reader.is_encrypted and not reader.decrypt(""))
    except (
        Exception
    ):  # pypdf raises whatever a damaged file leads it to, and the words of a damaged file are not sought
        return False


def _from_pdf(data: bytes) -> Extracted:
    pieces: list[str] = []
    size, warning, started = 0, None, time.monotonic()
    try:
        reader = pypdf.PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return Extracted("", gettext_noop("The PDF is protected by a password; its words cannot be searched."))
        for number, page in enumerate(reader.pages, start=1):
            if number > MAX_PAGES or size > MAX_CHARACTERS or time.monotonic() - started > MAX_SECONDS:
                warning = gettext_noop("Only the first %(count)d pages of the PDF can be searched.", count=number - 1)
                break
            words = page.extract_text() or ""
            pieces.append(words)
            size += len(words)
    except Exception:
        # pypdf raises whatever a damaged file leads it to; the words read so far are kept.
        warning = gettext_noop("The PDF is damaged; not all of its words can be searched.")
    text = "\n".join(pieces)
    if not warning and not text.strip():
        warning = gettext_noop("The PDF holds no words, perhaps only scanned pictures.")
    return Extracted(text, warning)


def _from_office(data: bytes, extension: str) -> Extracted:
    try:
        return Extracted(office_text(data, extension))
    except (UnsafeArchive, UnsafeXML, KeyError):
        return Extracted("", gettext_noop("The file is damaged; its words cannot be searched."))


def _from_excel(data: bytes) -> Extracted:
    lines: list[str] = []
    size = 0
    try:
        for name, rows in (sheets := list(read_sheets(data))):
            if len(sheets) > 1:
                lines.append(name)
            for row in rows:
                lines.append("\t".join(cell for cell in row if cell))
                size += len(lines[-1])
                if size > MAX_CHARACTERS:
                    return Extracted("\n".join(lines))
    except UnreadableTable as error:
        return Extracted("\n".join(lines), error.args[0])
    return Extracted("\n".join(lines))


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data[: 4 * MAX_CHARACTERS].decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
