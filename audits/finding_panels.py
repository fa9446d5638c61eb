"""Findings on the pages of processes, documents and requirements, with the way to write one."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from audits.models import Finding
from core import catalog
from core.panels import Panel

SHOWN = 8


def _panel(found: Callable[[Any], Q], *, by_entry: bool) -> Callable[[Any, Any], str]:
    """Two queries at most: the entry, which the button names, and the findings."""

    def render(person: Any, record: Any) -> str:
        may_add = person.has_perm("audits.add_finding")
        findings = Finding.objects.visible_to(person).published().exclude(state="withdrawn").filter(found(record))
        rows = list(findings.select_related("grade").order_by("-published_at")[: SHOWN + 1])
        if not (rows or may_add):
            return ""
        entry = catalog.entries_of(record).first() if by_entry and may_add else None
        context = {"findings": rows[:SHOWN], "has_more": len(rows) > SHOWN, "entry": entry, "may_add": may_add}
        if not by_entry:
            context["requirement"] = record
        return render_to_string("audits/_findings_panel.html", context)

    return render


def _of_process(process: Any) -> Q:
    return Q(process=process.pk)


def _of_document(document: Any) -> Q:
    """On a step of a procedure, or an element of a map."""
    return Q(step__document=document.pk) | Q(element__document=document.pk)


def _of_requirement(requirement: Any) -> Q:
    return Q(requirement=requirement.pk)


ON_PROCESS = Panel("findings", _("Findings"), _panel(_of_process, by_entry=True), order=50)
ON_DOCUMENT = Panel("findings", _("Findings"), _panel(_of_document, by_entry=True), order=50)
ON_REQUIREMENT = Panel("findings", _("Findings"), _panel(_of_requirement, by_entry=False), order=50)
