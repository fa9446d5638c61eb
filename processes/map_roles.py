"""Which process a map shows and for what: given by a form, by an import, or when a To-Be map is started."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _t

from core.ledger import record_line
from core.lifecycle import NotAllowed, Refused
from documents.drafting import start_document
from documents.lifecycle import State
from documents.models import Document, Version
from processes.linking import link_document
from processes.maps import KEY
from processes.models import Process, ProcessDocument, ProcessMap

TITLE_LENGTH = 300


def give_role(
    document: Document, *, by: Any, process: Process | None, purpose: str, based_on: Version | None = None
) -> ProcessMap:
    """Say what a map shows. Raises ``Refused`` where the process has another As-Is map."""
    if document.kind != KEY:
        raise Refused(_t("%(code)s is no map.") % {"code": document.code})
    with transaction.atomic():
        role = ProcessMap.objects.select_for_update(of=("self",)).filter(document=document).first()
        role = role or ProcessMap(document=document)
        if process is not None and process.is_retired:
            raise Refused(_t("%(code)s is retired. Choose an active process.") % {"code": process.code})
        if purpose == ProcessMap.Purpose.AS_IS and process is not None:
            _refuse_a_second(process, document)
        before = (role.process_id, role.purpose)
        role.process, role.purpose = process, purpose
        role.based_on = (based_on or role.based_on) if purpose == ProcessMap.Purpose.TO_BE else None
        is_new = role._state.adding
        if not is_new and before == (role.process_id, role.purpose) and based_on is None:
            return role
        role.save()
        record_line(document, "map_role", by=by, data={"process": role.process_id, "purpose": purpose})
        if process is not None:
            link_document(process, document, by=by, relation=ProcessDocument.Relation.GOVERNS)
        return role


def _refuse_a_second(process: Process, document: Document) -> None:
    other = (
        ProcessMap.objects.current()
        .filter(process=process, purpose=ProcessMap.Purpose.AS_IS)
        .exclude(document=document)
        .select_related("document")
        .first()
    )
    if other is not None:
        raise Refused(
            _t("%(process)s has an As-Is map already: %(code)s. Retire that one first, or make this a To-Be map.")
            % {"process": process.code, "code": other.document.code}
        )


def start_to_be(version: Version, *, by: Any) -> Version:
    """A To-Be map that begins as a copy of this version and names it."""
    role = ProcessMap.objects.filter(document=version.document).select_related("process").first()
    if role is not None and role.is_to_be:
        raise Refused(_t("This is a To-Be map itself. Start from the As-Is map."))
    if not by.has_perm("processes.write_map"):
        raise NotAllowed(_t("You may not draw maps. Ask a process officer."))
    document = version.document
    if (begun := _begun(version, by)) is not None:
        return begun
    title = _t("%(title)s (To-Be)") % {"title": version.title[: TITLE_LENGTH - 20]}
    with transaction.atomic():
        started = start_document(
            kind=KEY,
            by=by,
            title=title,
            department=document.department,
            audience=document.audience,
            body=version.body_bytes(),
        )
        give_role(
            started.document,
            by=by,
            process=role.process if role else None,
            purpose=ProcessMap.Purpose.TO_BE,
            based_on=version,
        )
    return started


def _begun(version: Version, by: Any) -> Version | None:
    """The To-Be map that this person started from the same version and has not submitted yet: twice is once."""
    drafts = Version.objects.filter(document__process_map__based_on=version, author=by, state=State.DRAFT, sequence=1)
    return drafts.select_related("document").first()
