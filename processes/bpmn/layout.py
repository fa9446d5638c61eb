"""A plan becomes a map: BPMN 2.0 XML with a drawing that people can go on with in any editor."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from processes.bpmn.lettering import width_of, wrap
from processes.bpmn.model import EVENTS, GATEWAYS, Box
from processes.bpmn.placing import Places, place
from processes.bpmn.plan import Plan, PlannedFlow, PlannedMessage, PlannedNode, PlannedPool
from processes.bpmn.reading import BPMN, BPMNDI, DC, DI, XSI

COLUMN, TRACK = 150.0, 120.0
HEAD = 30.0
PAD = 20.0  # above and below the tracks of a lane
LEFT, TOP = 160.0, 80.0
POOL_GAP = 80.0
SIZES = {"event": (36.0, 36.0), "gateway": (50.0, 50.0), "task": (100.0, 80.0)}
Point = tuple[float, float]


def lay_out(plan: Plan) -> bytes:
    """BPMN 2.0 XML of a plan, UTF-8."""
    return _Builder(plan).xml()


def _size(kind: str) -> tuple[float, float]:
    return SIZES["event" if kind in EVENTS else "gateway" if kind in GATEWAYS else "task"]


def _flow_ids(pool: PlannedPool) -> dict[PlannedFlow, str]:
    """Ids made from both ends, so that a flow keeps its own when others come and go."""
    ids: dict[PlannedFlow, str] = {}
    for flow in pool.flows:
        key, number = f"flow_{flow.source}_{flow.target}", 1
        while key in ids.values():
            number += 1
            key = f"flow_{flow.source}_{flow.target}_{number}"
        ids[flow] = key
    return ids


def _event_definition(element: etree._Element, node: PlannedNode) -> None:
    kind = etree.SubElement(element, f"{{{BPMN}}}{node.definition}EventDefinition", id=f"{node.key}_definition")
    if node.when:
        tag = {"P": "timeDuration", "R": "timeCycle"}.get(node.when[0], "timeDate")
        when = etree.SubElement(kind, f"{{{BPMN}}}{tag}")
        when.set(f"{{{XSI}}}type", "tFormalExpression")
        when.text = node.when


@dataclass
class _Drawn:
    """A pool with everything in it, as it is drawn."""

    pool: PlannedPool
    box: Box
    places: Places
    lanes: list[Box] = field(default_factory=list)
    boxes: dict[str, Box] = field(default_factory=dict)
    tops: list[float] = field(default_factory=list)
    ways: dict[PlannedFlow, list[Point]] = field(default_factory=dict)

    def middle(self, cell: tuple[int, int]) -> float:
        """The height of a track."""
        lane, track = cell
        return self.tops[lane] + PAD + track * TRACK + TRACK / 2


class _Builder:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.drawn: list[_Drawn] = []
        top = TOP
        placed = [place(pool) for pool in plan.pools]
        columns = max((places.columns for places in placed), default=1)
        for pool, places in zip(plan.pools, placed, strict=True):
            drawn = self._pool(pool, places, top, columns)
            self.drawn.append(drawn)
            top = drawn.box.bottom + POOL_GAP
        for drawn in self.drawn:
            _Router(drawn).route()
        self.boxes = {key: box for drawn in self.drawn for key, box in drawn.boxes.items()}
        self.boxes |= {drawn.pool.key: drawn.box for drawn in self.drawn}

    def _pool(self, pool: PlannedPool, places: Places, top: float, columns: int) -> _Drawn:
        is_framed = bool(pool.name or pool.lanes or len(self.plan.pools) > 1)
        inset = (HEAD if is_framed else 0) + (HEAD if pool.lanes else 0)
        width = inset + 40 + columns * COLUMN + 10
        if not pool.nodes:
            return _Drawn(
                pool, Box(LEFT, top, width + (HEAD if self._has_lanes() and not pool.lanes else 0), 60), places
            )
        extra = HEAD if self._has_lanes() and not pool.lanes else 0
        drawn = _Drawn(pool, Box(LEFT, top, width + extra, 0), places)
        y = top
        for lane in range(max(1, len(pool.lanes))):
            height = 2 * PAD + places.tracks.get(lane, 1) * TRACK
            drawn.tops.append(y)
            if pool.lanes:
                drawn.lanes.append(Box(LEFT + HEAD, y, drawn.box.width - HEAD, height))
            y += height
        drawn.box = Box(LEFT, top, drawn.box.width, y - top)
        for node in pool.nodes:
            if node.attached_to:
                continue
            w, h = _size(node.type)
            x = LEFT + (2 * HEAD if self._has_lanes() else inset) + 30 + places.column[node.key] * COLUMN + 50
            drawn.boxes[node.key] = Box(x - w / 2, drawn.middle(places.cell[node.key]) - h / 2, w, h)
        for node in pool.nodes:
            if node.attached_to:
                drawn.boxes[node.key] = self._on_edge(node, pool, drawn.boxes[node.attached_to])
        return drawn

    def _has_lanes(self) -> bool:
        return any(pool.lanes for pool in self.plan.pools)

    @staticmethod
    def _on_edge(node: PlannedNode, pool: PlannedPool, host: Box) -> Box:
        """A boundary event on the lower edge of its host, the first near the right corner."""
        same = [one.key for one in pool.nodes if one.attached_to == node.attached_to]
        x = host.right - 24 - 44 * same.index(node.key)
        return Box(x - 18, host.bottom - 18, 36, 36)

    # XML

    def xml(self) -> bytes:
        names = {None: BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "xsi": XSI}
        root = etree.Element(f"{{{BPMN}}}definitions", nsmap=names)
        root.set("id", "definitions")
        root.set("name", self.plan.name[:300])
        root.set("targetNamespace", "http://bpmn.io/schema/bpmn")
        is_framed = bool(len(self.plan.pools) > 1 or any(pool.name or pool.lanes for pool in self.plan.pools))
        self.is_framed = is_framed
        if is_framed:
            self._collaboration(root)
        for pool in self.plan.pools:
            if pool.nodes:
                self._process(root, pool)
        diagram = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", id="diagram", name=self.plan.name[:300])
        about = "collaboration" if is_framed else f"process_{self.plan.pools[0].key}"
        self.plane = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", id="plane", bpmnElement=about)
        self._draw()
        etree.indent(root)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    def _collaboration(self, root: etree._Element) -> None:
        collaboration = etree.SubElement(root, f"{{{BPMN}}}collaboration", id="collaboration")
        for pool in self.plan.pools:
            participant = etree.SubElement(
                collaboration, f"{{{BPMN}}}participant", id=pool.key, name=pool.name or self.plan.name
            )
            if pool.nodes:
                participant.set("processRef", f"process_{pool.key}")
        for number, message in enumerate(self.plan.messages, start=1):
            flow = etree.SubElement(collaboration, f"{{{BPMN}}}messageFlow", id=f"message_{number}")
            if message.name:
                flow.set("name", message.name)
            flow.set("sourceRef", message.source)
            flow.set("targetRef", message.target)

    def _process(self, root: etree._Element, pool: PlannedPool) -> None:
        process = etree.SubElement(root, f"{{{BPMN}}}process", id=f"process_{pool.key}", isExecutable="false")
        process.set("name", pool.name or self.plan.name)
        if pool.lanes:
            held = etree.SubElement(process, f"{{{BPMN}}}laneSet", id=f"lanes_{pool.key}")
            for number, name in enumerate(pool.lanes, start=1):
                lane = etree.SubElement(held, f"{{{BPMN}}}lane", id=f"lane_{pool.key}_{number}", name=name)
                for node in pool.nodes:
                    if (node.lane or pool.lanes[0]) == name:
                        etree.SubElement(lane, f"{{{BPMN}}}flowNodeRef").text = node.key
        ids = _flow_ids(pool)
        for node in pool.nodes:
            self._node(process, node, pool, ids)
        for flow, key in ids.items():
            element = etree.SubElement(process, f"{{{BPMN}}}sequenceFlow", id=key)
            if flow.name:
                element.set("name", flow.name)
            element.set("sourceRef", flow.source)
            element.set("targetRef", flow.target)

    @staticmethod
    def _node(process: etree._Element, node: PlannedNode, pool: PlannedPool, ids: dict[PlannedFlow, str]) -> None:
        element = etree.SubElement(process, f"{{{BPMN}}}{node.type}", id=node.key)
        if node.name:
            element.set("name", node.name)
        facts = {
            "attachedToRef": node.attached_to,
            "cancelActivity": "" if node.is_interrupting else "false",
            "calledElement": node.called,
        }
        for name, value in facts.items():
            if value:
                element.set(name, value)
        if node.documentation:
            etree.SubElement(element, f"{{{BPMN}}}documentation").text = node.documentation
        for flow in pool.flows:
            if flow.target == node.key:
                etree.SubElement(element, f"{{{BPMN}}}incoming").text = ids[flow]
        for flow in pool.flows:
            if flow.source == node.key:
                etree.SubElement(element, f"{{{BPMN}}}outgoing").text = ids[flow]
        if node.definition:
            _event_definition(element, node)

    # The drawing

    def _draw(self) -> None:
        for drawn in self.drawn:
            if self.is_framed:
                self._shape(drawn.pool.key, drawn.box, isHorizontal="true")
            for number, box in enumerate(drawn.lanes, start=1):
                self._shape(f"lane_{drawn.pool.key}_{number}", box, isHorizontal="true")
        for drawn in self.drawn:
            self._nodes(drawn)
        for drawn in self.drawn:
            for flow, key in _flow_ids(drawn.pool).items():
                way = drawn.ways[flow]
                is_shared = any(
                    other is not flow and other.source == flow.source and _same_side(drawn.ways[other], way)
                    for other in drawn.pool.flows
                )
                self._edge(key, way, _flow_label(flow.name, way, is_shared=is_shared))
        for number, message in enumerate(self.plan.messages, start=1):
            way = self._message_way(message, number)
            gap = self._between(message.source, message.target)
            self._edge(f"message_{number}", way, _message_label(message.name, way, gap))

    def _nodes(self, drawn: _Drawn) -> None:
        exits = _exits(drawn)
        for number, message in enumerate(self.plan.messages, start=1):
            way = self._message_way(message, number)
            for key, point in ((message.source, way[0]), (message.target, way[-1])):
                if key in drawn.boxes:
                    side = "top" if point[1] <= drawn.boxes[key].middle[1] else "bottom"
                    exits.setdefault(key, set()).add(side)
        for node in sorted(drawn.pool.nodes, key=lambda one: bool(one.attached_to)):
            box = drawn.boxes[node.key]
            extra = {"isMarkerVisible": "true"} if node.type == "exclusiveGateway" else {}
            label = None
            if node.name and (node.type in EVENTS or node.type in GATEWAYS):
                label = _node_label(node, box, exits.get(node.key, set()))
            self._shape(node.key, box, label, **extra)

    def _shape(self, key: str, box: Box, label: Box | None = None, **extra: str) -> None:
        shape = etree.SubElement(self.plane, f"{{{BPMNDI}}}BPMNShape", id=f"{key}_di", bpmnElement=key, **extra)
        self._bounds(shape, box)
        if label is not None:
            self._bounds(etree.SubElement(shape, f"{{{BPMNDI}}}BPMNLabel"), label)

    @staticmethod
    def _bounds(parent: etree._Element, box: Box) -> None:
        values = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
        etree.SubElement(parent, f"{{{DC}}}Bounds", {key: f"{round(value)}" for key, value in values.items()})

    def _edge(self, key: str, way: list[Point], label: Box | None) -> None:
        edge = etree.SubElement(self.plane, f"{{{BPMNDI}}}BPMNEdge", id=f"{key}_di", bpmnElement=key)
        for x, y in way:
            etree.SubElement(edge, f"{{{DI}}}waypoint", x=f"{round(x)}", y=f"{round(y)}")
        if label is not None:
            self._bounds(etree.SubElement(edge, f"{{{BPMNDI}}}BPMNLabel"), label)

    def _message_way(self, message: PlannedMessage, number: int) -> list[Point]:
        one, two = self.boxes[message.source], self.boxes[message.target]
        is_down = one.y < two.y
        start_y, end_y = (one.bottom, two.y) if is_down else (one.y, two.bottom)
        # Two messages at one step stand beside each other.
        shift = 20.0 * (self._nth(message, message.source)) if message.source in self._steps() else 0.0
        end_shift = 20.0 * (self._nth(message, message.target)) if message.target in self._steps() else 0.0
        x1, x2 = one.middle[0] + shift, two.middle[0] + end_shift
        if message.source not in self._steps():
            x1 = x2
        if message.target not in self._steps():
            x2 = x1
        if abs(x1 - x2) < 1:
            return [(x1, start_y), (x1, end_y)]
        channel = self._between(message.source, message.target) + 12 * (number % 3 - 1)
        return [(x1, start_y), (x1, channel), (x2, channel), (x2, end_y)]

    def _steps(self) -> set[str]:
        return {key for drawn in self.drawn for key in drawn.boxes}

    def _nth(self, message: PlannedMessage, key: str) -> float:
        """-1, 0 or 1: where a message meets a step that has several."""
        all_here = [one for one in self.plan.messages if key in (one.source, one.target)]
        if len(all_here) == 1:
            return 0.0
        index = all_here.index(message)
        return -1.0 + 2.0 * index / (len(all_here) - 1)

    def _between(self, source: str, target: str) -> float:
        """The height of the gap between the pools of two ends."""
        holder = {key: index for index, drawn in enumerate(self.drawn) for key in (*drawn.boxes, drawn.pool.key)}
        upper = min(holder[source], holder[target])
        return self.drawn[upper].box.bottom + POOL_GAP / 2


class _Router:
    """The ways of the flows of one pool."""

    def __init__(self, drawn: _Drawn) -> None:
        self.drawn = drawn
        self.kinds = {node.key: node.type for node in drawn.pool.nodes}
        self.attached = {node.key for node in drawn.pool.nodes if node.attached_to}
        self.leaving: dict[str, list[PlannedFlow]] = {}
        for flow in drawn.pool.flows:
            self.leaving.setdefault(flow.source, []).append(flow)
        self.channels: dict[float, int] = {}

    def route(self) -> None:
        for flow in self.drawn.pool.flows:
            is_back = flow in self.drawn.places.back
            self.drawn.ways[flow] = self._back(flow) if is_back else self._forward(flow)

    def _forward(self, flow: PlannedFlow) -> list[Point]:
        one, two = self.drawn.boxes[flow.source], self.drawn.boxes[flow.target]
        (sx, sy), ty = one.middle, two.middle[1]
        cell = self.drawn.places.run.get(flow)
        run = self.drawn.middle(cell) if cell is not None else None
        if flow.source in self.attached:
            height = ty if run is None else run
            way = [(sx, one.bottom), (sx, height)]
        elif self._leaves_upright(flow, ty if run is None else run, sy):
            height = ty if run is None else run
            way = [(sx, one.bottom if height > sy else one.y), (sx, height)]
        else:
            height = sy if run is None else run
            way = [(one.right, sy)]
            if height != sy:
                way += [(one.right + 22, sy), (one.right + 22, height)]
        return [*way, *self._arrive(flow, height, two)]

    def _leaves_upright(self, flow: PlannedFlow, height: float, sy: float) -> bool:
        flows = self.leaving[flow.source]
        return self.kinds[flow.source] in GATEWAYS and len(flows) > 1 and height != sy

    def _arrive(self, flow: PlannedFlow, height: float, two: Box) -> list[Point]:
        tx, ty = two.middle
        if height == ty:
            return [(two.x, ty)]
        if self.kinds[flow.target] in GATEWAYS:
            return [(tx, height), (tx, two.y if height < ty else two.bottom)]
        return [(two.x - 22, height), (two.x - 22, ty), (two.x, ty)]

    def _back(self, flow: PlannedFlow) -> list[Point]:
        """Above or below the rows of both ends, whichever is clear of nodes."""
        one, two = self.drawn.boxes[flow.source], self.drawn.boxes[flow.target]
        top_row = min(one.middle[1], two.middle[1]) - 40
        bottom_row = max(one.middle[1], two.middle[1]) + 40
        options = [
            (top_row - 14, one.y, two.y),
            (bottom_row + 14, one.bottom, two.bottom),
        ]
        taken = {self._leaving_side(other) for other in self.leaving[flow.source] if other is not flow}
        if "top" in taken or self._is_crowded(flow, options[0]):
            options.reverse()
        channel, start, end = options[0]
        used = self.channels.get(channel, 0)
        self.channels[channel] = used + 1
        channel += (-6 if channel < one.middle[1] else 6) * used
        return [(one.middle[0], start), (one.middle[0], channel), (two.middle[0], channel), (two.middle[0], end)]

    def _leaving_side(self, flow: PlannedFlow) -> str:
        if flow in self.drawn.places.back:
            return ""
        sy = self.drawn.boxes[flow.source].middle[1]
        cell = self.drawn.places.run.get(flow)
        height = self.drawn.middle(cell) if cell else self.drawn.boxes[flow.target].middle[1]
        if not self._leaves_upright(flow, height, sy):
            return "right"
        return "top" if height < sy else "bottom"

    def _is_crowded(self, flow: PlannedFlow, option: tuple[float, float, float]) -> bool:
        channel, start, end = option
        xs = (self.drawn.boxes[flow.source].middle[0], self.drawn.boxes[flow.target].middle[0])
        for key, box in self.drawn.boxes.items():
            if key in {flow.source, flow.target}:
                continue
            for x, y in zip(xs, (start, end), strict=True):
                low, high = min(y, channel), max(y, channel)
                if box.x < x < box.right and box.y < high and box.bottom > low:
                    return True
        return False


def _exits(drawn: _Drawn) -> dict[str, set[str]]:
    """On which sides ("top", "bottom") flows meet each node."""
    sides: dict[str, set[str]] = {}
    for flow, way in drawn.ways.items():
        for key, point in ((flow.source, way[0]), (flow.target, way[-1])):
            box = drawn.boxes[key]
            if abs(point[1] - box.y) < 1 and abs(point[0] - box.middle[0]) < 1:
                sides.setdefault(key, set()).add("top")
            elif abs(point[1] - box.bottom) < 1 and abs(point[0] - box.middle[0]) < 1:
                sides.setdefault(key, set()).add("bottom")
    return sides


def _text_size(text: str, width: float = 90.0) -> tuple[float, float]:
    lines = wrap(text[:200], width, 12) or [""]
    return max(width_of(line, 12) for line in lines) + 2, len(lines) * 14.4


def _node_label(node: PlannedNode, box: Box, sides: set[str]) -> Box:
    width, height = _text_size(node.name)
    x, _y = box.middle
    if node.attached_to:
        return Box(x - width - 14, box.bottom + 1, width, height)
    if "bottom" not in sides:
        return Box(x - width / 2, box.bottom + 4, width, height)
    if "top" not in sides:
        return Box(x - width / 2, box.y - height - 5, width, height)
    return Box(x - width - 8, box.y - height + 2, width, height)


def _same_side(one: list[Point], two: list[Point]) -> bool:
    """Whether two flows leave upwards, or both downwards, on one line."""
    return one[0] == two[0] and abs(one[0][0] - one[1][0]) < 1 and abs(two[0][0] - two[1][0]) < 1


def _flow_label(name: str, way: list[Point], *, is_shared: bool) -> Box | None:
    """Beside the first piece of a flow, where a reader decides; where others share that piece, above the next."""
    if not name:
        return None
    width, height = _text_size(name)
    (x1, y1), (x2, y2) = way[0], way[1]
    if is_shared and len(way) > 2:
        return Box(x2 + 6, y2 - height - 3, width, height)
    if abs(x1 - x2) < 1:
        return Box(x1 + 6, y1 + 4 if y2 > y1 else y1 - height - 4, width, height)
    return Box(x1 + 4, y1 - height - 3, width, height)


def _message_label(name: str, way: list[Point], gap: float) -> Box | None:
    """Between the pools, at the height ``gap``."""
    if not name:
        return None
    width, height = _text_size(name)
    middle = len(way) // 2
    (x1, y1), (x2, _y2) = way[middle - 1], way[middle]
    if abs(x1 - x2) < 1:
        return Box(x1 + 7, gap - height / 2, width, height)
    return Box((x1 + x2) / 2 - width / 2, y1 - height - 3, width, height)
