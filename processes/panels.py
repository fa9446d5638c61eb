"""What the processes show on a document's page."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from core.panels import Panel
from documents.models import Document
from processes.hub import linked_processes


def _processes_of(person: Any, document: Document) -> str:
    """The processes that the document serves. One query, and one question whether the person may link others."""
    links = linked_processes(document, person)
    may_link = person.has_perm("documents.keep_document", document) or person.has_perm("processes.add_process")
    if not links and not may_link:
        return ""
    context = {"document": document, "links": links, "may_link": may_link}
    return render_to_string("processes/_processes_of_document.html", context)


PROCESSES_OF_DOCUMENT = Panel("processes", _("Processes"), _processes_of, order=10)
