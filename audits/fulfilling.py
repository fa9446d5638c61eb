"""What fulfils a requirement: links to processes, documents, steps and map elements, set from either side."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _t

from audits.models import Requirement, RequirementLink
from audits.permissions import may_link
from core import catalog
from core.entry_rules import record_of
from core.ledger import record_line
from core.lifecycle import NotAllowed, Refused
from core.models import CatalogEntry
from documents.models import Document, Part

RELATION = "fulfils"


def linkable_models() -> tuple[str, ...]:
    """The models whose records can fulfil a requirement, by label in lower case."""
    return ("documents.document", "processes.process")


def parts_of(entry: CatalogEntry) -> list[Part]:
    """The steps or elements of a document, in the order of its version in force or, before that, of its draft."""
    record = record_of(entry)
    if not isinstance(record, Document):
        return []
    version = record.version_in_force() or record.open_version()
    if version is None or version.is_file:
        return []
    order = {part.key: place for place, part in enumerate(record.kind_of.parts(version.body_bytes()))}
    parts = record.parts.filter(key__in=order)
    return sorted(parts, key=lambda part: order[part.key])


def link(
    requirement: Requirement, entry: CatalogEntry, *, by: Any, part: Part | None = None, note: str = ""
) -> RequirementLink:
    """Say that a record, or a part of it, fulfils a requirement. Twice is once; a new note replaces the old one."""
    if not may_link(by, requirement, entry):
        raise NotAllowed(_t("You may change neither the requirement nor what would fulfil it."))
    if requirement.is_group:
        raise Refused(_t("This is a group. Choose one of its requirements."))
    if part is not None and part.document_id != _document_id(entry):
        raise Refused(_t("The step belongs to another document."))
    with transaction.atomic():
        made, is_new = RequirementLink.objects.get_or_create(
            requirement=requirement, entry=entry, part=part, defaults={"note": note[:500], "made_by": by}
        )
        if not is_new and note.strip() and made.note != note[:500]:
            made.note = note[:500]
            made.save(update_fields=["note"])
        elif not is_new:
            return made
        record_line(requirement, "linked", by=by, data=_told(made))
        record = record_of(entry)
        if record is not None:
            catalog.link(record, requirement, RELATION)
    return made


def unlink(made: RequirementLink, *, by: Any) -> None:
    """Take a link away; the ledger keeps that it was there."""
    if not by.has_perm("audits.change_requirementlink", made):
        raise NotAllowed(_t("You may change neither the requirement nor what would fulfil it."))
    with transaction.atomic():
        record_line(made.requirement, "unlinked", by=by, data=_told(made))
        requirement, entry = made.requirement, made.entry
        made.delete()
        if not RequirementLink.objects.filter(requirement=requirement, entry=entry).exists():
            entry.links_out.filter(relation=RELATION, target=catalog.entry_of(requirement)).delete()


def confirm(made: RequirementLink, *, by: Any) -> None:
    """Say that a link carried over from the edition before is still right although the words differ."""
    if not by.has_perm("audits.change_requirementlink", made):
        raise NotAllowed(_t("You may change neither the requirement nor what would fulfil it."))
    with transaction.atomic():
        if RequirementLink.objects.filter(pk=made.pk, needs_check=True).update(needs_check=False):
            record_line(made.requirement, "link_confirmed", by=by, data=_told(made))


def _document_id(entry: CatalogEntry) -> int | None:
    record = record_of(entry)
    return record.pk if isinstance(record, Document) else None


def _told(made: RequirementLink) -> dict[str, Any]:
    """What the ledger says of a link. ``entry`` lets a page show the record to those only who may see it."""
    words: dict[str, Any] = {"entry": made.entry_id, "record": f"{made.entry.code} {made.entry.title}".strip()}
    words["note"] = made.note
    if made.part:
        words["part"] = made.part.label or made.part.key
    return words
