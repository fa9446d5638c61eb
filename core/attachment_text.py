"""The words of attached files, read by the worker, so that files are found by what is in them."""

import logging
from pathlib import PurePosixPath
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext_lazy as _

from core import catalog
from core.entry_rules import record_of
from core.jobs import Work, runs
from core.models import Attachment
from core.questions import THE_PORTAL, Question, Slot
from core.text_extraction import text_from

log = logging.getLogger(__name__)


@runs("core.read_attachment", label=_("Read the words of a file"))
def read_attachment(work: Work) -> dict[str, Any]:
    """Keep the words of one file and bring its record's place in the search up to date."""
    attachment = (
        Attachment.objects.select_related("entry__content_type").filter(pk=work.arguments["attachment"]).first()
    )
    if attachment is None:
        return {"characters": 0}
    try:
        with attachment.file.open("rb") as file:
            found = text_from(file.read(), PurePosixPath(attachment.name).suffix.lstrip(".").lower())
    except FileNotFoundError:
        log.warning("The file of attachment %s is not there", attachment.pk)
        return {"characters": 0}
    words = found.text
    Attachment.objects.filter(pk=attachment.pk).update(text=words)
    record = record_of(attachment.entry)
    if record is not None:
        catalog.refresh(record)
    return {"characters": len(words), "warning": str(found.warning or "")}


_TEXTS = Question(
    lambda _: Attachment.objects.filter(
        entry__content_type=Slot("kind"), entry__object_id=Slot("record"), removed_at=None, purpose="file"
    ).values_list("text", flat=True)
)


def words_of_files(record: Any) -> str:
    """The words of the files beside a record, for its place in the search."""
    kind = ContentType.objects.get_for_model(record).pk
    return "\n".join(text for text in _TEXTS.rows(THE_PORTAL, kind=kind, record=record.pk) if text)
