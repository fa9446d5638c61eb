"""The part of the ledger that a person may read on a document's page."""

from typing import Any

from core.ledger import kind_of, lines_of
from core.models import LedgerLine
from core.questions import Question, Slot
from documents.models import Document, Version

# What readers are told. Words about drafts and reviews are for those who work on the document.
FOR_READERS = ("approve", "adopt", "took_effect", "retire", "reviewed:no_change")
# What is signed of a version while people work by it, beside its approval.
REVIEWED = "reviewed:no_change"
SINCE_RELEASE = (REVIEWED, "retire")
_SINCE_RELEASE = Question(
    lambda _: (
        LedgerLine.objects.filter(family_kind=kind_of(Document), family_id=Slot("document"))
        .filter(record_kind=kind_of(Version), record_id=Slot("version"), event__in=SINCE_RELEASE)
        .select_related("actor")
        .order_by("-id")
    )
)


def lines_since_release(person: Any, version: Version) -> list[LedgerLine]:
    """Who reviewed the version and who retired it, newest first: readers are told both."""
    return _SINCE_RELEASE.rows(person, document=version.document_id, version=version.pk)


def lines_for(person: Any, document: Document) -> Any:
    """Ledger lines of the document that this person may see, newest first."""
    lines = lines_of(document)
    return lines if document.is_worked_on_by(person) else lines.filter(event__in=FOR_READERS)
