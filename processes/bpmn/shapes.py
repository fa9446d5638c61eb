"""Drawing one shape: model and bounds in, SVG and the label beside it out."""

from __future__ import annotations

from dataclasses import dataclass, field

from processes.bpmn.lettering import LINE_HEIGHT, Lettering, fit, width_of
from processes.bpmn.model import (
    ACTIVITIES,
    CHOREOGRAPHIES,
    CONVERSATIONS,
    EVENTS,
    GATEWAYS,
    THROWING,
    Box,
    Lane,
    Node,
    Pool,
    Shape,
)
from processes.bpmn.svg import Colours, circle, n, path, rectangle, text_lines
from processes.bpmn.symbols import MARKERS, TASK_SIGNS, event_sign, gateway_sign

HEAD = 30.0  # pixels: the strip with the name of a pool or lane
LABEL_WIDTH = 90.0
_DEFAULT_SIZES = {"event": (36.0, 36.0), "gateway": (50.0, 50.0), "data": (36.0, 50.0), "other": (100.0, 80.0)}


@dataclass(frozen=True, slots=True)
class Label:
    """Text beside a shape or edge: its lines, the middle of its upper edge, and its colour."""

    lettering: Lettering
    x: float
    top: float
    colour: str = ""

    @property
    def box(self) -> Box:
        width = self.lettering.width
        return Box(self.x - width / 2, self.top, width, self.lettering.height)

    def halo(self) -> str:
        box = self.box
        return rectangle(box.x - 1.5, box.y - 0.5, box.width + 3, box.height + 1, "halo", 2)

    def text(self) -> str:
        size = self.lettering.size
        return text_lines(self.lettering.lines, self.x, self.top + size * 0.95, size, "label", self.colour)


@dataclass(slots=True)
class Drawn:
    """One element as drawn: its figure, its own text, and what is written beside it."""

    figure: str
    text: str = ""
    labels: list[Label] = field(default_factory=list)


def sized(shape: Shape, kind: str) -> Box | None:
    """The bounds of a shape; the usual size of its type where the file says nothing or less."""
    box = shape.box
    if box is None:
        return None
    if box.width > 0 and box.height > 0:
        return box
    group = "other"
    if kind in EVENTS:
        group = "event"
    elif kind in GATEWAYS:
        group = "gateway"
    elif kind.startswith("data"):
        group = "data"
    width, height = _DEFAULT_SIZES[group]
    return Box(box.x, box.y, width, height)


def draw_pool(pool: Pool | None, name: str, shape: Shape, box: Box, is_horizontal: bool, head: float | None) -> Drawn:
    """A pool, with its name in the head, or in the middle of a black box (``head`` is None)."""
    colours = Colours(shape.fill, shape.stroke, shape.text_colour)
    figure = rectangle(box.x, box.y, box.width, box.height, f"pool{colours.classes}", 0, colours.style)
    drawn = Drawn(figure)
    if head is None:
        lettering = fit(name, box.width - 20, box.height - 6)
        drawn.text = _centred(lettering, box, "text", colours.text)
    else:
        drawn.figure += _head_line(box, is_horizontal, head, colours)
        drawn.text = _head_text(name, box, is_horizontal, head, colours.text)
    if pool is not None and pool.is_multiple:
        x, y = (box.x + box.width / 2, box.bottom - 10)
        drawn.figure += colours.sign(MARKERS["parallel"], x, y)
    return drawn


def draw_lane(lane: Lane | None, name: str, shape: Shape, box: Box, is_horizontal: bool, head: float) -> Drawn:
    colours = Colours(shape.fill, shape.stroke, shape.text_colour)
    figure = rectangle(box.x, box.y, box.width, box.height, f"lane{colours.classes}", 0, colours.style)
    return Drawn(figure, _head_text(name, box, is_horizontal, head, colours.text))


def _head_line(box: Box, is_horizontal: bool, head: float, colours: Colours) -> str:
    if is_horizontal:
        data = f"M{n(box.x + head)} {n(box.y)}V{n(box.bottom)}"
    else:
        data = f"M{n(box.x)} {n(box.y + head)}H{n(box.right)}"
    return path(data, f"rule{colours.line_classes}", colours.line_style)


