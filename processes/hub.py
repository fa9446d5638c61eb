"""What the page of a process shows beside its own facts: where it stands, what is below it, what it is done by."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext_lazy as _

from core.kinds.timeline import HistoryItem
from core.models import CatalogEntry
from documents.kinds import kind_named
from documents.models import Document
from processes.models import Process, ProcessDocument

SIPOC_HEADINGS = {
    "suppliers": _("Suppliers"),
    "inputs": _("Inputs"),
    "steps": _("Process"),
    "outputs": _("Outputs"),
    "customers": _("Customers"),
}


@dataclass(frozen=True)
class SipocColumn:
    """One column of a SIPOC: its name, its heading and its lines."""

    name: str
    heading: Any
    lines: list[str]


@dataclass
class LinkedDocument:
    """A document of the process as its page shows it: the link, the document and the state that readers know."""

    link: ProcessDocument
    document: Document
    state: str

    @property
    def type_label(self) -> Any:
        return kind_named(self.document.kind).label


def levels_above(process: Process, person: Any) -> list[Process]:
    """The processes above this one that the person may see, from the top down. One query, none at the top."""
    if process.parent_id is None:
        return []
    above = Process.objects.visible_to(person).filter(pk__in=process.lineage).exclude(pk=process.pk)
    return sorted(above.only("code", "title", "level"), key=lambda one: one.level)


def sipoc_columns(process: Process) -> list[SipocColumn]:
    """The SIPOC by columns; no columns where nothing stands in any."""
    columns = [SipocColumn(name, heading, getattr(process, name)) for name, heading in SIPOC_HEADINGS.items()]
    return columns if any(column.lines for column in columns) else []


def linked_documents(process: Process, person: Any) -> list[LinkedDocument]:
    """The documents of the process that the person may see, by type and order, each with its state. Two queries."""
    links = list(ProcessDocument.objects.visible_to(person).filter(process=process).select_related("document__owner"))
    states = states_of([link.document_id for link in links])
    found = [LinkedDocument(link, link.document, states.get(link.document_id, "draft")) for link in links]
    return sorted(found, key=lambda one: (str(one.type_label), one.link.position))


def states_of(documents: Iterable[int]) -> dict[int, str]:
    """The state of each document as the index knows it. One query."""
    kind = ContentType.objects.get_for_model(Document)
    entries = CatalogEntry.objects.filter(content_type=kind, object_id__in=list(documents))
    return dict(entries.values_list("object_id", "state"))


def linked_processes(document: Document, person: Any) -> list[ProcessDocument]:
    """The links of a document to processes that the person may see, by code. One query."""
    links = ProcessDocument.objects.visible_to(person).filter(document=document)
    return list(links.select_related("process").order_by("process__code"))


def name_records(items: list[HistoryItem], person: Any) -> list[HistoryItem]:
    """The same lines of a history, those about a link or a merge with the name of the other record where the
    person may see it. At most two queries."""
    documents = _named(Document.objects, {item.data.get("document") for item in items}, person)
    merged = _named(Process.objects, {item.data.get("process") for item in items}, person)
    for item in items:
        name = documents.get(item.data.get("document")) or merged.get(item.data.get("process"))
        if name is not None:
            item.words = f"{item.words}: {name}"
    return items


def _named(records: Any, keys: set[Any], person: Any) -> dict[int, str]:
    keys = keys - {None}
    return {one.pk: str(one) for one in records.visible_to(person).filter(pk__in=keys)} if keys else {}
