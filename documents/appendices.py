"""Files that belong to one version: they are drafted, signed, released and superseded together with its text."""

from dataclasses import dataclass
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _t

from core import attachments
from core.attachments import reads
from core.catalog import entry_of
from core.ledger import record_line
from core.lifecycle import NotAllowed, Refused, WrongState
from core.models import Attachment
from documents.models import Appendix, Document, Version

PURPOSE = "appendix"
MOST = 50


def add_appendix(version: Version, file: File, *, by: Any) -> Appendix:
    """Store a file and add it to a draft. Raises ``Refused``; then nothing is kept."""
    with transaction.atomic():
        version = _open_for(version, by)
        if version.appendices.count() >= MOST:
            raise Refused(_t("A version can have at most %(most)s appendices.") % {"most": MOST})
        name = attachments.clean_name(file.name or "")
        if version.appendices.filter(attachment__name=name).exists():
            raise Refused(_t("There is an appendix with the name “%(name)s” already.") % {"name": name})
        kept = attachments.store(file, entry_of(version.document), by=by, purpose=PURPOSE, name=name)
        _note_writer(version, by)
        return Appendix.objects.create(version=version, attachment=kept)


def remove_appendix(appendix: Appendix, *, by: Any) -> None:
    """Take a file out of a draft. Versions that were released with it keep it."""
    with transaction.atomic():
        version = _open_for(appendix.version, by)
        if Appendix.objects.filter(pk=appendix.pk).delete()[0]:
            _note_writer(version, by)
            record_line(version, "attachment_removed", by=by, data={"file": appendix.attachment.name})


def _open_for(version: Version, person: Any) -> Version:
    version = version.locked()
    if not version.is_editable:
        raise WrongState(_t("This version is not open for editing any more."))
    if not person.has_perm("documents.change_version", version):
        raise NotAllowed(_t("You may not change this document."))
    return version


def _note_writer(version: Version, person: Any) -> None:
    """Appendices are signed with the text, so who changes them does not decide on it. The text is as it was: no line
    of history."""
    if version.note_writer(person):
        Version.objects.filter(pk=version.pk).update(writer_ids=version.writer_ids)


def take_over(version: Version, base: Version) -> None:
    """A new draft starts with the appendices of the version it starts from."""
    Appendix.objects.bulk_create(
        Appendix(version=version, attachment_id=pk)
        for pk in base.appendices.order_by("pk").values_list("attachment_id", flat=True)
    )


@reads("appendix")
def may_read_appendix(person: Any, attachment: Attachment) -> bool:
    """Who may read a version that has it."""
    return Appendix.objects.visible_to(person).filter(attachment=attachment).exists()


@reads("image")
def may_read_picture(person: Any, attachment: Attachment) -> bool:
    """Who works on the document, and who may read a version that shows it."""
    if attachment.entry.content_type.model_class() is not Document:
        return True
    document = Document.objects.filter(pk=attachment.entry.object_id)
    if document.worked_on_by(person).exists():
        return True
    return Version.objects.visible_to(person).filter(document__in=document).showing(attachment.pk).exists()


@dataclass(frozen=True)
class Difference:
    """An appendix that only one of two versions has, or that both have with other content."""

    kind: str  # "add", "cut", "edit"
    name: str


def differences(before: Version, after: Version) -> list[Difference]:
    """How the appendices of two versions differ, by name."""
    old, new = (
        dict(version.appendices.values_list("attachment__name", "attachment__sha256")) for version in (before, after)
    )
    kinds = {name: "add" if name not in old else "cut" if name not in new else "edit" for name in old | new}
    return [Difference(kind, name) for name, kind in sorted(kinds.items()) if old.get(name) != new.get(name)]


def remark_on_files(document: Document) -> str:
    """What the files beside a document are to its approved version: no part of it."""
    if not document.was_released():
        return ""
    return _t("These files are not part of the approved version. Its appendices are approved with it.")
