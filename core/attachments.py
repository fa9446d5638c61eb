"""Files of a record: taken in with care, kept by their hash, given out only to who may see the record now."""

import hashlib
import os
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from core import jobs
from core.entry_rules import record_of
from core.ledger import record_line
from core.lifecycle import NotAllowed, Refused
from core.models import Attachment, CatalogEntry
from core.questions import THE_PORTAL, Question, Slot
from core.safe.filetype import HEAD_BYTES, FileType, WrongType, identify
from core.upload_limit import limit_in_words

SHOWN_IN_PAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")  # everything else is only downloaded
CHUNK = 1024 * 1024
KEPT_WITHOUT_ROW = timedelta(hours=1)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\<>:\"|?*\u202a-\u202e\u2066-\u2069]+")


_readers: dict[str, Callable[[Any, Attachment], bool]] = {}


def reads(purpose: str) -> Callable[[Callable[[Any, Attachment], bool]], Callable[[Any, Attachment], bool]]:
    """Register the decorated predicate: who among those who see the record may read its files of this purpose."""

    def register(predicate: Callable[[Any, Attachment], bool]) -> Callable[[Any, Attachment], bool]:
        _readers[purpose] = predicate
        return predicate

    return register


def may_read(person: Any, attachment: Attachment) -> bool:
    """Whether the person, who sees the record, may read this file of it."""
    predicate = _readers.get(attachment.purpose)
    return predicate is None or predicate(person, attachment)


_remarks: dict[type[Any], Callable[[Any], str]] = {}


def register_remark(model: type[Any], remark: Callable[[Any], str]) -> None:
    """Say above the files of such a record what they are to it; an empty text says nothing."""
    _remarks[model] = remark


def remark_on(entry: CatalogEntry) -> str:
    """What readers should know of the files beside this record."""
    record = record_of(entry)
    remark = _remarks.get(type(record))
    return remark(record) if remark and record is not None else ""


def is_unaltered(attachment: Attachment) -> bool:
    """Whether the stored bytes are the ones that were taken in. Raises ``FileNotFoundError``."""
    digest = hashlib.sha256()
    with attachment.file.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest() == attachment.sha256


class NoRoom(Refused):
    """The file could not be written; nothing of it was kept."""

    status = 507


def store(file: File, entry: CatalogEntry, *, by: Any, purpose: str = "file", name: str = "") -> Attachment:
    """Take a file in. Whether ``by`` may attach is for the caller to ask. Raises ``Refused``; then nothing is kept."""
    name = clean_name(name or file.name or "")
    if file.size > settings.PORTAL_UPLOAD_LIMIT:
        raise Refused(limit_in_words())
    file_type = type_of(name, file)
    attachment = Attachment(
        id=uuid.uuid4(),
        entry=entry,
        name=name,
        media_type=file_type.media_type,
        size=file.size,
        sha256=_hash(file),
        purpose=purpose,
        uploaded_by=by,
    )
    try:
        attachment.file.save(f"{attachment.id.hex[:2]}/{attachment.id.hex}", file, save=False)
    except OSError as problem:
        raise NoRoom(_t("The file could not be stored. Tell the administrator: the disk may be full.")) from problem
    try:
        with transaction.atomic():
            attachment.save(force_insert=True)
            _write_down(attachment, "attached", by=by)
            jobs.ask("core.read_attachment", attachment=str(attachment.pk))
    except Exception:
        attachment.file.storage.delete(attachment.file.name)
        raise
    return attachment


def type_of(name: str, file: File) -> FileType:
    """What the file is, by its name and its content. Raises ``Refused`` where they disagree or it is not accepted."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    try:
        return identify(name, head, file)
    except WrongType as problem:
        said = problem.args[0]
        raise Refused(said.in_language(_t) if hasattr(said, "in_language") else str(said)) from problem
    finally:
        file.seek(0)


def refuse_what_is_no_picture(file: File) -> None:
    """Raises ``Refused`` for what a text cannot show."""
    if type_of(clean_name(file.name or ""), file).media_type not in SHOWN_IN_PAGES:
        raise Refused(_t("Choose a picture: PNG, JPEG, GIF or WebP."))


def remove(attachment: Attachment, *, by: Any) -> None:
    """Take a file off its record. Its bytes stay; a picture in a text or an original cannot be removed."""
    if not by.has_perm("core.attach_to", attachment.entry):
        raise NotAllowed(_t("You may not remove this file."))
    if attachment.purpose != "file":
        raise Refused(_t("This file belongs to a text and stays with it."))
    with transaction.atomic():
        removed = Attachment.objects.filter(pk=attachment.pk, removed_at=None).update(removed_at=timezone.now())
        if removed:
            _write_down(attachment, "attachment_removed", by=by)


_FILES = Question(
    lambda _: (
        Attachment.objects.filter(entry=Slot("entry"), purpose="file", removed_at=None)
        .select_related("uploaded_by")
        .defer("text")
    )
)


def files_of(entry: CatalogEntry) -> Any:
    """The files beside a record's text."""
    return _FILES.rows(THE_PORTAL, entry=entry.pk)


def clean_name(name: str) -> str:
    """A file name without folders, control or direction signs, short enough, with its extension kept."""
    name = _UNSAFE.sub(" ", os.path.basename(name.replace("\\", "/"))).strip(" .") or "file"
    stem, dot, extension = name.rpartition(".")
    if dot and len(name) > 150:
        return f"{stem[: 149 - len(extension)]}.{extension}"
    return name[:150]


def _hash(file: File) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _write_down(attachment: Attachment, event: str, *, by: Any) -> None:
    record_line(
        record_of(attachment.entry),
        event,
        by=by,
        content_hash=attachment.sha256,
        data={"file": attachment.name, "attachment": str(attachment.pk), "size": attachment.size},
    )
