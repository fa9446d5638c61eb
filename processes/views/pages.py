"""The page of a process: the hub that leads to its map, its documents and what other areas show of it."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.kinds.timeline import history_of
from core.pages.kind import RecordCreateView, RecordHistoryView, RecordPageView
from core.pages.kind.record import HISTORY_PAGE
from core.panels import panels_for
from processes.fields import process_called, written
from processes.hub import levels_above, linked_documents, name_records, sipoc_columns
from processes.maps import WRITE
from processes.models import FormerProcessCode, Process
from processes.models.process import MAX_LEVEL


class MenuItem(NamedTuple):
    """One line of the menu “More actions”."""

    url: str
    label: Any
    icon: str


MAP_PANEL = "map"  # the panel of this name stands at the top of the page, readable without script


class ProcessCreateView(RecordCreateView):
    """A new process; one that is begun from another (``?parent=P3.1``) starts with its category and department."""

    def get_initial(self) -> dict[str, Any]:
        initial = super().get_initial()
        parent = process_called(initial.get("parent", ""), self.request.user)
        if parent is None:
            return initial
        return initial | {
            "parent": written(parent),
            "category": parent.category,
            "department": parent.department_id,
            "audience": parent.audience,
        }


class ProcessHistoryView(RecordHistoryView):
    """The history of a process, with the names of the documents that were linked."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        pages = Paginator(history_of(self.kind, self.record, request.user), HISTORY_PAGE)
        page = pages.get_page(request.GET.get("page"))
        name_records(list(page.object_list), request.user)
        return self.answer(page_obj=page)


class ProcessPageView(RecordPageView):
    """The hub of one process. A merged one leads to the process that took its place; an old code to the process."""

    def other_spelling(self) -> HttpResponse:
        former = FormerProcessCode.objects.filter(code=self.kwargs["code"], process__in=self.get_queryset())
        found = former.select_related("process").first()
        if found is not None:
            return HttpResponsePermanentRedirect(found.process.get_absolute_url())
        return super().other_spelling()

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        successor = self.visible_successor()
        if self.record.is_merged and successor is not None:
            return redirect(successor)
        return self.answer(successor=successor)

    def visible_successor(self) -> Process | None:
        if self.record.successor_id is None:
            return None
        return self.get_queryset().filter(pk=self.record.successor_id).first()

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        process, person = self.record, self.request.user
        map_panel = next((panel for panel in panels_for(Process) if panel.name == MAP_PANEL), None)
        found = super().get_context_data(
            process=process,
            levels=levels_above(process, person),
            children=self.get_queryset().select_related("owner").filter(parent=process).in_tree_order(),
            sipoc=sipoc_columns(process),
            documents=linked_documents(process, person),
            map=map_panel.render(person, process) if map_panel else "",
            menu_items=self.menu_items(),
            may_add_below=process.level < MAX_LEVEL and person.has_perm("processes.add_below", process),
            **context,
        )
        found["newest_lines"] = name_records(found["newest_lines"], person)
        found["panels"] = [pair for pair in found["panels"] if pair[0].name != MAP_PANEL]
        return found

    def menu_items(self) -> list[MenuItem]:
        """What else the person may do with the process."""
        process, person = self.record, self.request.user
        offered = (
            ("place", "processes.place_process", _("Move in the tree"), "swap"),
            ("link", "processes.change_process", _("Link documents"), "doc"),
            ("merge", "processes.merge_process", _("Merge into another process"), "process"),
        )
        if process.is_retired:
            return []
        items = [
            MenuItem(self.kind.address(process, name), label, icon)
            for name, permission, label, icon in offered
            if person.has_perm(permission, process)
        ]
        if person.has_perm(WRITE):
            address = f"{reverse('processes:map-outline')}?{urlencode({'process': process.code})}"
            items.insert(0, MenuItem(address, _("Draw a map from an outline"), "list"))
        return items
