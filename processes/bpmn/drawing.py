"""A view of a map as SVG: model in, string out. The same picture for page, paper, mail and comparison.

Nothing is painted with ids, so that two maps can stand on one page; colours are classes that the page's style sheet
(or `PAPER_CSS`) fills. Painted from the ground up: pools, lanes, open sub-processes, groups, connections, boxes behind
labels, nodes in the order of the flow, labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from core.safe.words import gettext_noop
from processes.bpmn.edges import draw_edge
from processes.bpmn.lettering import shorten
from processes.bpmn.model import (
    ACTIVITIES,
    CHOREOGRAPHIES,
    SUBPROCESSES,
    Box,
    Lane,
    Model,
    Node,
    Shape,
    View,
)
from processes.bpmn.naming import Say, condition_of, one_line, same, sentence
from processes.bpmn.ordering import flow_order
from processes.bpmn.shapes import (
    HEAD,
    Drawn,
    Label,
    draw_band,
    draw_group,
    draw_lane,
    draw_message,
    draw_node,
    draw_pool,
    draw_unknown,
    sized,
)
from processes.bpmn.svg import attribute, circle, n, rectangle

MAX_CANVAS = 20_000.0  # pixels in each direction; beyond that a picture is only shown whole
MARGIN = 12.0

PAPER_CSS = """
.bpmn text{font-family:Inter,Arial,"Liberation Sans",sans-serif;font-size:12px;text-anchor:middle}
.bpmn text.left{text-anchor:start}
.bpmn .s11{font-size:11px}.bpmn .s10{font-size:10px}.bpmn .s9{font-size:9px}
.bpmn text:not(.oi){fill:#16181d}
.bpmn :is(.pool,.lane,.node,.hollow,.head-open):not(.of){fill:#fff}
.bpmn .lane:not(.of),.bpmn :is(.thin,.line,.rule,.flow,.bold,.strong,.small,.dots,.double,.group){fill:none}
.bpmn .band:not(.of){fill:#d9dce3}.bpmn .unknown:not(.of){fill:none}
.bpmn .halo{fill:#fff;fill-opacity:.85}
.bpmn .ground:not(.of){fill:none}
.bpmn :is(.pool,.lane,.node,.hollow,.solid,.head,.head-open,.thin,.line,.rule,.flow):not(.os){stroke:#16181d}
.bpmn :is(.bold,.strong,.small,.dots,.double,.group,.band,.unknown):not(.os){stroke:#16181d}
.bpmn :is(.solid,.head):not(.of){fill:#16181d}
.bpmn .fold:not(.os){stroke:#fff}.bpmn .fold{fill:none}
.bpmn :is(.pool,.lane,.rule,.thin,.flow,.thinner,.group,.band,.unknown){stroke-width:1.5}
.bpmn .node{stroke-width:2}.bpmn .event{stroke-width:1.6}.bpmn .thinner{stroke-width:1.5}
.bpmn .end,.bpmn .call{stroke-width:4}
.bpmn :is(.line,.hollow,.solid,.fold,.small,.head,.head-open){stroke-width:1.2}
.bpmn .bold{stroke-width:3.4}.bpmn .strong{stroke-width:2.2}
.bpmn .msg{stroke-dasharray:8 5}.bpmn .dots{stroke-dasharray:1.5 4;stroke-linecap:round}
.bpmn .dashed{stroke-dasharray:5 3.5}.bpmn .group{stroke-dasharray:9 4 2 4}.bpmn .unknown{stroke-dasharray:3 3}
.bpmn .double{stroke-width:5}.bpmn .double-gap{stroke:#fff;stroke-width:2.4;fill:none}
.bpmn .hit{fill:none;stroke:none}
"""


@dataclass(frozen=True)
class Drawing:
    """One view, drawn. ``box`` is what the drawing covers, in its own pixels; ``spots`` where each element lies.

    ``issues`` are sentences about what could not be drawn as the file says.
    """

    name: str
    body: str
    box: Box
    shapes: int
    edges: int
    spots: dict[str, Box] = field(default_factory=dict)
    ways: dict[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    heads: str = ""
    head_width: float = 0.0
    issues: tuple[str, ...] = ()

    @property
    def is_vast(self) -> bool:
        """Whether the picture is too large to be shown at its own size."""
        return self.box.width > MAX_CANVAS or self.box.height > MAX_CANVAS

    def svg(
        self,
        *,
        part: Box | None = None,
        marks: Mapping[str, str] | None = None,
        bubbles: Mapping[str, int] | None = None,
        scale: float = 1.0,
        style: str = "",
        is_document: bool = False,
    ) -> str:
        """The SVG element.

        ``part`` shows only this piece (a sheet of paper). ``marks`` gives elements a class for a frame around them,
        ``bubbles`` a number at their lower corner, such as how many comments are open.
        ``style`` is a style sheet to carry along; ``is_document`` makes it a file of its own.
        """
        box = part or self.box
        width, height = min(box.width, MAX_CANVAS) * scale, min(box.height, MAX_CANVAS) * scale
        space = ' xmlns="http://www.w3.org/2000/svg"' if is_document else ""
        sheet = f"<style>{style}</style>" if style else ""
        ground = rectangle(box.x, box.y, box.width, box.height, "paper", 0, ' fill="#fff"') if is_document else ""
        return (
            f'<svg class="bpmn"{space} viewBox="{n(box.x)} {n(box.y)} {n(box.width)} {n(box.height)}" '
            f'width="{n(width)}" height="{n(height)}" role="group" aria-label="{attribute(self.name)}">'
            f"{sheet}{ground}{self.body}{self._marks(marks or {})}{self._bubbles(bubbles or {})}</svg>"
        )

    def _marks(self, marks: Mapping[str, str]) -> str:
        drawn = []
        for element, css in marks.items():
            spot, own = self.spots.get(element), f' data-of="{attribute(element)}"'
            if spot is not None:
                frame = (spot.x - 5, spot.y - 5, spot.width + 10, spot.height + 10)
                drawn.append(rectangle(*frame, f"mark {attribute(css)}", 12, own))
            elif element in self.ways:
                data = "M" + "L".join(f"{n(x)} {n(y)}" for x, y in self.ways[element])
                drawn.append(f'<path class="mark mark-way {attribute(css)}" d="{data}"{own}/>')
        return f'<g class="marks" aria-hidden="true">{"".join(drawn)}</g>' if drawn else ""

    def _bubbles(self, bubbles: Mapping[str, int]) -> str:
        drawn = []
        for element, number in bubbles.items():
            spot = self.spots.get(element)
            if spot is not None:
                x, y = spot.x, spot.y + spot.height
                label = f'<text class="bubble-text" x="{n(x)}" y="{n(y + 4)}">{number}</text>'
                drawn.append(circle(x, y, 10, "bubble") + label)
        return f'<g class="bubbles" aria-hidden="true">{"".join(drawn)}</g>' if drawn else ""

    def sheets(self, width: float = 1500.0, height: float = 1000.0) -> list[Box]:
        """The pieces of a drawing that fit on sheets of this size, from left to right and from top to bottom."""
        # A drawing that is only a little larger is shrunk rather than cut.
        columns = 1 if self.box.width <= width * 1.3 else -(-int(self.box.width) // int(width))
        rows = 1 if self.box.height <= height * 1.3 else -(-int(self.box.height) // int(height))
        if columns * rows > 60:  # nobody glues that many together
            return [self.box]
        step_x, step_y = self.box.width / columns, self.box.height / rows
        return [
            Box(self.box.x + column * step_x, self.box.y + row * step_y, step_x, step_y)
            for row in range(rows)
            for column in range(columns)
        ]


def draw(model: Model, view: View, *, link: str | None = None, say: Say = same) -> Drawing:
    """Draw one view.

    ``link`` is the address of an element with {} in place of its id ("?element={}#element"); without it nothing is a
    link.
    """
    return _Scene(model, view, link, say).drawing()


@dataclass(slots=True)
class _Layers:
    """The shapes of a view, by the layer that they are painted in."""

    grounds: list[tuple[Shape, Box]] = field(default_factory=list)
    lanes: list[tuple[Shape, Box]] = field(default_factory=list)
    opened: list[tuple[Node, Shape, Box]] = field(default_factory=list)
    groups: list[tuple[Node, Shape, Box]] = field(default_factory=list)
    nodes: list[tuple[Node, Shape, Box]] = field(default_factory=list)
    top: list[tuple[Shape, str, Box]] = field(default_factory=list)


class _Scene:
    """What is known while one view is drawn."""

    def __init__(self, model: Model, view: View, link: str | None, say: Say) -> None:
        self.model, self.view, self.link, self.say = model, view, link, say
        self.issues: list[str] = []
        self.extents: list[Box] = []
        self.spots: dict[str, Box] = {}
        self.boxes: list[tuple[Shape, str, Box]] = []
        for shape in view.shapes:
            kind = model.type_of(shape.element)
            box = sized(shape, kind)
            if box is None:
                continue
            self.boxes.append((shape, kind, box))
            self.extents.append(box)
            if not shape.band:
                self.spots.setdefault(shape.element, box)
        self.expanded = self._expanded()
        self.labels: list[Label] = []
        self.drawn_shapes = 0

    def drawing(self) -> Drawing:
        layers = self._sorted()
        painted: list[str] = ['<g aria-hidden="true">']
        painted += [self._pool(shape, box) for shape, box in layers.grounds]
        painted += [self._lane(shape, box) for shape, box in layers.lanes]
        opened_nodes = [self._open(node, shape, box) for node, shape, box in layers.opened]
        painted += [figure for figure, _drawn in opened_nodes]
        painted += [self._group(node, shape, box) for node, shape, box in layers.groups]
        edges, ways = self._edges()
        painted += edges
        drawn_nodes = {node.id: self._node(node, shape, box) for node, shape, box in layers.nodes} | {
            node.id: drawn for (node, _shape, _box), (_figure, drawn) in zip(layers.opened, opened_nodes, strict=True)
        }
        repeated = self._repeats(layers.nodes)
        others = [self._other(shape, kind, box) for shape, kind, box in layers.top]
        painted += [label.halo() for label in self.labels]
        painted.append("</g>")
        painted += self._in_order(drawn_nodes, {node.id for node, _shape, _box in layers.opened})
        painted += [*repeated, *others]
        if self.labels:
            painted += ['<g aria-hidden="true">', *(label.text() for label in self.labels), "</g>"]
        box = self._cover()
        if box.width > MAX_CANVAS or box.height > MAX_CANVAS:
            self.issues.append(
                gettext_noop("The drawing is more than %(limit)d pixels wide or high.", limit=int(MAX_CANVAS))
            )
        return Drawing(
            name=one_line(self.view.name) or self.say(gettext_noop("Map")),
            body="".join(painted),
            box=box,
            shapes=self.drawn_shapes,
            edges=len(ways),
            spots=self.spots,
            ways=dict(ways),
            issues=tuple(self.issues),
        )

    # What goes where

    def _sorted(self) -> _Layers:
        layers = _Layers()
        for shape, kind, box in self.boxes:
            self.drawn_shapes += 1
            node = self.model.nodes.get(shape.element)
            if shape.band:
                layers.top.append((shape, kind, box))
            elif kind in {"participant", "process", "collaboration", "choreography"}:
                layers.grounds.append((shape, box))
            elif kind == "lane":
                layers.lanes.append((shape, box))
            elif node is None:
                layers.top.append((shape, kind, box))
            elif node.type == "group":
                layers.groups.append((node, shape, box))
            elif shape.id in self.expanded:
                layers.opened.append((node, shape, box))
            else:
                layers.nodes.append((node, shape, box))
        layers.grounds.sort(key=lambda item: -item[1].width * item[1].height)
        layers.lanes.sort(key=lambda item: -item[1].width * item[1].height)
        layers.opened.sort(key=lambda item: -item[2].width * item[2].height)
        return layers

    def _expanded(self) -> set[str]:
        """Ids of shapes that are drawn as an open box: said so, or something of theirs lies inside."""
        found = set()
        inner = [box for _shape, kind, box in self.boxes if kind in ACTIVITIES or "Event" in kind or "Gateway" in kind]
        by_parent: dict[str, list[Box]] = {}
        for shape, _kind, box in self.boxes:
            node = self.model.nodes.get(shape.element)
            if node is not None and not node.attached_to:
                by_parent.setdefault(node.parent, []).append(box)
        for shape, kind, box in self.boxes:
            if kind in SUBPROCESSES or kind == "subChoreography":
                inside = any(box.holds(child, 5) for child in by_parent.get(shape.element, ()))
                if inside or shape.is_expanded:
                    found.add(shape.id)
            # A called process may be drawn open although its nodes belong to another process.
            elif (
                kind in {"callActivity", "callChoreography"}
                and shape.is_expanded is not False
                and any(box.holds(other, 0) and other != box for other in inner)
            ):
                found.add(shape.id)
        return found

    # Figures

    def _is_horizontal(self, shape: Shape, box: Box) -> bool:
        if shape.is_horizontal is not None:
            return shape.is_horizontal
        pool = self.model.pools.get(shape.element)
        process = pool.process if pool else shape.element
        lane = self.model.lanes.get(shape.element)
        if lane is not None:
            holder = next(
                (
                    (other, around)
                    for other, _kind, around in self.boxes
                    if (found := self.model.pools.get(other.element)) is not None and found.process == lane.process
                ),
                None,
            )
            if holder is not None and holder[0].is_horizontal is not None:
                return holder[0].is_horizontal
            process = lane.process
        inside = [
            other
            for item, kind, other in self.boxes
            if kind == "lane" and self.model.lanes[item.element].process == process
        ]
        if len(inside) >= 2:
            xs = {round(item.x) for item in inside}
            ys = {round(item.y) for item in inside}
            if len(xs) != len(ys):
                return len(ys) > len(xs)
        return box.width >= box.height

    def _head(self, box: Box, is_horizontal: bool) -> float:
        """How wide the head of a pool is: up to its lanes, if they leave 8 to 80 pixels."""
        gaps = [
            (other.x - box.x) if is_horizontal else (other.y - box.y)
            for _shape, kind, other in self.boxes
            if kind == "lane" and box.holds(other, 3)
        ]
        gap = min(gaps, default=HEAD)
        return gap if 8 <= gap <= 80 else HEAD

    def _pool(self, shape: Shape, box: Box) -> str:
        pool = self.model.pools.get(shape.element)
        is_horizontal = self._is_horizontal(shape, box)
        has_inside = any(
            kind not in {"participant", "process"} and box.holds(other, 3) and other != box
            for _shape, kind, other in self.boxes
        )
        is_black = (pool is None or not pool.process) and not has_inside
        head = None if is_black else self._head(box, is_horizontal)
        name = self.model.name_of(shape.element)
        drawn = draw_pool(pool, name, shape, box, is_horizontal, head)
        return drawn.figure + drawn.text

    def _lane(self, shape: Shape, box: Box) -> str:
        lane: Lane | None = self.model.lanes.get(shape.element)
        is_horizontal = self._is_horizontal(shape, box)
        inner = [
            (other.x - box.x) if is_horizontal else (other.y - box.y)
            for item, kind, other in self.boxes
            if kind == "lane" and self.model.lanes[item.element].parent == shape.element and box.holds(other, 3)
        ]
        gap = min(inner, default=HEAD)
        drawn = draw_lane(
            lane, self.model.name_of(shape.element), shape, box, is_horizontal, gap if 8 <= gap <= 80 else HEAD
        )
        return drawn.figure + drawn.text

    def _open(self, node: Node, shape: Shape, box: Box) -> tuple[str, Drawn]:
        drawn = self._draw(node, shape, box, is_expanded=True)
        self.labels += drawn.labels
        return drawn.figure, drawn

    def _group(self, node: Node, shape: Shape, box: Box) -> str:
        drawn = draw_group(node, shape, box)
        self._remember(drawn.labels)
        return drawn.figure

    def _node(self, node: Node, shape: Shape, box: Box) -> Drawn:
        drawn = self._draw(node, shape, box, is_expanded=False)
        self._remember(drawn.labels)
        return drawn

    def _repeats(self, nodes: list[tuple[Node, Shape, Box]]) -> list[str]:
        """Elements that the view draws more than once: the earlier drawings, which are no links."""
        last = {node.id: index for index, (node, _shape, _box) in enumerate(nodes)}
        repeated = []
        for index, (node, shape, box) in enumerate(nodes):
            if last[node.id] != index:
                drawn = self._draw(node, shape, box, is_expanded=False)
                repeated.append(f'<g aria-hidden="true">{drawn.figure}{drawn.text}</g>')
        return repeated

    def _draw(self, node: Node, shape: Shape, box: Box, *, is_expanded: bool) -> Drawn:
        below = [self.spots[event.id] for event in self.model.attached.get(node.id, ()) if event.id in self.spots]
        is_collapsed = node.type in SUBPROCESSES and not is_expanded
        if node.type == "callActivity" and not is_expanded:
            is_collapsed = True
        bands = (
            [
                (other, self.model.name_of(item.element), "non_initiating" in item.band)
                for item, _kind, other in self.boxes
                if item.band and box.holds(other, 2)
            ]
            if node.type in CHOREOGRAPHIES
            else []
        )
        return draw_node(
            node,
            shape,
            box,
            is_expanded=is_expanded,
            is_collapsed=is_collapsed,
            below=below,
            bands=bands,
            host=self.spots.get(node.attached_to),
        )

    def _other(self, shape: Shape, kind: str, box: Box) -> str:
        name = self.model.name_of(shape.element)
        if shape.band:
            drawn = draw_band(name, shape, box)
        elif kind == "message":
            drawn = draw_message(name, shape, box)
        else:
            drawn = draw_unknown(name, shape, box)
        self._remember(drawn.labels)
        return f'<g aria-hidden="true">{drawn.figure}{drawn.text}</g>'

    def _remember(self, labels: list[Label]) -> None:
        self.labels += labels
        self.extents += [label.box for label in labels]

    def _edges(self) -> tuple[list[str], list[tuple[str, tuple[tuple[float, float], ...]]]]:
        painted, ways = [], []
        for edge in self.view.edges:
            flow = self.model.flows.get(edge.element)
            ends = []
            for key in (flow.source, flow.target) if flow else ("", ""):
                spot = self.spots.get(key)
                ends.append((self.model.type_of(key), spot) if spot is not None else None)
            name = flow.name if flow is not None else ""
            drawn = draw_edge(
                flow,
                edge,
                ends[0],
                ends[1],
                name=shorten(name),
                source_kind=self.model.type_of(flow.source) if flow else "",
            )
            if drawn is None:
                self.issues.append(
                    gettext_noop(
                        "The connection “%(name)s” has no way and no two ends; it is not drawn.",
                        name=(name or edge.element)[:80] or "?",
                    )
                )
                continue
            painted.append(drawn.figure)
            ways.append((edge.element or edge.id, tuple(drawn.points)))
            self._remember(drawn.labels)
            xs, ys = [x for x, _y in drawn.points], [y for _x, y in drawn.points]
            self.extents.append(Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)))
        return painted, ways

    # Links

    def _in_order(self, drawn: dict[str, Drawn], opened: set[str]) -> list[str]:
        """Nodes as links in the order of the flow, those of one pool together; then data and notes."""
        order = [key for key in flow_order(self.model) if key in drawn]
        # An open sub-process is reached before what is inside it, but must not lie over it: only its name and border.
        rest = [key for key in drawn if key not in set(order)]
        # Boundary events lie over their hosts.
        painted: list[str] = []
        pool_now, is_open = "", False
        placed = _hosts_first(order, self.model)
        for key in [*placed, *rest]:
            node = self.model.nodes[key]
            pool = self.model.pool_of(node) if key not in rest else None
            name = one_line(pool.name) if pool is not None and pool.id in self.spots else ""
            if name != pool_now:
                if is_open:
                    painted.append("</g>")
                is_open = bool(name)
                if name:
                    painted.append(f'<g role="group" aria-label="{attribute(name)}">')
                pool_now = name
            painted.append(self._link(node, drawn[key], is_open=key in opened))
        if is_open:
            painted.append("</g>")
        return painted

    def _link(self, node: Node, drawn: Drawn, *, is_open: bool) -> str:
        if is_open:
            box = self.spots[node.id]
            figure = rectangle(box.x, box.y, box.width, box.height, "hit", 10)
        else:
            figure = drawn.figure
        if self.link is None:
            return f"<g>{figure}{drawn.text}</g>"
        title = attribute(sentence(self.model, node, self.say))
        href = attribute(self.link.replace("{}", quote(node.id, safe="")))
        return f'<a class="el" href="{href}"><title>{title}</title>{figure}{drawn.text}</a>'

    def _cover(self) -> Box:
        """What everything drawn covers, with a margin."""
        if not self.extents:
            return Box(0, 0, 100, 60)
        left = min(box.x for box in self.extents)
        top = min(box.y for box in self.extents)
        right = max(box.right for box in self.extents)
        bottom = max(box.bottom for box in self.extents)
        return Box(left - MARGIN, top - MARGIN, right - left + 2 * MARGIN, bottom - top + 2 * MARGIN)


def _hosts_first(order: list[str], model: Model) -> list[str]:
    """The same order, but no boundary event before its host, which would be painted over it."""
    placed: list[str] = []
    waiting: dict[str, list[str]] = {}
    here, done = set(order), set()
    for key in order:
        host = model.nodes[key].attached_to
        if host in here and host not in done:
            waiting.setdefault(host, []).append(key)
            continue
        placed.append(key)
        done.add(key)
        for event in waiting.pop(key, ()):
            placed.append(event)
            done.add(event)
    return [*placed, *(key for keys in waiting.values() for key in keys)]


def flow_words(model: Model, key: str, say: Say = same) -> str:
    """A flow in words, for its place in a table: its condition or name."""
    flow = model.flows.get(key)
    return condition_of(flow, say) if flow is not None else ""
