"""Which documents a procedure's text points at: kept as links of the index, so that "what is affected" is one query."""

import re
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from core import catalog
from core.models import CatalogEntry, CatalogLink
from core.numbering import tidy_code
from core.questions import THE_PORTAL, Question, Slot
from documents.models import Document, Version

REFERS_TO = "refers to"
_REFERRING = Question(
    lambda person: (
        CatalogEntry.objects.visible_to(person)
        .in_force(Slot("now"))
        .filter(
            links_out__relation=REFERS_TO,
            links_out__target__content_type=Slot("kind"),
            links_out__target__object_id=Slot("document"),
        )
        .order_by("code")[:50]
    )
)
_IN_FORCE = Question(
    lambda _: (
        Version.objects.effective(Slot("now")).filter(document=Slot("document")).order_by().values_list("pk", flat=True)
    )
)
_TARGETS = Question(
    lambda _: CatalogLink.objects.filter(source=Slot("source"), relation=REFERS_TO).values_list("target_id", flat=True)
)
_LINK = re.compile(r'href="/documents/([^"/?#]{1,80})/')


def referred_codes(html: str) -> set[str]:
    """The codes that the links of a sanitised text lead to."""
    return {tidy_code(code) for code in _LINK.findall(html)}


def refresh_references(version: Version) -> None:
    """Make the document's links those of the version in force."""
    document = version.document
    in_force = _IN_FORCE.rows(THE_PORTAL, document=document.pk, now=timezone.now())
    if version.is_file or in_force != [version.pk]:
        return
    source = catalog.entry_of(document)
    codes = referred_codes(version.body_bytes().decode()) - {document.code}
    targets = set(Document.objects.filter(code__in=codes).values_list("pk", flat=True)) if codes else set()
    entries = CatalogEntry.objects.filter(content_type=source.content_type_id, object_id__in=targets)
    wanted = set(entries.values_list("pk", flat=True)) if targets else set()
    there = set(_TARGETS.rows(THE_PORTAL, source=source.pk))
    if gone := there - wanted:
        CatalogLink.objects.filter(source=source, relation=REFERS_TO, target__in=gone).delete()
    CatalogLink.objects.bulk_create(
        [CatalogLink(source=source, target_id=target, relation=REFERS_TO) for target in sorted(wanted - there)],
        ignore_conflicts=True,
    )


def referring(person: Any, document: Document) -> list[CatalogEntry]:
    """Records in force that point at this document and that the person may see."""
    kind = ContentType.objects.get_for_model(Document).pk
    return _REFERRING.rows(person, kind=kind, document=document.pk, now=timezone.now())
