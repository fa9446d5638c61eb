"""How a map is read: the drawing with its elements as links, the chosen element beside it, the same as text below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.panels import Panel
from core.saying import in_words
from documents.kinds import PaperContent
from documents.models import Version
from processes.bpmn.counting import count
from processes.bpmn.drawing import PAPER_CSS, Drawing, draw
from processes.bpmn.metrics import figures
from processes.bpmn.model import Model, Node, View
from processes.bpmn.naming import condition_of, end_words, messages_at, name_or_type, node_type_words, one_line
from processes.bpmn.outline import Section, outline
from processes.bpmn.reading import UnreadableMap, read
from processes.bpmn.relayout import laid_out
from processes.bpmn.table import rows
from processes.element_comments import element_context, pins_of
from processes.maps import WRITE, model_of
from processes.models import Process, ProcessMap

FIT_WIDTH = 1_500  # pixels; wider drawings are shown at their own size first


@dataclass(frozen=True)
class Tab:
    """One diagram of the file."""

    key: str
    name: str
    url: str
    is_chosen: bool


@dataclass(frozen=True)
class Onward:
    """A way to or from the chosen element."""

    words: str
    condition: str
    url: str


@dataclass(frozen=True)
class Chosen:
    """The element whose facts stand beside the drawing."""

    node: Node
    type_words: str
    name: str
    lane: str
    comes_from: list[Onward]
    leads_to: list[Onward]
    messages: list[str]
    called: Process | None


def drawn_views(model: Model) -> list[View]:
    """The diagrams that show something."""
    return [view for view in model.views if not view.is_empty]


def drawable(model: Model) -> tuple[Model, list[View], bool]:
    """The model with something to draw, its diagrams, and whether the portal had to lay it out."""
    views = drawn_views(model)
    if views:
        return model, views, False
    kept = model.__dict__
    if "_laid_out" not in kept:
        data = laid_out(model)
        kept["_laid_out"] = read(data) if data else None
    laid: Model | None = kept["_laid_out"]
    return (laid, drawn_views(laid), True) if laid else (model, [], False)


def drawn_once(model: Model, view: View, link: str) -> Drawing:
    """The drawing in the reader's language; kept with the model, which the process remembers for a while."""
    kept: dict[Any, Drawing] = model.__dict__.setdefault("_drawings", {})
    key = (view.key, link, get_language())
    if key not in kept:
        kept[key] = draw(model, view, link=link, say=_t)
    return kept[key]


def told_once(model: Model) -> tuple[Section, ...]:
    """The outline in the reader's language, kept in the same way."""
    kept: dict[Any, tuple[Section, ...]] = model.__dict__.setdefault("_outlines", {})
    key = get_language()
    if key not in kept:
        kept[key] = outline(model, _t)
    return kept[key]


def picture(drawing: Drawing, **options: Any) -> SafeString:
    """The drawing as safe HTML."""
    return mark_safe(drawing.svg(**options))  # noqa: S308 - drawn by processes.bpmn, which escapes every word


def read_map(request: HttpRequest, version: Version) -> str:
    """The reading page of a version, inside the record page."""
    data = version.body_bytes()
    role = ProcessMap.objects.filter(document=version.document_id).select_related("based_on__document").first()
    process = None
    if role is not None and role.process_id:
        process = Process.objects.visible_to(request.user).filter(pk=role.process_id).first()
    may_write = request.user.has_perm("documents.change_document", version.document)
    may_draw = request.user.has_perm(WRITE)
    context: dict[str, Any] = {"version": version, "role": role, "process": process}
    context |= {"may_write": may_write, "may_draw": may_draw}
    if role is not None and role.based_on_id:
        seen = Version.objects.visible_to(request.user).filter(pk=role.based_on_id).select_related("document").first()
        context["based_on"] = seen
    if not data:
        return render_to_string("processes/map_reading.html", context, request)
    try:
        model = model_of(data)
    except UnreadableMap as problem:
        return render_to_string("processes/map_reading.html", context | {"problem": in_words(problem.said)}, request)
    pins = pins_of(version.document, request.user)
    context |= map_context(request, model, bubbles=pins.open_counts(model.nodes))
    if context["chosen"]:
        context |= element_context(pins, context["element"], request.path)
    return render_to_string("processes/map_reading.html", context, request)


def map_context(
    request: HttpRequest, model: Model, base: str = "", bubbles: dict[str, int] | None = None
) -> dict[str, Any]:
    """The drawing, the chosen element and the outline. ``base`` is put before addresses of other pages' maps,
    ``bubbles`` says how many comments are open on which element."""
    model, views, was_laid_out = drawable(model)
    element = request.GET.get("element", "")
    view = next((one for one in views if one.key == request.GET.get("view")), None)
    if view is None and element in model.nodes:
        view = next((one for one in views if any(shape.element == element for shape in one.shapes)), None)
    view = view or (views[0] if views else None)
    node = model.nodes.get(element)
    drawing = None
    if view is not None:
        prefix = {"view": view.key} if len(views) > 1 else {}
        link = f"{base}?{urlencode(prefix)}{'&' if prefix else ''}element={{}}#element"
        drawing = drawn_once(model, view, link)
    return {
        "model": model,
        "drawing": drawing,
        "svg": picture(drawing, marks={element: "picked"} if node else None, bubbles=bubbles) if drawing else "",
        "is_wide": bool(drawing and drawing.box.width > FIT_WIDTH),
        "tabs": [Tab(one.key, _tab_name(one), f"{base}?view={one.key}#map", one is view) for one in views]
        if len(views) > 1
        else [],
        "chosen": _chosen(request, model, node, base) if node else None,
        "counts": count(model),
        "figures": [
            {"label": _t(each.label), "value": each.value, "sentence": _t(each.sentence), "is_high": each.is_high}
            for each in figures(model)
            if each.value is not None
        ],
        "decisions": sum(node.type.endswith("Gateway") for node in model.nodes.values()),
        "sections": told_once(model),
        "issues": [in_words(said) for said in (*model.issues, *(drawing.issues if drawing else ()))],
        "was_laid_out": was_laid_out,
        "element": element,
        "bubbles": bubbles or {},
        "link_base": base,
    }


