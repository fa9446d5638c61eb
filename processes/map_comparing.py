"""What changed between two versions of a map, as a page: both drawings, marked, and the table of changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from documents.kinds import Compared
from documents.models import Version
from processes.bpmn.comparison import ADDED, CHANGED, MOVED_ONLY, REMOVED, RULES, Change, MapComparison, compare
from processes.bpmn.drawing import draw
from processes.bpmn.model import Model, View
from processes.bpmn.naming import type_words
from processes.bpmn.reading import UnreadableMap
from processes.map_pages import drawn_views, picture
from processes.maps import model_of
from processes.models import MapComparison as StoredComparison

CSS = {ADDED: "add", REMOVED: "cut", CHANGED: "edit", MOVED_ONLY: "move"}
WORDS = {ADDED: _("Added"), REMOVED: _("Removed"), CHANGED: _("Changed"), MOVED_ONLY: _("Moved")}
DETAILS = {
    "name": _("Name"),
    "type": _("Type"),
    "lane": _("Lane"),
    "event": _("Event"),
    "event detail": _("When or what"),
    "interrupts": _("Stops the work"),
    "repeats": _("Repeats"),
    "called process": _("Called process"),
    "attached to": _("Sits on"),
    "state": _("State"),
    "from": _("From"),
    "to": _("To"),
    "condition": _("Condition"),
    "default": _("Otherwise branch"),
    "documentation": _("Documentation"),
}


@dataclass(frozen=True)
class Line:
    """One change as the table shows it."""

    number: int
    change: Change
    word: Any
    css: str
    type_words: str
    name: str
    details: list[tuple[str, str, str, bool]]


def comparison_of(before: Version, after: Version) -> MapComparison:
    """The comparison of two stored contents: from the table, or computed and kept. Raises ``UnreadableMap``."""
    pair = {"before": before.content_id, "after": after.content_id, "rules": RULES}
    stored = StoredComparison.objects.filter(**pair).first()
    if stored is not None:
        return MapComparison.from_data(stored.data)
    found = compare(_model(before), _model(after))
    StoredComparison.objects.get_or_create(**pair, defaults={"data": found.as_data()})
    return found


def _model(version: Version) -> Model:
    data = version.body_bytes()
    return model_of(data) if data else Model()


def compare_maps(request: HttpRequest, before: Version, after: Version, only_changes: bool) -> Compared | None:
    """The comparison for the pages of document control. ``only_changes``: who decides wants the changes alone."""
    try:
        found = comparison_of(before, after)
        one, two = _model(before), _model(after)
    except UnreadableMap:
        return None
    lines = [_line(number, change) for number, change in enumerate(found.changes, start=1)]
    views = _pairs(one, two)
    chosen = next((pair for pair in views if pair[0] == request.GET.get("view")), views[0] if views else None)
    context: dict[str, Any] = {
        "before": before,
        "after": after,
        "lines": lines,
        "same": found.same,
        "counts": [(WORDS[sort], CSS[sort], found.counts[sort]) for sort in WORDS if found.counts.get(sort)],
        "only_changes": only_changes,
        "tabs": [(key, name) for key, name, _one, _two in views] if len(views) > 1 else [],
        "chosen": chosen[0] if chosen else "",
        "query": request.GET.copy(),
    }
    if chosen:
        _key, _name, old, new = chosen
        context["old"] = _marked(one, old, ((change.before, CSS[change.sort]) for change in found.changes))
        context["new"] = _marked(two, new, ((change.after, CSS[change.sort]) for change in found.changes))
    html = render_to_string("processes/map_comparison.html", context, request)
    return Compared(SafeString(html), len(lines))


def _pairs(one: Model, two: Model) -> list[tuple[str, str, View | None, View | None]]:
    """Diagrams of both files that belong together: about the same element, else in their order."""
    old, new = drawn_views(one), drawn_views(two)
    left = list(old)
    pairs: list[tuple[str, str, View | None, View | None]] = []
    for index, view in enumerate(new):
        match = next((each for each in left if each.element == view.element), None)
        if match is None and index < len(old) and old[index] in left and len(new) == len(old):
            match = old[index]
        if match is not None:
            left.remove(match)
        pairs.append((view.key, view.name or _t("Map"), match, view))
    return pairs + [(f"old-{view.key}", view.name or _t("Map"), view, None) for view in left]


def _marked(model: Model, view: View | None, marks: Iterable[tuple[str, str]]) -> SafeString | str:
    if view is None:
        return ""
    drawing = draw(model, view, say=_t)
    return picture(drawing, marks={element: css for element, css in marks if element})


def _line(number: int, change: Change) -> Line:
    name = change.name or _t("without name")
    details = [
        (str(DETAILS.get(d.name, d.name)), d.before or "–", d.after or "–", d.is_visible) for d in change.details
    ]
    return Line(
        number=number,
        change=change,
        word=WORDS[change.sort],
        css=CSS[change.sort],
        type_words=type_words(change.type, _t),
        name=name,
        details=details,
    )
