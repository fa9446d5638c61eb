"""Documents for programs. The same verbs and the same rights as in the pages."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict

from core.attachments import files_of
from core.catalog import entry_of
from core.lifecycle import Invalid
from core.models import Attachment, CatalogEntry
from core.pages.attachments import give_out
from core.signing import Signature
from core.views import find
from documents.api_once import once
from documents.drafting import open_draft, save_draft, start_document
from documents.files import facts_of_file
from documents.filters import attach_shown_versions
from documents.kinds import all_kinds, encode_utf8
from documents.models import Decision, Document, KindSettings, Version
from documents.spellings import document_called
from documents.submission import plan_for, submit
from documents.views.files import file_answer
from people.api import asking
from people.models import Department, Person
from people.signing import click, sign

router = Router(tags=["documents"])
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
GIVES_BYTES = {"responses": {200: {"description": "The file, with its own content type", "content": _BYTES}}}


class Input(Schema):
    """What is sent; a field that does not exist is an error, not silence."""

    model_config = ConfigDict(extra="forbid")


class Filters(Input):
    kind: str = ""
    q: str = Field("", max_length=200)
    page: int = Field(1, ge=1, le=100_000)
    page_size: int = Field(50, ge=1, le=200)


class DocumentOut(Schema):
    kind: str
    code: str
    title: str
    state: str
    number: str
    owner: str | None
    department: str | None
    effective_from: datetime | None
    review_due_on: date | None
    url: str


class FileOut(Schema):
    name: str
    size: int
    sha256: str
    content_type: str
    url: str = Field(description="where the token gets the bytes; rights are asked each time")


class VersionOut(Schema):
    code: str
    sequence: int
    number: str
    state: str
    title: str
    body: str
    file_name: str
    file: FileOut | None = Field(description="of a version that is an uploaded file; such a version has no body")
    reason: str
    row_version: int
    manifest_hash: str
    appendices: list[FileOut]
    effective_from: datetime | None
    effective_until: datetime | None
    url: str


class DocumentDetail(DocumentOut):
    versions: list[int]
    attachments: list[FileOut] = Field(description="files beside the text, of no version")


class DocumentPage(Schema):
    count: int
    page: int
    results: list[DocumentOut]


class NewDocument(Input):
    kind: str
    title: str = Field(min_length=1, max_length=300)
    body: str = Field("", max_length=2_000_000)
    code: str = Field("", max_length=80)
    department: str = Field("", max_length=20, description="The department's short name")
    owner: str = Field("", max_length=254, description="The owner's e-mail address")
    audience: str = Document.Audience.EVERYONE


class DraftChange(Input):
    row_version: int
    title: str | None = Field(None, min_length=1, max_length=300)
    body: str | None = Field(None, max_length=2_000_000)
    reason: str | None = Field(None, max_length=5000)


class MoveIn(Input):
    comment: str = Field("", max_length=5000)


class DecideIn(Input):
    verdict: str
    seen_hash: str = Field(max_length=64)
    comment: str = Field("", max_length=5000)
    password: str = Field("", max_length=500)
    code: str = Field("", max_length=12)


def _document_out(document: Any) -> dict[str, Any]:
    version = document.shown
    return {
        "kind": document.kind,
        "code": document.code,
        "title": version.title if version else document.title,
        "state": version.shown_state if version else "",
        "number": version.number if version else "",
        "owner": str(document.owner) if document.owner else None,
        "department": str(document.department) if document.department else None,
        "effective_from": version.effective_from if version else None,
        "review_due_on": document.review_due_on,
        "url": document.get_absolute_url(),
    }


def _attachment_out(document: Document, kept: Attachment) -> dict[str, Any]:
    return {
        "name": kept.name,
        "size": kept.size,
        "sha256": kept.sha256,
        "content_type": kept.media_type,
        "url": reverse("api:read_attachment", args=[document.code, kept.pk]),
    }


def _file_out(version: Version) -> dict[str, Any]:
    facts = facts_of_file(version)
    return {
        "name": facts.name,
        "size": facts.size,
        "sha256": facts.sha256,
        "content_type": facts.media_type,
        "url": reverse("api:read_file", args=[version.document.code, version.sequence]),
    }


def _version_out(version: Version) -> dict[str, Any]:
    names = ("sequence", "number", "title", "file_name", "reason", "row_version", "manifest_hash")
    kind = version.document.kind_of
    body = "" if version.is_file or kind.reading else kind.render(version.body_bytes())
    return {name: getattr(version, name) for name in names} | {
        "code": version.document.code,
        "state": version.shown_state,
        "body": body,
        "file": _file_out(version) if version.is_file else None,
        "appendices": [
            _attachment_out(version.document, each.attachment)
            for each in version.appendices.select_related("attachment")
        ],
        "effective_from": version.effective_from,
        "effective_until": version.effective_until,
        "url": version.get_absolute_url(),
    }


def _document(request: HttpRequest, code: str) -> Document:
    document = document_called(code, asking(request))
    if document is None:
        raise Http404
    return document


def _version(request: HttpRequest, code: str, sequence: int) -> Version:
    if sequence > 2**31 - 1 or sequence < 0:
        raise Http404
    versions = Version.objects.select_related("content", "document__department", "document__owner")
    return find(versions, asking(request), document=_document(request, code), sequence=sequence)


@router.get("/documents", response=DocumentPage)
def list_documents(request: HttpRequest, filters: Query[Filters]) -> dict[str, Any]:
    """Documents the person may see, by number."""
    documents = Document.objects.visible_to(asking(request)).with_people()
    if filters.kind:
        documents = documents.filter(kind=filters.kind)
    if filters.q.strip():
        documents = documents.filter(title__icontains=filters.q.replace("\x00", "").strip())
    pages = Paginator(documents, filters.page_size)
    # A page behind the last is empty: programs read on until nothing comes.
    shown = list(pages.page(filters.page).object_list) if filters.page <= pages.num_pages else []
    attach_shown_versions(shown, asking(request))
    return {"count": pages.count, "page": filters.page, "results": [_document_out(d) for d in shown]}


@router.post("/documents", response={201: VersionOut})
def create_document(request: HttpRequest, new: NewDocument) -> Status[dict[str, Any]]:
    """Start a document with its first draft. ``Idempotency-Key`` makes a repeat harmless."""
    return Status(201, _version_out(once(request, lambda: _start(new, asking(request)))))


def _body_of(kind: str, text: str) -> bytes:
    """What was sent as text, in bytes. An unknown kind is refused by name where the document is started."""
    known = {one.key: one for one in all_kinds()}.get(kind)
    return known.from_editor(text) if known else encode_utf8(text)


def _start(new: NewDocument, person: Person) -> Version:
    try:
        department = Department.objects.get(code=new.department, is_active=True) if new.department else None
        owner = Person.objects.visible_to(person).active().get(email__iexact=new.owner) if new.owner else None
    except (Department.DoesNotExist, Person.DoesNotExist):
        raise Invalid("The department or the owner does not exist.") from None
    if new.audience not in Document.Audience.values:
        raise Invalid("The audience is one of: everyone, department, named.")
    return start_document(
        kind=new.kind,
        by=person,
        title=new.title,
        body=_body_of(new.kind, new.body),
        code=new.code,
        department=department,
        owner=owner,
        audience=new.audience,
    )


@router.get("/documents/{code}", response=DocumentDetail)
def read_document(request: HttpRequest, code: str) -> dict[str, Any]:
    """One document and the sequence numbers of the versions the person may see."""
    document = _document(request, code)
    attach_shown_versions([document], asking(request))
    versions = Version.objects.visible_to(asking(request)).filter(document=document)
    return _document_out(document) | {
        "versions": list(versions.values_list("sequence", flat=True)),
        "attachments": [_attachment_out(document, kept) for kept in files_of(entry_of(document))],
    }


@router.get("/documents/{code}/attachments/{attachment_id}", openapi_extra=GIVES_BYTES)
def read_attachment(request: HttpRequest, code: str, attachment_id: UUID) -> HttpResponse:
    """A file of the document: one beside it, an appendix or a picture of a version that the person may read."""
    entry = entry_of(_document(request, code))
    return give_out(request, CatalogEntry.objects.visible_to(asking(request)).filter(pk=entry.pk), pk=attachment_id)


@router.post("/documents/{code}/versions", response={201: VersionOut})
def create_version(request: HttpRequest, code: str) -> Status[dict[str, Any]]:
    """Open the next version as a draft. ``Idempotency-Key`` makes a repeat harmless."""
    document = _document(request, code)
    return Status(201, _version_out(once(request, lambda: open_draft(document, by=asking(request)))))


@router.get("/documents/{code}/versions/{sequence}", response=VersionOut)
def read_version(request: HttpRequest, code: str, sequence: int) -> dict[str, Any]:
    """One version with its text, or with the address of its file."""
    return _version_out(_version(request, code, sequence))


@router.get("/documents/{code}/versions/{sequence}/file", openapi_extra=GIVES_BYTES)
def read_file(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """The bytes of a version that is an uploaded file; 404 for one that is a text."""
    version = _version(request, code, sequence)
    if not version.is_file:
        raise Http404
    return file_answer(version, as_attachment=True)


@router.get("/documents/{code}/versions/{sequence}/content", openapi_extra=GIVES_BYTES)
def read_content(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """The bytes of a version's content as they are stored, whatever its kind: HTML, BPMN XML, JSON or a file."""
    return file_answer(_version(request, code, sequence), as_attachment=True)