def _head_text(name: str, box: Box, is_horizontal: bool, head: float, colour: str) -> str:
    if not name:
        return ""
    along = (box.height if is_horizontal else box.width) - 8
    lettering = fit(name, along, max(head - 2, 12))
    middle = head / 2
    first = lettering.size * 0.35 - (len(lettering.lines) - 1) * lettering.size * LINE_HEIGHT / 2
    if is_horizontal:
        x, y = box.x + middle, box.y + box.height / 2
        return _turned(lettering, x, y, first, colour)
    return text_lines(lettering.lines, box.x + box.width / 2, box.y + middle + first, lettering.size, "text", colour)


def _turned(lettering: Lettering, x: float, y: float, first: float, colour: str) -> str:
    """Lines read from below, as the name of a lane is."""
    body = text_lines(lettering.lines, 0, first, lettering.size, "text", colour)
    return f'<g transform="translate({n(x)} {n(y)}) rotate(-90)">{body}</g>'


def _centred(lettering: Lettering, box: Box, css: str, colour: str) -> str:
    top = box.y + (box.height - lettering.height) / 2
    return text_lines(lettering.lines, box.x + box.width / 2, top + lettering.size * 0.95, lettering.size, css, colour)


def draw_activity(
    node: Node, shape: Shape, box: Box, *, is_expanded: bool, is_collapsed: bool, below: list[Box]
) -> Drawn:
    """A task, sub-process or called process. ``below`` are boundary events that its text keeps clear of."""
    colours = Colours(shape.fill, shape.stroke, shape.text_colour)
    css = "node"
    if node.type == "callActivity":
        css += " call"
    if node.is_event_subprocess:
        css += " dashed"
    figure = rectangle(box.x, box.y, box.width, box.height, f"{css}{colours.classes}", 10, colours.style)
    if node.type == "transaction":
        figure += rectangle(
            box.x + 3, box.y + 3, box.width - 6, box.height - 6, f"thin{colours.line_classes}", 8, colours.line_style
        )
    sign = TASK_SIGNS.get(node.type, ())
    figure += colours.sign(sign, box.x + 5, box.y + 5)
    markers = [*filter(None, (node.loop, "compensation" if node.is_compensation else ""))]
    if node.type == "adHocSubProcess":
        markers.append("adhoc")
    if is_collapsed:
        markers.insert(0, "collapsed")
    left = box.x + box.width / 2 - (len(markers) - 1) * 9
    for index, marker in enumerate(markers):
        figure += colours.sign(MARKERS[marker], left + index * 18, box.bottom - (7.5 if marker == "collapsed" else 9))
    return Drawn(figure, _activity_text(node, box, colours, is_expanded, bool(markers), bool(sign), below))


def _activity_text(
    node: Node, box: Box, colours: Colours, is_expanded: bool, has_markers: bool, has_sign: bool, below: list[Box]
) -> str:
    if not node.name:
        return ""
    if is_expanded:
        lettering = fit(node.name, box.width - 16, 30)
        return text_lines(
            lettering.lines, box.x + box.width / 2, box.y + 5 + lettering.size, lettering.size, "text", colours.text
        )
    floor = box.bottom - (18 if has_markers else 3)
    for event in below:
        # An event in the corner leaves the words where they are.
        is_low = event.y + event.height / 2 > box.y + box.height * 0.7
        if is_low and event.right > box.x + box.width * 0.3 and event.x < box.right - box.width * 0.3:
            floor = min(floor, max(event.y - 1, box.y + box.height * 0.6))
    lettering = fit(node.name, box.width - 8, floor - box.y - 4)
    room = floor - box.y
    top = box.y + (room - lettering.height) / 2
    if has_sign and lettering.lines:
        # Push down only as far as needed: the first line may pass beside the sign where it is short.
        widest = width_of(lettering.lines[0], lettering.size)
        if top < box.y + 21 and widest > box.width - 2 * 24:
            if lettering.height <= floor - box.y - 21:
                top = box.y + 21
            else:
                lettering = fit(node.name, box.width - 8, max(12.0, floor - box.y - 21), (11, 10, 9))
                top = max(box.y + 21, floor - lettering.height)
    return text_lines(
        lettering.lines, box.x + box.width / 2, top + lettering.size * 0.95, lettering.size, "text", colours.text
    )


