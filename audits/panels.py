"""What requirements show on the pages of processes and documents."""

from typing import Any
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from audits.checklist_references import asking_about
from audits.models import Requirement, RequirementLink
from core import catalog
from core.panels import Panel
from documents.models import Document


def _fulfils(person: Any, record: Any) -> str:
    """The requirements that a record or its steps fulfil, and the way to add one for who may work on the record."""
    entry = catalog.entries_of(record).first()
    if entry is None:
        return ""
    links = list(RequirementLink.objects.visible_to(person).filter(entry=entry).with_ends().order_by("id")[:200])
    may_add = person.has_perm("core.attach_to", entry) or person.has_perm("audits.change_framework")
    if not (links or may_add):
        return ""
    return render_to_string("audits/_fulfils.html", {"links": links, "entry": entry, "may_add": may_add})


FULFILS = Panel("fulfils", _("Fulfils"), _fulfils, order=60)


def _checklists(person: Any, record: Document | Requirement) -> str:
    """The checklists that ask about a document or a requirement; for authors the way to draft one from its steps."""
    if isinstance(record, Document) and record.kind == "checklist":
        return ""
    entry = catalog.entries_of(record).first()
    if entry is None:
        return ""
    entries, draft_url = list(asking_about(person, entry)), ""
    if isinstance(record, Document) and person.has_perm("audits.write_checklist"):
        query = urlencode({"source": "document", "document": record.code})
        draft_url = f"{reverse('audits:checklist-draft')}?{query}"
    if not (entries or draft_url):
        return ""
    return render_to_string("audits/_checklists_about.html", {"entries": entries, "draft_url": draft_url})


CHECKLISTS = Panel("checklists", _("Checklists"), _checklists, order=70)