@router.patch("/documents/{code}/versions/{sequence}", response=VersionOut)
def change_draft(request: HttpRequest, code: str, sequence: int, change: DraftChange) -> dict[str, Any]:
    """Save a draft; refused with 409 when somebody else saved since ``row_version`` was read."""
    version = _version(request, code, sequence)
    fields = {} if change.reason is None else {"reason": change.reason}
    saved = save_draft(
        version,
        by=asking(request),
        row_version=change.row_version,
        title=change.title,
        body=None if change.body is None else _body_of(version.document.kind, change.body),
        **fields,
    )
    return _version_out(saved.version)


@router.post("/documents/{code}/versions/{sequence}/moves/{name}", response=VersionOut)
def move_version(
    request: HttpRequest, code: str, sequence: int, name: str, move: MoveIn | None = None
) -> dict[str, Any]:
    """Take a move: submit (on the organisation's route), withdraw, discard."""
    version, comment = _version(request, code, sequence), move.comment if move else ""
    if name == "submit":
        submit(version, by=asking(request), plan=plan_for(version.document), comment=comment)
    elif name in ("withdraw", "discard"):
        version.move(name, by=asking(request), comment=comment)
    else:
        raise Http404
    version.refresh_from_db()
    return _version_out(version)


@router.post("/documents/{code}/versions/{sequence}/decide", response=VersionOut)
def decide(request: HttpRequest, code: str, sequence: int, decision: DecideIn) -> dict[str, Any]:
    """Approve or request changes. Where the kind of document is signed, approving takes the `password` or a one-time
    `code` of the person whose token it is; passkeys and single sign-on need a browser. Five wrong tries lock signing
    for a quarter of an hour, here and on the pages."""
    version = _version(request, code, sequence)
    route = version.route()
    if decision.verdict not in Decision.Verdict.values or route is None:
        raise Invalid("There is nothing to decide, or the verdict is not one of: approve, request_changes.")
    signature = _signature(asking(request), version, decision) if decision.verdict == Decision.Verdict.APPROVE else None
    route.decide(
        decision.verdict,
        by=asking(request),
        seen_hash=decision.seen_hash,
        comment=decision.comment,
        signature=signature,
    )
    version.refresh_from_db()
    return _version_out(version)


def _signature(person: Person, version: Version, decision: DecideIn) -> Signature:
    if KindSettings.of(version.document.kind).signing == KindSettings.Signing.CLICK:
        return click(person)
    if not (decision.password or decision.code):
        # Nothing was tried, so it is not counted as a wrong try: five of those lock signing.
        raise Invalid(
            _t(
                "Documents of this kind are signed: send `password` or `code`. "
                "Passkeys and single sign-on sign in the browser only."
            )
        )
    return sign(person, password=decision.password, code=decision.code)
