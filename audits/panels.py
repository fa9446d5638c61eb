"""What requirements show on the pages of processes and documents."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from audits.models import RequirementLink
from core import catalog
from core.panels import Panel


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
