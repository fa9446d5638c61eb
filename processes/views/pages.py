"""The page of a process: the hub that leads to its map, its documents and what other areas show of it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect, render

from core.models import CatalogEntry
from core.numbering import code_key
from core.pages.together import fragment
from core.panels import panels_for
from processes.hub import levels_above, linked_documents, own_entry, sipoc_columns
from processes.models import FormerProcessCode, Process, ProcessCategory

MAP_PANEL = "map"  # the panel of this name stands at the top of the page, readable without script


def find_process(request: HttpRequest, code: str) -> Process:
    """The process behind a code, as this person may see it."""
    process = Process.objects.visible_to(request.user).with_people().filter(code=code).first()
    if process is None:
        raise Http404
    return process


def page(request: HttpRequest, code: str) -> HttpResponse:
    """The hub of one process. A merged one leads to the process that took its place."""
    process = Process.objects.visible_to(request.user).with_people().filter(code=code).first()
    if process is None:
        return _other_spelling(request, code)
    if process.is_merged:
        target = Process.objects.visible_to(request.user).filter(pk=process.successor_id).first()
        if target is not None:
            return redirect(target)
    return render(request, "processes/process_page.html", page_context(request, process))


def _other_spelling(request: HttpRequest, code: str) -> HttpResponse:
    """An old code or another spelling leads to the process, if the person may see it."""
    visible = Process.objects.visible_to(request.user)
    former = FormerProcessCode.objects.filter(code=code, process__in=visible).select_related("process").first()
    if former is not None:
        return HttpResponsePermanentRedirect(former.process.get_absolute_url())
    key = code_key(code)
    entry = CatalogEntry.objects.visible_to(request.user).filter(code_key=key, kind="process").first() if key else None
    if entry is None:
        raise Http404
    return redirect(entry.url)


def page_context(request: HttpRequest, process: Process) -> dict[str, Any]:
    """What the page shows; panels of other areas load when they are seen, the map at once."""
    person = request.user
    panels = panels_for(Process)
    map_panel = next((panel for panel in panels if panel.name == MAP_PANEL), None)
    successor = None
    if process.successor_id:
        successor = Process.objects.visible_to(person).filter(pk=process.successor_id).first()
    may_change = person.has_perm("processes.change_process", process)
    return {
        "process": process,
        "category": ProcessCategory.names()[process.category],
        "levels": levels_above(process, person),
        "children": Process.objects.visible_to(person).with_people().filter(parent=process).in_tree_order(),
        "sipoc": sipoc_columns(process),
        "documents": linked_documents(process, person),
        "successor": successor,
        "entry": own_entry(process, person),
        "map": map_panel.render(person, process) if map_panel else "",
        "panels": [panel for panel in panels if panel.name != MAP_PANEL],
        "may_change": may_change,
        "open_moves": process.open_moves(person),
    }


@fragment
def panel(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """One panel, loaded when it is seen; empty where it has nothing to show."""
    process = find_process(request, code)
    found = next((panel for panel in panels_for(Process) if panel.name == name), None)
    if found is None:
        raise Http404
    return HttpResponse(found.render(request.user, process))