def _tab_name(view: View) -> str:
    return one_line(view.name) or _t("Map")


def _chosen(request: HttpRequest, model: Model, node: Node, base: str) -> Chosen:
    lanes = model.lane_names(node)

    def way(key: str, condition: str) -> Onward:
        return Onward(name_or_type(model, key, _t), condition, f"{base}?{urlencode({'element': key})}#element")

    messages = []
    for flow in messages_at(model, node.id):
        other = flow.target if flow.source == node.id else flow.source
        words = _t("Sends to %(name)s") if flow.source == node.id else _t("Receives from %(name)s")
        said = words % {"name": end_words(model, other, _t)}
        messages.append(f"{said}: {one_line(flow.name)}" if flow.name else said)
    called = None
    if node.called:
        known = Process.objects.visible_to(request.user)
        called = (known.filter(code=node.called) | known.filter(external_reference=node.called)).first()
    return Chosen(
        node=node,
        type_words=node_type_words(node, _t),
        name=one_line(node.name) or node_type_words(node, _t),
        lane=" / ".join(map(one_line, lanes)),
        comes_from=[way(flow.source, condition_of(flow, _t)) for flow in model.incoming.get(node.id, ())],
        leads_to=[way(flow.target, condition_of(flow, _t)) for flow in model.outgoing.get(node.id, ())],
        messages=messages,
        called=called,
    )


def map_on_paper(version: Version) -> PaperContent:
    """The map in a PDF: each diagram a chapter on sheets side by side, then the outline and the table of elements."""
    data = version.body_bytes()
    if not data:
        return PaperContent(format_html("<p>{}</p>", _t("Nothing is drawn yet.")))
    model, views, _was_laid_out = drawable(model_of(data))
    chapters = []
    for view in views:
        drawing = draw(model, view, say=_t)
        sheets = drawing.sheets()
        pictures = [picture(drawing, part=part if len(sheets) > 1 else None) for part in sheets]
        chapters.append({"name": drawing.name, "pictures": pictures, "overview": picture(drawing)})
    context = {"chapters": chapters, "sections": outline(model, _t), "rows": rows(model, _t)}
    html = render_to_string("processes/map_paper.html", context)
    return PaperContent(SafeString(html), css=PAPER_CSS + _PAPER, is_landscape=True)


_PAPER = """
.sheet svg{width:100%;height:155mm;display:block}
.sheet{break-inside:avoid;margin:0 0 3mm}
.overview svg{width:60mm;height:30mm}
ol.outline{padding-left:6mm;list-style:none} ol.outline li{margin:0 0 1mm}
"""


def map_of_process(process: Process, person: Any) -> tuple[ProcessMap, Version] | None:
    """The As-Is map of a process and the version of it that the person may see now: in effect, else the newest."""
    role = (
        ProcessMap.objects.visible_to(person)
        .current()
        .filter(process=process, purpose=ProcessMap.Purpose.AS_IS)
        .select_related("document")
        .first()
    )
    if role is None:
        return None
    versions = list(
        Version.objects.visible_to(person)
        .filter(document=role.document_id)
        .exclude(state="discarded")
        .select_related("content")
        .order_by("-sequence")[:12]
    )
    shown = next((one for one in versions if one.shown_state == "effective"), versions[0] if versions else None)
    if shown is None:
        return None
    shown.document = role.document
    return role, shown


def map_panel(person: Any, process: Process) -> str:
    """The map at the top of the process page."""
    found = map_of_process(process, person)
    others = list(
        ProcessMap.objects.visible_to(person)
        .current()
        .filter(process=process, purpose=ProcessMap.Purpose.TO_BE)
        .select_related("document")
    )
    if found is None and not others:
        return ""
    context: dict[str, Any] = {"process": process, "to_be": others}
    if found is not None:
        role, version = found
        context |= {"role": role, "version": version, "document": role.document}
        data = version.body_bytes()
        try:
            model = model_of(data) if data else None
        except UnreadableMap:
            model = None
        model, views, _was_laid_out = drawable(model) if model else (None, [], False)
        if model and views:
            base = role.document.get_absolute_url()
            drawing = drawn_once(model, views[0], f"{base}?element={{}}#element")
            context |= {"svg": picture(drawing), "is_wide": drawing.box.width > FIT_WIDTH, "drawing": drawing}
    return render_to_string("processes/map_of_process.html", context)


def sections_of(data: bytes) -> tuple[Section, ...]:
    """The outline of a stored map in the reader's language."""
    return outline(model_of(data), _t) if data else ()


MAP_OF_PROCESS = Panel("map", _("Process map"), map_panel, order=1)
