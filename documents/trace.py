"""The part of the ledger that a person may read on a document's page."""

from typing import Any

from core.ledger import lines_of
from documents.models import Document

# What readers are told. Words about drafts and reviews are for those who work on the document.
FOR_READERS = ("approve", "adopt", "took_effect", "retire", "reviewed:no_change")


def lines_for(person: Any, document: Document) -> Any:
    """Ledger lines of the document that this person may see, newest first."""
    lines = lines_of(document)
    return lines if document.is_worked_on_by(person) else lines.filter(event__in=FOR_READERS)
