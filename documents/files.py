"""Versions that are an uploaded file: judged when it comes in, kept as content, read for its words."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import CharField, Func
from django.db.models.functions import Length
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.lifecycle import Refused
from core.safe.filetype import HEAD_BYTES, FileType, UnknownType, WrongType, identify
from core.safe.words import Said
from core.text_extraction import is_locked, text_from
from core.upload_limit import limit_in_words
from documents.drafting import Saved, UploadedContent, save_draft
from documents.models import Content, Version

PDF = "application/pdf"
_OFFICE = "application/vnd.openxmlformats-officedocument."
# What a version may be. Pictures, pages and programs are no procedures.
ACCEPTED = {
    "pdf": _("PDF document"),
    "docx": _("Word document"),
    "xlsx": _("Excel workbook"),
    "pptx": _("PowerPoint presentation"),
    "odt": _("OpenDocument text"),
    "txt": _("Plain text"),
    "md": _("Markdown text"),
    "csv": _("Table (CSV)"),
}
_SHA256 = Func("bytes", template="encode(sha256(%(expressions)s), 'hex')", output_field=CharField())
NO_DOCUMENT = _("A document can be a PDF, Word, Excel, PowerPoint, OpenDocument or plain text file.")


@dataclass(frozen=True)
class FileFacts:
    """What the cover page says of a file."""

    name: str
    label: Any
    size: int
    sha256: str  # of the file's bytes, as everybody can count it again
    media_type: str
    text: str

    @property
    def is_pdf(self) -> bool:
        return self.media_type == PDF


def taken_in(upload: UploadedFile) -> UploadedContent:
    """The uploaded file as a version's content. Raises ``Refused`` with what to do instead."""
    if upload.size > settings.PORTAL_UPLOAD_LIMIT:
        raise Refused(limit_in_words())
    name = _tidy_name(upload.name or "")
    upload.seek(0)
    head = upload.read(HEAD_BYTES)
    upload.seek(0)
    try:
        file_type = identify(name, head, upload)
    except UnknownType as problem:
        raise Refused(NO_DOCUMENT) from problem
    except WrongType as problem:
        raise Refused(_in_my_language(problem.args[0])) from problem
    if file_type.extension not in ACCEPTED:
        raise Refused(NO_DOCUMENT)
    upload.seek(0)
    data = upload.read()
    if is_locked(data, file_type.extension):
        raise Refused(_t("The file asks for a password. Save it without one: everybody who may read it must open it."))
    return UploadedContent(name, data, file_type.media_type, _words(data, file_type))


def replace_file(version: Version, file: UploadedContent | None, *, by: Any, row_version: int, title: str) -> Saved:
    """Store another file, or only another title, in a draft that is a file."""
    fields: dict[str, Any] = {}
    with transaction.atomic():
        if file is not None:
            fields = {
                "content_id": Content.store(file.data, file.media_type, ""),
                "file_name": file.name,
                "data": version.data | {"text": file.text},
            }
        return save_draft(version, by=by, row_version=row_version, title=title, **fields)


def facts_of_file(version: Version) -> FileFacts:
    """Name, type, size and hash, without loading the bytes."""
    content = Content.objects.filter(pk=version.content_id).annotate(size=Length("bytes"), digest=_SHA256)
    stored = content.values("size", "digest", "media_type").get()
    extension = PurePosixPath(version.file_name).suffix.lower().lstrip(".")
    label = ACCEPTED.get(extension, extension.upper())
    return FileFacts(
        version.file_name,
        label,
        stored["size"],
        stored["digest"],
        stored["media_type"],
        version.data.get("text", ""),
    )


def _words(data: bytes, file_type: FileType) -> str:
    return text_from(data, file_type.extension).text


def _tidy_name(name: str) -> str:
    """The file's own name without folders and signs that no disk or header takes."""
    bare = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(sign for sign in bare if sign.isprintable() and sign not in '<>:"|?*').strip(" .")
    path = PurePosixPath(kept or "file")
    return path.stem[: 190 - len(path.suffix)] + path.suffix


def _in_my_language(said: Any) -> str:
    return said.in_language(_t) if isinstance(said, Said) else str(said)
