"""What a file is, told by its name and its content together; where they disagree it is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from core.safe.office import PACKAGE, main_part
from core.safe.words import gettext_noop
from core.safe.xml import UnsafeXML, parse_xml
from core.safe.zip import CheckedZip, UnsafeArchive, checked_zip

HEAD_BYTES = 4096
_OOXML = "application/vnd.openxmlformats-officedocument."
_DOWNLOAD_ONLY = {
    "svg": "image/svg+xml",
    "html": "text/html",
    "htm": "text/html",
    "xhtml": "application/xhtml+xml",
    "xml": "application/xml",
    "bpmn": "application/xml",
}
_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": f"{_OOXML}wordprocessingml.document",
    "xlsx": f"{_OOXML}spreadsheetml.sheet",
    "pptx": f"{_OOXML}presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "txt": "text/plain",
    "csv": "text/csv",
    "md": "text/markdown",
    "json": "application/json",
    "jsonl": "application/jsonl",
}
_ALIASES = {"jpeg": "jpg", "jpe": "jpg", "markdown": "md", "text": "txt", "log": "txt"}
_OFFICE = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_MACROS = ("docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppsm")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # also what a password makes of a new one
_TEXTS = ("txt", "csv", "md", "json", "jsonl")
_BINARY_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LOOKS_LIKE_MARKUP = re.compile(rb"\s*(?:<\?xml|<!doctype\s+html|<html|<svg|<script)", re.IGNORECASE)


class WrongType(ValueError):
    """The file is not accepted; the message says what is accepted instead."""


class UnknownType(WrongType):
    """No file of this type is accepted anywhere."""


@dataclass(frozen=True, slots=True)
class FileType:
    """The extension and media type to store and send; a download-only file is never shown in a page."""

    extension: str
    media_type: str
    download_only: bool = False

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/") and not self.download_only


def identify(name: str, head: bytes, file: IO[bytes]) -> FileType:
    """The type of an upload by its name, its first bytes and, for packed formats, its table of contents."""
    extension = PurePosixPath(name.replace("\\", "/")).suffix.lower().lstrip(".")
    extension = _ALIASES.get(extension, extension)
    if extension in _DOWNLOAD_ONLY:
        return FileType(extension, _DOWNLOAD_ONLY[extension], download_only=True)
    if extension in _MACROS:
        raise _with_macros()
    if extension not in _MEDIA_TYPES:
        raise UnknownType(
            gettext_noop(
                "Files of the type “%(type)s” are not accepted. Use PDF, Word, Excel, PowerPoint, OpenDocument text, a "
                "picture (PNG, JPEG, GIF, WebP) or plain text.",
                type=extension[:20] or "?",
            )
        )
    if not head:
        raise WrongType(gettext_noop("The file is empty."))
    if extension in _OFFICE and head.startswith(_OLD_OFFICE):
        raise WrongType(
            gettext_noop(
                "The file is locked with a password, or of an old Office format. Save it as .%(type)s without a "
                "password.",
                type=extension,
            )
        )
    if not _content_fits(extension, head, file):
        raise WrongType(
            gettext_noop("The file is named “.%(type)s”, but its content is something else.", type=extension)
        )
    return FileType(extension, _MEDIA_TYPES[extension])


def picture_extension(data: bytes) -> str | None:
    """The extension of a picture every browser shows, told by its first bytes; None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return None


def _with_macros() -> WrongType:
    return WrongType(gettext_noop("Files with macros are not accepted. Save the file without macros."))


def _content_fits(extension: str, head: bytes, file: IO[bytes]) -> bool:
    if extension == "pdf":
        return b"%PDF-" in head[:1024] and not _LOOKS_LIKE_MARKUP.match(head)
    if extension in _OFFICE or extension == "odt":
        return head.startswith(b"PK\x03\x04") and _package_fits(extension, file)
    if extension in _TEXTS:
        return _is_text(head)
    return picture_extension(head) == extension


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not _BINARY_CONTROLS.search(head) and not head.startswith(b"%PDF-")


def _holds(extension: str, archive: CheckedZip, names: set[str]) -> bool:
    if extension != "docx":
        return _OFFICE[extension] in names
    return main_part(parse_xml(archive.read(PACKAGE)) if PACKAGE in names else None, names) is not None


def _package_fits(extension: str, file: IO[bytes]) -> bool:
    """The contents declare this very format, without macros."""
    try:
        with checked_zip(file) as archive:
            names = set(archive.namelist())
            if extension == "odt":
                return (
                    "mimetype" in names
                    and archive.read_limited("mimetype", 200).strip() == _MEDIA_TYPES["odt"].encode()
                )
            if "[Content_Types].xml" not in names or not _holds(extension, archive, names):
                return False
            types = parse_xml(archive.read("[Content_Types].xml"))
            declared = [str(entry.get("ContentType")) for entry in types.iter("{*}Override", "{*}Default")]
            if any("macroEnabled" in media_type for media_type in declared):
                raise _with_macros()
            return any(media_type.startswith(_MEDIA_TYPES[extension]) for media_type in declared)
    except (UnsafeArchive, UnsafeXML) as error:
        raise WrongType(error.args[0]) from error
    finally:
        file.seek(0)
