"""What the processes add to the pages of documents: a panel, and a filter of their list."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from core.panels import Panel
from documents.filters import FurtherFilter
from documents.models import Document
from processes.fields import ProcessField
from processes.hub import linked_processes
from processes.models import Process, ProcessDocument


def _processes_of(person: Any, document: Document) -> str:
    """The processes that the document serves. One query, and one question whether the person may link others."""
    links = linked_processes(document, person)
    may_link = person.has_perm("documents.keep_document", document) or person.has_perm("processes.add_process")
    if not links and not may_link:
        return ""
    context = {"document": document, "links": links, "may_link": may_link}
    return render_to_string("processes/_processes_of_document.html", context)


PROCESSES_OF_DOCUMENT = Panel("processes", _("Processes"), _processes_of, order=10)


def _field(person: Any) -> ProcessField:
    field = ProcessField(label=_("Process and below"), required=False)
    field.person = person
    return field


def _served(documents: QuerySet[Document], process: Process) -> QuerySet[Document]:
    """Documents that the process, or one below it, uses."""
    links = ProcessDocument.objects.filter(document=OuterRef("pk"), process__lineage__contains=[process.pk])
    return documents.filter(Exists(links))


BY_PROCESS = FurtherFilter("process", _field, _served)
