"""The record page of a document, one of its versions, and how it looks on paper."""

from typing import Any

import segno
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from core.models import CatalogEntry
from core.numbering import code_key
from core.pages.together import fragment
from core.panels import panels_for
from core.questions import Question, Slot
from documents.lifecycle import OPEN, State
from documents.models import Appendix, Content, Decision, Document, FormerCode, KindSettings, Route, RouteStep, Version
from documents.trace import REVIEWED, lines_for, lines_since_release

# What every reading asks; `core.questions` says why it stands here and not where it is asked.
_DOCUMENT = Question(lambda person: Document.objects.with_people().visible_to(person).filter(code=Slot("code")))
# Only the version that is shown has its text read: there may be twenty others.
_VERSIONS = Question(
    lambda person: (
        Version.objects.visible_to(person).filter(document=Slot("document")).select_related("author", "submitted_by")
    )
)
# The document that took its place may be open to fewer people.
_SUCCESSOR = Question(lambda person: Document.objects.visible_to(person).filter(pk=Slot("document")))
HIGHEST = 2**31 - 1  # what the database keeps as a sequence
_VERSION = Question(
    lambda person: (
        Version.objects.select_related(
            "content", "author", "submitted_by", "document__owner", "document__department", "document__created_by"
        )
        .visible_to(person)
        .filter(document__code=Slot("code"), sequence=Slot("sequence"))
    )
)
_TEXT = Question(lambda _: Content.objects.filter(pk=Slot("sha256")))
_APPENDICES = Question(
    lambda _: Appendix.objects.filter(version=Slot("version")).select_related("attachment").defer("attachment__text")
)
_ENTRY = Question(
    lambda person: (
        CatalogEntry.objects.filter(content_type=Slot("type"), object_id=Slot("document"))
        .annotate(mine=FilteredRelation("watches", condition=Q(watches__person=person.pk)))
        .annotate(is_watched=F("mine__is_watching"), is_starred=F("mine__is_favourite"))
    )
)


def find_document(request: HttpRequest, code: str) -> Document:
    """The document behind a code, as this person may see it."""
    document = _DOCUMENT.first(request.user, code=code)
    if document is None:
        raise Http404
    request.is_confidential = document.is_confidential  # then the browser keeps no copy either
    return document


def find_version(request: HttpRequest, code: str, sequence: int) -> Version:
    """A version that belongs to the document named in the address, as this person may see it."""
    version = _VERSION.first(request.user, code=code, sequence=sequence) if sequence <= HIGHEST else None
    if version is None:
        raise Http404
    request.is_confidential = version.document.is_confidential
    return version


def page(request: HttpRequest, code: str) -> HttpResponse:
    """The version people work by; before the first release, for who works on it, the draft."""
    document = _DOCUMENT.first(request.user, code=code)
    if document is None:
        return _other_spelling(request, code)
    request.is_confidential = document.is_confidential
    return render(request, "documents/document_page.html", record_context(request, document))


def _other_spelling(request: HttpRequest, code: str) -> HttpResponse:
    """An old number or another spelling leads to the document, if the person may see it."""
    visible = Document.objects.visible_to(request.user)
    former = FormerCode.objects.filter(code=code, document__in=visible).select_related("document").first()
    if former:
        return HttpResponsePermanentRedirect(former.document.get_absolute_url())
    key = code_key(code)
    entry = CatalogEntry.objects.visible_to(request.user).filter(code_key=key).first() if key else None
    if entry is None:
        raise Http404
    return redirect(entry.url)


