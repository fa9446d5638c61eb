"""The list of a kind: filters, order, columns, saved views as tabs, bulk bar, export; and suggestions while typing."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.safestring import SafeString

from core.bulk import actions_for
from core.columns import Columns
from core.kinds.fields import written
from core.kinds.filters import RecordFilter
from core.navigation import list_links
from core.pages.kind.base import KindView
from core.paging import BoundedPaginator
from core.saved_views import tabs_for, tidy

SUGGESTED = 8


class Cell(NamedTuple):
    """One cell as it is drawn."""

    fact: Any
    html: SafeString


class Row(NamedTuple):
    """One record as the list shows it."""

    pk: int
    code: str
    title: str
    url: str
    state: SafeString | str
    cells: list[Cell]


class RecordListView(KindView):
    """The records of a kind that the person may see, by the filters in the address."""

    template_attribute = "list_template"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer()

    def get_filter(self) -> RecordFilter:
        return self.kind.filter_class(self.request.GET, kind=self.kind, person=self.request.user)

    def get_columns(self) -> Columns:
        return Columns.read(self.kind.columns, self.request.GET)

    def get_rows(self, records: list[Any], columns: Columns) -> list[Row]:
        """The rows of one page."""
        facts = [self.kind.all_facts[name] for name in columns.drawn]
        return [self.get_row(record, facts) for record in records]

    def get_row(self, record: Any, facts: list[Any]) -> Row:
        kind, person = self.kind, self.request.user
        state = kind.all_facts["state"].html(record, person) if "state" in kind.all_facts else ""
        cells = [Cell(fact, fact.html(record, person)) for fact in facts]
        return Row(record.pk, kind.code_of(record), kind.title_of(record), kind.address(record), state, cells)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        kind, person, query = self.kind, self.request.user, self.request.GET.urlencode()
        chosen, columns = self.get_filter(), self.get_columns()
        pages = BoundedPaginator(kind.with_facts(chosen.apply(self.get_queryset())), kind.page_size)
        page = pages.get_page(self.request.GET.get("page"))
        return super().get_context_data(
            filter=chosen,
            page_obj=page,
            columns=columns,
            column_facts=[kind.all_facts[name] for name in columns.drawn],
            rows=self.get_rows(list(page.object_list), columns),
            title_fact=kind.all_facts[kind.title_field],
            has_states="state" in kind.all_facts,
            query=query,
            view_query=tidy(query),
            views=tabs_for(kind.key, self.request),
            views_name=kind.key,
            bulk_actions=actions_for(kind.key, person),
            may_add=kind.may_add(person),
            list_links=list_links(kind.key, person),
            may_change_some=kind.may_change_some(person),
            **{f"{name}_url": self.kind.url_name(name) for name in ("new", "export", "table")},
            **context,
        )


class RecordSuggestView(KindView):
    """Records whose code or title holds what is being typed, for fields that take a record of this kind."""

    def get(self, request: HttpRequest) -> JsonResponse:
        text = request.GET.get("q", "").replace("\x00", "").strip()[:100]
        if len(text) < 2:
            return JsonResponse({"suggestions": []})
        found = self.kind.matching(self.get_queryset(), text).order_by("code", "pk")[:SUGGESTED]
        return JsonResponse({"suggestions": [written(record) for record in found]})
