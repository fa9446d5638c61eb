"""How requirements look on a page: `{% load requirements %}`."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from audits.models import Requirement, RequirementLink
from core.models import LedgerLine
from documents.compare import Comparison, compare_blocks

register = template.Library()

EVENTS = {
    "linked": _("linked %(record)s"),
    "unlinked": _("removed the link to %(record)s"),
    "link_confirmed": _("confirmed the link to %(record)s"),
    "applicability": _("decided whether it applies"),
    "requirement_written": _("wrote the requirement"),
    "started": _("started the library"),
    "imported": _("imported %(file)s"),
    "baseline_imported": _("imported the baseline %(baseline)s"),
    "facts_changed": _("changed the facts of the library"),
    "owner_changed": _("handed it over from %(from)s to %(to)s"),
    "attached": _("attached %(file)s"),
    "attachment_removed": _("removed the file %(file)s"),
    "comment_resolved": _("resolved a comment"),
    "comment_reopened": _("opened a comment again"),
}
_SHOWN = {"statement", "requirement", "guidance", "supplemental-guidance", "discussion"}


@register.filter
def requirement_event(line: LedgerLine) -> str:
    """What somebody did, in words."""
    words = EVENTS.get(line.event)
    if words is None:
        return line.event.replace("_", " ")
    return str(words) % {"record": "", "file": "", "baseline": "", "from": "", "to": "", **(line.data or {})}


@register.filter
def further_parts(requirement: Requirement) -> list[dict[str, Any]]:
    """The parts beside statement and guidance, which stand on the page already."""
    return [part for part in requirement.parts if part.get("name") not in _SHOWN]


@register.filter
def address(link: RequirementLink) -> str:
    """Where what fulfils it can be read: the step, where only a step does."""
    return f"{link.entry.url}#{link.part.key}" if link.part else link.entry.url


@register.filter
def compared_with(after: Requirement, before: Requirement) -> Comparison:
    """What reads differently between two editions, block by block."""
    return compare_blocks(_blocks(before), _blocks(after))


def _blocks(requirement: Requirement) -> list[str]:
    lines = (requirement.title, *requirement.text.split("\n"), *requirement.guidance.split("\n"))
    return [line for line in lines if line.strip()]