def version_page(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """One version, also one that is no longer or not yet in force."""
    version = find_version(request, code, sequence)
    return render(request, "documents/document_page.html", record_context(request, version.document, sequence))


def record_context(request: HttpRequest, document: Document, sequence: int | None = None) -> dict[str, Any]:
    """What the record page shows; panels of other areas are loaded when they are seen."""
    person = request.user
    versions = _VERSIONS.rows(person, document=document.pk)
    for each in versions:
        each.document = document
    in_force = next((v for v in versions if v.shown_state == "effective"), None)
    version = in_force or (versions[0] if versions else None)
    if sequence is not None:
        version = next(v for v in versions if v.sequence == sequence)
    if version and not version.is_file:
        version.content = _TEXT.first(person, sha256=version.content_id)
    entry = _ENTRY.first(person, type=ContentType.objects.get_for_model(Document).pk, document=document.pk)
    open_version = next((v for v in versions if v.state in OPEN), None)
    route = open_version.route() if open_version and open_version.state == State.IN_REVIEW else None
    if route:
        route.version = open_version
    signed_since = lines_since_release(person, version) if version and version.is_released else []
    decisions = decisions_on(version)
    return {
        "document": document,
        "kind": document.kind_of,
        "version": version,
        "versions": versions,
        "in_force": in_force,
        "successor": _SUCCESSOR.first(person, document=document.successor_id) if document.successor_id else None,
        "open_version": open_version,
        "appendices": _APPENDICES.rows(person, version=version.pk) if version else [],
        "decisions": decisions,
        "skipped": skipped_for(version, decisions, route),
        "signed_since": signed_since,
        "reviewed_at": next((line.at for line in signed_since if line.event == REVIEWED), None),
        "route": route,
        "my_seat": route.seat_for(person) if route else None,
        "ledger": [] if version and version.is_released else list(lines_for(person, document)[:8]),
        "may": _may(person, document, version, versions)
        | {"reassign": bool(route and person.has_perm("documents.reassign_route", open_version))},
        "entry": entry,
        "panels": panels_for(Document),
        "mine_panels": [panel.render(person, document) for panel in panels_for(Document, "mine")],
    }


def decisions_on(version: Version | None) -> list[Decision]:
    """What was decided on its last route; what stands on one before does not count for it. Each says whether a step
    was skipped beside it (``some_skipped``)."""
    if version is None or not version.submitted_at:
        return []
    last = Route.objects.filter(version=version).order_by("-id").values("pk")[:1]
    decisions = Decision.objects.filter(seat__step__route=Subquery(last))
    skipped = RouteStep.objects.filter(route=OuterRef("seat__step__route")).exclude(skip_reason="")
    return list(decisions.annotate(some_skipped=Exists(skipped)).select_related("by", "on_behalf_of"))


def skipped_for(version: Version | None, decisions: list[Decision], route: Route | None) -> list[RouteStep]:
    """Steps of the version's last route that were skipped, with their reasons."""
    if route is not None and version is not None and route.version_id == version.pk:
        return route.skipped_steps()
    if version is None or not any(decision.some_skipped for decision in decisions):
        return []
    return version.route().skipped_steps()


def _may(person: Any, document: Document, version: Version | None, versions: list[Version]) -> dict[str, bool]:
    """Which buttons show: the same questions that the handlers ask."""
    change = bool(version and person.has_perm("documents.change_version", version))
    is_open = any(v.state in OPEN for v in versions)
    return {
        "edit": bool(version and version.is_editable and change),
        "open": not is_open and person.has_perm("documents.change_document", document),
        "keep": person.has_perm("documents.keep_document", document),
        "withdraw": bool(version and version.state == "in_review" and change),
        "discard": bool(version and version.is_editable and change),
        "retire": bool(
            version
            and version.shown_state == "effective"
            and not is_open
            and person.has_perm("documents.retire_version", version)
        ),
        "review": bool(
            version and version.shown_state == "effective" and person.has_perm("documents.review_document", document)
        ),
    }


@fragment
def panel(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """One panel of the side column, loaded when it is seen; empty where it has nothing to show."""
    document = find_document(request, code)
    found = next((panel for panel in panels_for(Document) if panel.name == name), None)
    if found is None:
        raise Http404
    return HttpResponse(found.render(request.user, document))


def print_page(request: HttpRequest, code: str, sequence: int) -> HttpResponse:
    """The version as it looks on paper, with who printed it and when."""
    version = find_version(request, code, sequence)
    context = record_context(request, version.document, sequence)
    return render(request, "documents/print_page.html", context | {"printed_at": timezone.now()})


def qr_code(request: HttpRequest, code: str) -> HttpResponse:
    """A QR code to the current version, as SVG."""
    document = find_document(request, code)
    address = settings.PORTAL_BASE_URL + reverse("documents:page", args=[document.code])
    svg = segno.make(address, error="m").svg_inline(scale=3, border=1, svgclass=None, lineclass=None)
    return HttpResponse(
        svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1), content_type="image/svg+xml"
    )


def signing_of(document: Document) -> KindSettings:
    """How strictly this kind of document is signed."""
    return KindSettings.of(document.kind)
