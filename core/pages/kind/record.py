"""The page of one record, the panels that other areas show on it, and its history."""

import secrets
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.decorators import classonlymethod
from django.utils.safestring import SafeString

from core.kinds.timeline import history_of, ledger_items
from core.models import Watch
from core.pages.kind.base import RecordView
from core.pages.together import fragment
from core.panels import panels_for

HISTORY_PAGE = 50
NEWEST_LINES = 5


class RecordPageView(RecordView):
    """Facts, moves, panels, comments, files and the newest lines of the history."""

    template_attribute = "page_template"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.answer()

    def facts_shown(self, *, head: bool) -> list[tuple[Any, SafeString]]:
        """Label and value of the facts beneath the title, or of those in the side column."""
        record, person = self.record, self.request.user
        facts = [fact for fact in self.kind.all_facts.values() if fact.head == head and fact.is_shown(record, person)]
        return [(fact.label, fact.html(record, person)) for fact in facts]

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        kind, record, person = self.kind, self.record, self.request.user
        entry = self.entry()
        watch = Watch.objects.filter(entry=entry, person=person).first() if entry else None
        state = kind.all_facts["state"].html(record, person) if "state" in kind.all_facts else ""
        return super().get_context_data(
            state=state,
            head_facts=self.facts_shown(head=True),
            side_facts=self.facts_shown(head=False),
            entry=entry,
            is_starred=bool(watch and watch.is_favourite),
            is_watched=bool(watch and watch.is_watching),
            moves=[(move, self.move_address(move), self.asks_first(move)) for move in kind.moves(person, record)],
            may_change=kind.may_change(person, record),
            edit_address=kind.address(record, "edit"),
            history_address=kind.address(record, "history"),
            menu_items=[*kind.menu(person, record), *context.pop("menu_items", ())],
            panels=[(panel, kind.address(record, "panel", panel.name)) for panel in panels_for(kind.model)],
            form_token=secrets.token_urlsafe(16),
            newest_lines=ledger_items(record, NEWEST_LINES),
            **context,
        )

    def move_address(self, move: Any) -> str:
        return self.kind.address(self.record, "move", move.name)

    def asks_first(self, move: Any) -> bool:
        """Whether a move opens its form instead of happening at once."""
        return move.needs_reason or move.name in self.kind.move_forms


class RecordPanelView(RecordView):
    """One panel of the side column, loaded when it is seen; empty where it has nothing to show."""

    @classonlymethod
    def as_view(cls, **options: Any) -> Any:
        return fragment(super().as_view(**options))

    def get(self, request: HttpRequest, name: str, **kwargs: Any) -> HttpResponse:
        panel = next((panel for panel in panels_for(self.kind.model) if panel.name == name), None)
        if panel is None:
            raise Http404
        return HttpResponse(panel.render(request.user, self.record))


class RecordHistoryView(RecordView):
    """Who changed what, when and why, in words."""

    template_attribute = "history_template"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        items = history_of(self.kind, self.record, request.user)
        page = Paginator(items, HISTORY_PAGE).get_page(request.GET.get("page"))
        return self.answer(page_obj=page)
