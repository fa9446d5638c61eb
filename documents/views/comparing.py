"""What happened to a document, and how two of its versions differ."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from core.views import find
from documents.appendices import differences
from documents.compare import compare_versions
from documents.kinds import Compared
from documents.models import Document, Version
from documents.trace import lines_for
from documents.views.pages import find_document


def history(request: HttpRequest, code: str) -> HttpResponse:
    """Every ledger line of the document, and who changed which fact when."""
    document = find_document(request, code)
    page = Paginator(lines_for(request.user, document), 50).get_page(request.GET.get("page"))
    changes = changes_of(document, request.user) if document.is_worked_on_by(request.user) else []
    context = {"document": document, "page": page, "changes": changes}
    return render(request, "documents/history_page.html", context)


def changes_of(document: Document, person: Any) -> list[dict[str, object]]:
    """Field by field: what was changed, newest first. Of a document that took its place, only who sees it is told."""
    left_out = {"changed_at", "changed_by"}
    if document.successor_id and not Document.objects.visible_to(person).filter(pk=document.successor_id).exists():
        left_out.add("successor")
    records = list(document.history.select_related("history_user").order_by("-history_id")[:50])
    result = []
    for newer, older in zip(records, records[1:], strict=False):
        delta = newer.diff_against(older, excluded_fields=left_out, foreign_keys_are_objs=True)
        if delta.changes:
            result.append({"record": newer, "changes": delta.changes})
    return result


def compare(request: HttpRequest, code: str) -> HttpResponse:
    """Two versions of this document side by side: ``?a=1&b=2``, by default the last two this person may see."""
    document = find_document(request, code)
    versions = list(Version.objects.visible_to(request.user).filter(document=document).select_related("content"))
    for version in versions:
        version.document = document
    chosen = [_chosen(request, name) for name in ("a", "b")]
    if None in chosen:
        if len(versions) < 2:
            return render(request, "documents/compare_page.html", {"document": document, "versions": versions})
        before, after = versions[1], versions[0]
    else:
        visible = Version.objects.select_related("content", "document").filter(document=document)
        before, after = (find(visible, request.user, sequence=sequence) for sequence in chosen)
    compared = compared_by_kind(request, before, after)
    context = {
        "document": document,
        "versions": versions,
        "before": before,
        "after": after,
        "compared": compared,
        "comparison": None if compared else compare_versions(before, after),
        "files": differences(before, after),
    }
    return render(request, "documents/compare_page.html", context)


def compared_by_kind(
    request: HttpRequest, before: Version | None, after: Version, *, only_changes: bool = False
) -> Compared | None:
    """How the kind itself shows what changed between two contents; None where it has no way of its own."""
    comparing = after.document.kind_of.comparing
    if comparing is None or before is None or before.is_file or after.is_file:
        return None
    return comparing(request, before, after, only_changes)


def _chosen(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    if text and not (text.isdecimal() and len(text) < 10):
        raise Http404
    return int(text) if text else None
