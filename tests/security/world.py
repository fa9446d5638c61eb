"""A confidential record whose every text holds a canary word, and what the addresses of the portal take."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from actions.models import Action
from audits import own_requirements
from audits.models import FrameworkImport, Grade, RequirementLink
from audits.planning import plan_audit
from audits.writing_findings import write_finding
from core import attachments, comments
from core.catalog import entry_of
from core.models import BulkRun, Job, Notice, OutboxMessage, SavedView
from core.notices import tell
from documents.appendices import add_appendix
from documents.drafting import open_draft
from documents.models import RouteTemplate
from documents.sharing import share
from documents.submission import StepPlan, submit
from people.models import ApiToken, Delegation, Invitation, JobRole, PeopleImport
from processes.linking import link_document
from processes.tree import start_process
from sops.models import ImportRow, ImportRun
from tests.cast import approve, new_draft

CANARY = "ZXCANARY"
IMPORTED = {"line": "2", "email": "canary@example.org", "name": CANARY}
BODY = f"<h2>{CANARY}</h2><p>{CANARY} in the text.</p>".encode()


@dataclass(frozen=True)
class Route:
    """One address of the portal: its template, its full name and the names of what it takes."""

    template: str
    name: str
    parameters: tuple[str, ...]
    pattern: URLPattern = field(compare=False, hash=False)


def routes() -> list[Route]:
    """Every address in the URL configuration."""
    return list(_walk(get_resolver().url_patterns, "", "", ()))


def _walk(
    patterns: list[URLPattern | URLResolver], template: str, namespace: str, parameters: tuple[str, ...]
) -> Iterator[Route]:
    for pattern in patterns:
        here = template + str(pattern.pattern)
        taken = tuple(dict.fromkeys((*parameters, *pattern.pattern.converters, *pattern.pattern.regex.groupindex)))
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, here, inner, taken)
        else:
            yield Route(here, f"{namespace}{pattern.name or ''}", taken, pattern)


def make_secret(author: Any, owner: Any, approver: Any) -> dict[str, Any]:
    """The confidential document with a version in force, one in review, a grant, a token; as address parameters."""
    first = new_draft(author, owner, title=f"{CANARY} title", audience="named", body=BODY)
    appendix = add_appendix(first, ContentFile(CANARY.encode(), "appendix-file.txt"), by=author)
    version = approve(first, author, approver)
    document = version.document
    draft = open_draft(document, by=author, reason=f"{CANARY} reason")
    route = submit(draft, by=author, plan=[StepPlan(CANARY, people=[approver])])
    role = JobRole.objects.create(name="Keeper of secrets")
    grant = share(document, by=owner, until=timezone.localdate() + timedelta(days=9), reason=CANARY, role=role)
    token, _text = ApiToken.make(owner, name=CANARY)
    entry = entry_of(document)
    said = comments.add(entry, by=owner, text=f"{CANARY} comment")
    kept = attachments.store(ContentFile(CANARY.encode(), "list.txt"), entry, by=owner)
    tell([owner], "asked", f"{CANARY} notice", occasion=CANARY, entry=entry)
    job = Job.objects.create(kind="core.tell_followers", asked_by=owner, arguments={"text": CANARY}, message="")
    OutboxMessage.objects.create(
        key=CANARY,
        person=owner,
        recipient=owner.email,
        subject=CANARY,
        text=CANARY,
        entry_ids=[entry.pk],
        dead_at=timezone.now(),
    )
    today = timezone.localdate()
    delegation = Delegation.objects.create(person=owner, delegate=author, starts_on=today, ends_on=today)
    runs = _runs_about(document, version, owner)
    process = start_process(by=author, title=f"{CANARY} process", owner=owner, audience="named", purpose=CANARY)
    link_document(process, document, by=None)
    return {
        **runs,
        "document": document,
        "saved_view": SavedView.objects.create(person=owner, listing="documents", name=CANARY, query="kind=sop"),
        "draft": draft,
        "process": process,
        "code": document.code,
        "sequence": draft.sequence,
        "seat_id": route.steps.get().seats.get().pk,
        "entry_id": entry.pk,
        "comment": said.comment,
        "attachment": kept,
        "appendix": appendix,
        "notice": Notice.objects.get(person=owner, topic="asked", text=f"{CANARY} notice"),
        "job": job,
        "grant": grant,
        "token": token,
        "delegation": delegation,
        "role": role,
        "action": Action.agree(
            by=author, title=f"{CANARY} action", details=CANARY, owner=owner, due_on=today, source=document
        ),
        **_requirements(document, author, owner),
        **_audit(author, owner),
        "approval_route": RouteTemplate.objects.create(name="Standard approval", kind="sop"),
        "import": PeopleImport.objects.create(file_name=f"{CANARY}.csv", asked_by=owner, rows=[IMPORTED]),
        "invitation_token": Invitation.make(owner, by=None)[1],
    }


def _requirements(document: Any, author: Any, owner: Any) -> dict[str, Any]:
    """A confidential library of own requirements, of which one is fulfilled by the document; and an import."""
    facts = {"title": f"{CANARY} library", "sort": "contract", "owner": owner, "audience": "named"}
    library = own_requirements.start_library(by=author, **facts, description=CANARY, readers=[owner])
    words = {"label": "1", "title": f"{CANARY} requirement", "text": CANARY, "guidance": CANARY, "parent": None}
    row = own_requirements.write_requirement(library, None, by=author, is_group=False, is_withdrawn=False, **words)
    link = RequirementLink.objects.create(requirement=row, entry=entry_of(document), note=CANARY, needs_check=True)
    summary = {"title": CANARY, "line": {}, "links": [0, 0, 0], "counted": {}}
    imported = FrameworkImport.objects.create(
        asked_by=owner, file_name=f"{CANARY}.csv", summary=summary, checked_at=timezone.now()
    )
    return {"library": library, "requirement": row, "requirement_link": link, "library_import": imported}


def _audit(author: Any, owner: Any) -> dict[str, Any]:
    """A confidential audit, and a confidential finding that was published."""
    today = timezone.localdate()
    audit = plan_audit(
        by=author,
        title=f"{CANARY} audit",
        lead=author,
        owner=owner,
        starts_on=today,
        ends_on=today,
        checklist=None,
        criteria=CANARY,
        audience="named",
    )
    finding = write_finding(
        by=author,
        title=f"{CANARY} finding",
        observation=CANARY,
        grade=Grade.objects.get(pk="minor"),
        owner=owner,
        audit=audit,
        audience="named",
    )
    return {"audit": audit, "finding": finding.move("publish", by=author)}


def _runs_about(document: Any, version: Any, owner: Any) -> dict[str, Any]:
    """An import that brought the document in, and a change of many records that it is among."""
    import_run = ImportRun.objects.create(asked_by=owner, file_name="book.zip", checked_at=timezone.now())
    ImportRow.objects.create(
        run=import_run,
        position=1,
        place=CANARY,
        outcome="created",
        code=document.code,
        title=CANARY,
        warnings=[[CANARY, {}]],
        document=document,
        version=version,
    )
    bulk_run = BulkRun.objects.create(listing="documents", action="owner", asked_by=owner, is_answered=True)
    changes = [[CANARY, CANARY, CANARY]]
    bulk_run.rows.create(position=1, object_id=document.pk, outcome="change", changes=changes, reason=CANARY)
    BulkRun.objects.filter(pk=bulk_run.pk).update(prepared_at=timezone.now(), values={"owner": [CANARY]})
    return {"import_run": import_run, "bulk_run": bulk_run}
