"""The document that somebody means by a number: as it stands, as it stood before, or in another spelling."""

from typing import Any

from django.contrib.contenttypes.models import ContentType

from core.models import CatalogEntry
from core.numbering import code_key
from documents.models import Document, FormerCode


def document_called(code: str, person: Any) -> Document | None:
    """The document of this number that the person may see: "SOP-014", its number of old, "sop 14"."""
    code = code.replace("\x00", "").strip()
    documents = Document.objects.with_people().visible_to(person)
    found = documents.filter(code=code).first()
    if found is None:
        former = FormerCode.objects.filter(code=code).values("document")
        found = documents.filter(pk__in=former).first()
    key = code_key(code)
    if found is None and key:
        own = ContentType.objects.get_for_model(Document)
        entries = CatalogEntry.objects.visible_to(person).filter(content_type=own, code_key=key)
        found = documents.filter(pk__in=entries.values("object_id")).first()
    return found
