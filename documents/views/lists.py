"""The list of documents: filter and sort; suggestions for the fields that take a document."""

from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from core.bulk import actions_for
from core.columns import Columns
from core.navigation import list_links
from core.paging import BoundedPaginator
from core.saved_views import tabs_for, tidy
from core.search import suggest
from documents.bulk_actions import may_keep_some
from documents.fields import written
from documents.filters import COLUMNS, ROWS, DocumentFilter, attach_shown_versions
from documents.kinds import all_kinds
from documents.list_rows import rows_of
from documents.models import Document


class ListPages(BoundedPaginator):
    """Pages of what the filter finds among these documents."""

    def __init__(self, chosen: DocumentFilter, documents: QuerySet[Document]) -> None:
        super().__init__(chosen.apply(documents), ROWS, to_count=chosen.to_count())
        self.chosen = chosen

    def page(self, number: int | str) -> Page:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        last = min(first + self.per_page, self.count)
        return Page(self.chosen.rows(self.object_list, first, last), number, self)


def suggestions(request: HttpRequest) -> JsonResponse:
    """Documents in force whose number or title is being typed, for the fields that take a document."""
    text = request.GET.get("q", "").strip()[:100]
    if len(text) < 2:
        return JsonResponse({"suggestions": []})
    own = ContentType.objects.get_for_model(Document).pk
    found = [entry for entry in suggest(request.user, text) if entry.content_type_id == own]
    return JsonResponse({"suggestions": [written(entry) for entry in found]})


def document_list(request: HttpRequest) -> HttpResponse:
    """Documents this person may see, by the filters in the address."""
    chosen = DocumentFilter(request.GET, person=request.user)
    page = ListPages(chosen, Document.objects.visible_to(request.user)).get_page(request.GET.get("page"))
    attach_shown_versions(page.object_list, request.user)
    columns = Columns.read(COLUMNS, request.GET)
    context = {
        "filter": chosen,
        "page_obj": page,
        "rows": rows_of(page.object_list, columns),
        "query": request.GET.urlencode(),
        "columns": columns,
        "views": tabs_for("documents", request),
        "view_query": tidy(request.GET.urlencode()),
        "may_keep_some": may_keep_some(request.user),
        "bulk_actions": actions_for("documents", request.user),
        "list_links": list_links("documents", request.user),
        "may_start": any(request.user.has_perm(kind.write_permission) for kind in all_kinds()),
    }
    return render(request, "documents/document_list.html", context)
