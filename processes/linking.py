"""Which documents a process uses: linked from either page, from a list and by an import, each with its trace."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _t

from core import catalog
from core.ledger import record_line, record_refusal
from core.lifecycle import NotAllowed, Refused
from core.models import CatalogLink
from core.permissions import sees
from documents.models import Document
from processes.models import Process, ProcessDocument

Relation = ProcessDocument.Relation
REFERS_TO = "refers to"  # the relation that “Referred to by” shows


def may_link(person: Any, process: Process, document: Document) -> bool:
    """Who may change the process, or keeps the document; and sees both."""
    if process.is_retired or not (sees(person, process) and sees(person, document)):
        return False
    return person.has_perm("processes.change_process", process) or person.has_perm("documents.keep_document", document)


def refuse_bad_link(process: Process, document: Document, *, by: Any) -> None:
    """Raise ``Refused`` unless this person may link these two, or part them."""
    if process.is_retired:
        raise Refused(_t("%(code)s is retired. Choose an active process.") % {"code": process.code})
    if by is not None and not may_link(by, process, document):
        raise NotAllowed(_t("You may not link %(code)s to this process.") % {"code": document.code})


def link_document(
    process: Process, document: Document, *, by: Any, relation: str = Relation.GOVERNS
) -> ProcessDocument:
    """Say that the process uses the document. What is linked already gets the relation, and no second link."""
    try:
        with transaction.atomic():
            process = Process.objects.select_for_update(no_key=True).get(pk=process.pk)
            refuse_bad_link(process, document, by=by)
            link = process.document_links.filter(document=document).first()
            if link is not None and link.relation == relation:
                return link
            if link is None:
                last = process.document_links.aggregate(last=Max("position"))["last"] or 0
                link = ProcessDocument(process=process, document=document, position=last + 1, linked_by=by)
            link.relation = relation
            link.save()
            _trace("document_linked", link, by=by)
            CatalogLink.objects.get_or_create(
                source=catalog.entry_of(process), target=catalog.entry_of(document), relation=REFERS_TO
            )
            return link
    except Refused as refusal:
        record_refusal(process, "link document", by=by, reason=str(refusal.message))
        raise


def unlink_document(process: Process, document: Document, *, by: Any) -> bool:
    """Take the link away; returns whether there was one."""
    try:
        with transaction.atomic():
            process = Process.objects.select_for_update(no_key=True).get(pk=process.pk)
            link = process.document_links.filter(document=document).first()
            if link is None:
                return False
            refuse_bad_link(process, document, by=by)
            _trace("document_unlinked", link, by=by)
            link.delete()
            CatalogLink.objects.filter(
                source=catalog.entry_of(process), target=catalog.entry_of(document), relation=REFERS_TO
            ).delete()
            return True
    except Refused as refusal:
        record_refusal(process, "unlink document", by=by, reason=str(refusal.message))
        raise


def _trace(event: str, link: ProcessDocument, *, by: Any) -> None:
    """A line on both sides. Each names the other by its key: who reads the line may not see the other record."""
    record_line(link.process, event, by=by, data={"document": link.document_id, "relation": link.relation})
    record_line(link.document, event.replace("document", "process"), by=by, data={"process": link.process_id})
