"""Which documents a procedure's text points at: kept as links of the index, so that "what is affected" is one query."""

import re
from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from core.models import CatalogEntry, CatalogLink
from core.numbering import tidy_code
from core.questions import IDS, THE_PORTAL, OneOf, Question, Slot
from documents.models import Document, Version
from sops.kinds import PROCEDURES, body_html

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
        Version.objects.effective(Slot("now"))
        .filter(OneOf("pk", Slot("versions", IDS)))
        .order_by()
        .values_list("pk", flat=True)
    )
)
_THERE = Question(
    lambda _: CatalogLink.objects.filter(OneOf("source", Slot("sources", IDS)), relation=REFERS_TO).values_list(
        "source_id", "target_id"
    )
)
_ENTRIES = Question(
    lambda _: CatalogEntry.objects.filter(
        OneOf("object_id", Slot("documents", IDS)), content_type=Slot("kind")
    ).values_list("object_id", "pk")
)
_LINK = re.compile(r'href="/documents/([^"/?#]{1,80})/')


def referred_codes(html: str) -> set[str]:
    """The codes that the links of a sanitised text lead to."""
    return {tidy_code(code) for code in _LINK.findall(html)}


def refresh_references(versions: list[Version]) -> None:
    """Make the links of each document those of its version in force."""
    texts = [version for version in versions if not version.is_file and version.document.kind in PROCEDURES]
    if not texts:
        return
    now = timezone.now()
    in_force = set(_IN_FORCE.rows(THE_PORTAL, versions=[version.pk for version in texts], now=now))
    named = {
        version.document_id: referred_codes(body_html(version.body_bytes())) - {version.document.code}
        for version in texts
        if version.pk in in_force
    }
    entries = _entries_of(named)
    targets = _entries_by_code(set().union(*named.values()))
    wanted = {
        (entries[document], targets[code]) for document, codes in named.items() for code in codes if code in targets
    }
    there = set(_THERE.rows(THE_PORTAL, sources=list(entries.values())))
    for source, target in there - wanted:
        CatalogLink.objects.filter(source=source, relation=REFERS_TO, target=target).delete()
    CatalogLink.objects.bulk_create(
        [
            CatalogLink(source_id=source, target_id=target, relation=REFERS_TO)
            for source, target in sorted(wanted - there)
        ],
        ignore_conflicts=True,
    )


def _entries_of(documents: Iterable[int]) -> dict[int, int]:
    """The entry of each document, by the keys of both."""
    kind = ContentType.objects.get_for_model(Document).pk
    return dict(_ENTRIES.rows(THE_PORTAL, kind=kind, documents=list(documents)))


def _entries_by_code(codes: set[str]) -> dict[str, int]:
    """The entry of the document with each of these codes, where there is one."""
    found = dict(Document.objects.filter(code__in=codes).values_list("pk", "code")) if codes else {}
    return {found[document]: entry for document, entry in _entries_of(found).items()} if found else {}


def referring(person: Any, document: Document) -> list[CatalogEntry]:
    """Records in force that point at this document and that the person may see."""
    kind = ContentType.objects.get_for_model(Document).pk
    return _REFERRING.rows(person, kind=kind, document=document.pk, now=timezone.now())