def draw_event(node: Node, shape: Shape, box: Box, host: Box | None) -> Drawn:
    colours = Colours(shape.fill, shape.stroke, shape.text_colour)
    x, y = box.middle
    radius = min(box.width, box.height) / 2
    css = "node end" if node.type == "endEvent" else "node event"
    dashed = "" if node.is_interrupting else " dashed"
    figure = circle(x, y, radius, f"{css}{dashed}{colours.classes}", colours.style)
    if node.type in {"intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "implicitThrowEvent"}:
        figure += circle(x, y, max(1.0, radius - 3), f"thin{dashed}{colours.line_classes}", colours.line_style)
    sign = event_sign(node.definitions, node.is_parallel_multiple, node.type in THROWING)
    figure += colours.sign(sign, x, y, radius / 18 * (0.92 if radius < 17 else 1.0))
    return Drawn(figure, labels=label_beside(node.name, shape, box, host))


def draw_gateway(node: Node, shape: Shape, box: Box) -> Drawn:
    colours = Colours(shape.fill, shape.stroke, shape.text_colour)
    x, y = box.middle
    data = f"M{n(x)} {n(box.y)}L{n(box.right)} {n(y)}L{n(x)} {n(box.bottom)}L{n(box.x)} {n(y)}Z"
    figure = path(data, f"node{colours.classes}", colours.style)
    sign = gateway_sign(
        node.type,
        bool(shape.is_marker_visible),
        node.instantiates,
        dict(node.properties).get("eventGatewayType", "") == "Parallel",
    )
    figure += colours.sign(sign, x, y, min(box.width, box.height) / 50)
    return Drawn(figure, labels=label_beside(node.name, shape, box))


def label_beside(name: str, shape: Shape, box: Box, host: Box | None = None) -> list[Label]:
    """The name below a shape (above on the upper edge of ``host``), or where the file puts it unless that cuts it."""
    if not name:
        return []
    place = shape.label
    if place is not None:
        width = max(LABEL_WIDTH, place.width)
        lettering = fit(name, width, max(place.height, 60.0))
        label = Label(lettering, place.x + place.width / 2, place.y, shape.text_colour)
        drawn = label.box
        inside = Box(box.x + 3, box.y + 3, box.width - 6, box.height - 6)
        if not _cuts(drawn, inside) or box.holds(drawn, 4):
            return [label]
    lettering = fit(name, LABEL_WIDTH, 72)
    top = box.bottom + 4
    if host is not None and box.middle[1] < host.y + host.height * 0.3:
        top = box.y - 4 - lettering.height
    return [Label(lettering, box.x + box.width / 2, top, shape.text_colour)]


def _cuts(one: Box, other: Box) -> bool:
    return one.x < other.right and one.right > other.x and one.y < other.bottom and one.bottom > other.y


def draw_data(node: Node, shape: Shape, box: Box) -> Drawn:
    colours = Colours(shape.fill, shape.stroke, shape.text_colour)
    if node.type in {"dataStoreReference", "dataStore"}:
        ring = min(box.height / 4, 10.0)
        rx = box.width / 2
        arc = f"a{n(rx)} {n(ring)} 0 0 0 {n(box.width)} 0"
        top = box.y + ring
        data = (
            f"M{n(box.x)} {n(top)}a{n(rx)} {n(ring)} 0 0 1 {n(box.width)} 0V{n(box.bottom - ring)}"
            f"a{n(rx)} {n(ring)} 0 0 1 {n(-box.width)} 0Z"
        )
        figure = path(data, f"node thinner{colours.classes}", colours.style)
        rings = "".join(f"M{n(box.x)} {n(top + step)}{arc}" for step in (0, ring * 0.6, ring * 1.2))
        figure += path(rings, f"line{colours.line_classes}", colours.line_style)
    else:
        fold = min(12.0, box.width / 3, box.height / 3)
        data = (
            f"M{n(box.x)} {n(box.y)}H{n(box.right - fold)}L{n(box.right)} {n(box.y + fold)}V{n(box.bottom)}H{n(box.x)}Z"
        )
        figure = path(data, f"node thinner{colours.classes}", colours.style)
        corner = f"M{n(box.right - fold)} {n(box.y)}V{n(box.y + fold)}H{n(box.right)}"
        figure += path(corner, f"line{colours.line_classes}", colours.line_style)
        if node.type in {"dataInput", "dataOutput"}:
            body = "solid" if node.type == "dataOutput" else "hollow"
            figure += colours.sign(((body, "M0 3H7V0L13 5.5L7 11V8H0Z"),), box.x + 3, box.y + 4)
        if node.is_collection:
            figure += colours.sign(MARKERS["parallel"], box.x + box.width / 2, box.bottom - 9, 0.8)
    name = node.name
    if node.state and node.state.strip("[]").lower() not in name.lower():
        name = f"{name} [{node.state.strip('[]')}]"
    return Drawn(figure, labels=label_beside(name, shape, box))


def draw_note(node: Node, shape: Shape, box: Box) -> Drawn:
    colours = Colours(shape.fill, shape.stroke, shape.text_colour)
    ground = rectangle(
        box.x,
        box.y,
        box.width,
        box.height,
        f"ground{' of' if shape.fill else ''}",
        0,
        f' fill="{shape.fill}"' if shape.fill else "",
    )
    data = f"M{n(box.x + 10)} {n(box.y)}H{n(box.x)}V{n(box.bottom)}H{n(box.x + 10)}"
    figure = ground + path(data, f"rule{colours.line_classes}", colours.line_style)
    lettering = fit(node.name, max(30.0, box.width - 10), max(box.height - 4, 14.0))
    text = text_lines(
        lettering.lines, box.x + 6, box.y + 4 + lettering.size * 0.95, lettering.size, "text left", colours.text
    )
    return Drawn(figure, text if node.name else "")


def draw_group(node: Node, shape: Shape, box: Box) -> Drawn:
    colours = Colours("", shape.stroke, shape.text_colour)
    figure = rectangle(box.x, box.y, box.width, box.height, f"group{colours.classes}", 10, colours.style)
    drawn = Drawn(figure)
    if node.name:
        place = shape.label
        lettering = fit(node.name, max(LABEL_WIDTH, place.width if place else box.width - 16), 30)
        if place is not None:
            drawn.labels = [Label(lettering, place.x + place.width / 2, place.y, shape.text_colour)]
        else:
            drawn.labels = [Label(lettering, box.x + box.width / 2, box.y + 4, shape.text_colour)]
    return drawn


def draw_choreography(
    node: Node, shape: Shape, box: Box, bands: list[tuple[Box, str, bool]], is_expanded: bool
) -> Drawn:
    """A choreography activity with the bands of its participants (box, name, whether it only answers)."""
    colours = Colours(shape.fill, shape.stroke, shape.text_colour)
    css = "node call" if node.type == "callChoreography" else "node"
    figure = rectangle(box.x, box.y, box.width, box.height, f"{css}{colours.classes}", 10, colours.style)
    tops = [band.bottom for band, _name, _answers in bands if band.y < box.y + box.height / 2]
    floors = [band.y for band, _name, _answers in bands if band.y >= box.y + box.height / 2]
    inner_top, inner_bottom = max(tops, default=box.y), min(floors, default=box.bottom)
    if node.type == "subChoreography" and not is_expanded:
        figure += colours.sign(MARKERS["collapsed"], box.x + box.width / 2, inner_bottom - 8)
        inner_bottom -= 18
    if node.loop:
        figure += colours.sign(MARKERS[node.loop], box.x + box.width / 2, inner_bottom - 8)
        inner_bottom -= 16
    if is_expanded:
        inner_bottom = min(inner_bottom, inner_top + 24)
    inner = Box(box.x, inner_top, box.width, max(12.0, inner_bottom - inner_top))
    lettering = fit(node.name, box.width - 10, inner.height - 2)
    return Drawn(figure, _centred(lettering, inner, "text", colours.text) if node.name else "")


def draw_band(name: str, shape: Shape, box: Box) -> Drawn:
    """The band of a participant at the edge of a choreography activity; shaded where it does not begin."""
    answers = "non_initiating" in shape.band
    colours = Colours(shape.fill, shape.stroke, shape.text_colour)
    radius = 10.0
    if shape.band.startswith("top"):
        data = (
            f"M{n(box.x)} {n(box.bottom)}V{n(box.y + radius)}a{n(radius)} {n(radius)} 0 0 1 {n(radius)} {n(-radius)}"
            f"H{n(box.right - radius)}a{n(radius)} {n(radius)} 0 0 1 {n(radius)} {n(radius)}V{n(box.bottom)}Z"
        )
    elif shape.band.startswith("bottom"):
        data = (
            f"M{n(box.x)} {n(box.y)}V{n(box.bottom - radius)}a{n(radius)} {n(radius)} 0 0 0 {n(radius)} {n(radius)}"
            f"H{n(box.right - radius)}a{n(radius)} {n(radius)} 0 0 0 {n(radius)} {n(-radius)}V{n(box.y)}Z"
        )
    else:
        data = f"M{n(box.x)} {n(box.y)}H{n(box.right)}V{n(box.bottom)}H{n(box.x)}Z"
    figure = path(data, f"{'band' if answers else 'node thinner'}{colours.classes}", colours.style)
    if shape.has_message:
        figure += _band_message(shape, box, answers)
    lettering = fit(name, box.width - 10, box.height - 2)
    return Drawn(figure, _centred(lettering, box, "text", colours.text) if name else "")


def _band_message(shape: Shape, box: Box, answers: bool) -> str:
    x = box.x + box.width / 2
    is_top = shape.band.startswith("top")
    edge, y = (box.y, box.y - 24) if is_top else (box.bottom, box.bottom + 24)
    line = path(f"M{n(x)} {n(edge)}V{n(y)}", "dots")
    body = "band" if answers else "hollow"
    sign = ((body, "M-11-8H11V8H-11Z"), ("line", "M-11-8L0 1L11-8"))
    return line + Colours().sign(sign, x, y + (-8 if is_top else 8))


def draw_conversation(node: Node, shape: Shape, box: Box) -> Drawn:
    colours = Colours(shape.fill, shape.stroke, shape.text_colour)
    x, y = box.middle
    notch = box.width / 4
    data = (
        f"M{n(box.x)} {n(y)}L{n(box.x + notch)} {n(box.y)}H{n(box.right - notch)}L{n(box.right)} {n(y)}"
        f"L{n(box.right - notch)} {n(box.bottom)}H{n(box.x + notch)}Z"
    )
    css = "node call" if node.type == "callConversation" else "node"
    figure = path(data, f"{css}{colours.classes}", colours.style)
    if node.type == "subConversation":
        figure += colours.sign(MARKERS["collapsed"], x, box.bottom - 9)
    return Drawn(figure, labels=label_beside(node.name, shape, box))


def draw_message(name: str, shape: Shape, box: Box) -> Drawn:
    colours = Colours(shape.fill, shape.stroke, shape.text_colour)
    figure = rectangle(box.x, box.y, box.width, box.height, f"node thinner{colours.classes}", 0, colours.style)
    x, y = box.middle
    figure += path(
        f"M{n(box.x)} {n(box.y)}L{n(x)} {n(y)}L{n(box.right)} {n(box.y)}",
        f"line{colours.line_classes}",
        colours.line_style,
    )
    return Drawn(figure, labels=label_beside(name, shape, box))


def draw_unknown(name: str, shape: Shape, box: Box) -> Drawn:
    """What the file does not explain: a plain dashed box with the name, if there is one."""
    colours = Colours(shape.fill, shape.stroke, shape.text_colour)
    figure = rectangle(box.x, box.y, box.width, box.height, f"unknown{colours.classes}", 0, colours.style)
    lettering = fit(name, box.width - 8, box.height - 4)
    return Drawn(figure, _centred(lettering, box, "text", colours.text) if name else "")


def draw_node(
    node: Node,
    shape: Shape,
    box: Box,
    *,
    is_expanded: bool,
    is_collapsed: bool,
    below: list[Box],
    bands: list[tuple[Box, str, bool]],
    host: Box | None,
) -> Drawn:
    """Any node by its type."""
    if node.type in ACTIVITIES:
        return draw_activity(node, shape, box, is_expanded=is_expanded, is_collapsed=is_collapsed, below=below)
    if node.type in EVENTS:
        return draw_event(node, shape, box, host)
    if node.type in GATEWAYS:
        return draw_gateway(node, shape, box)
    if node.type in CHOREOGRAPHIES:
        return draw_choreography(node, shape, box, bands, is_expanded)
    if node.type in CONVERSATIONS:
        return draw_conversation(node, shape, box)
    if node.type == "textAnnotation":
        return draw_note(node, shape, box)
    if node.type == "group":
        return draw_group(node, shape, box)
    if node.type == "message":
        return draw_message(node.name, shape, box)
    return draw_data(node, shape, box)
