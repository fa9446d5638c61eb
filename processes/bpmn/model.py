"""A BPMN file as plain values: what it says (nodes, flows, pools, lanes) and how it is drawn (views)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

TASKS = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
    }
)
SUBPROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
CHOREOGRAPHIES = frozenset({"choreographyTask", "subChoreography", "callChoreography"})
ACTIVITIES = TASKS | SUBPROCESSES | {"callActivity"}
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"})
CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})
THROWING = frozenset({"endEvent", "intermediateThrowEvent", "implicitThrowEvent"})
EVENTS = CATCHING | THROWING | {"event"}
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS | CHOREOGRAPHIES
DATA = frozenset({"dataObjectReference", "dataObject", "dataStoreReference", "dataStore", "dataInput", "dataOutput"})
ARTIFACTS = frozenset({"textAnnotation", "group"})
CONVERSATIONS = frozenset({"conversation", "subConversation", "callConversation"})
ITEMS = DATA | ARTIFACTS | CONVERSATIONS | {"message"}
FLOWS = frozenset(
    {
        "sequenceFlow",
        "messageFlow",
        "association",
        "dataInputAssociation",
        "dataOutputAssociation",
        "conversationLink",
    }
)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the diagram's own pixels; ``x`` and ``y`` are its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def holds(self, other: Box, slack: float = 1.0) -> bool:
        """Whether ``other`` lies inside, give or take ``slack`` pixels."""
        return (
            other.x >= self.x - slack
            and other.y >= self.y - slack
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def has_point(self, x: float, y: float) -> bool:
        return self.x <= x <= self.right and self.y <= y <= self.bottom


@dataclass(frozen=True, slots=True)
class Node:
    """An activity, event, gateway, piece of data, annotation, group or conversation.

    ``parent`` is the id of the process, sub-process or collaboration that holds it, ``lane`` the id of the innermost
    lane that names it. ``definitions`` are the kinds of an event ("timer", "message", …). ``properties`` are pairs of
    a path and a value for everything else the file says about it, also what no drawing shows.
    """

    id: str
    type: str
    name: str = ""
    parent: str = ""
    lane: str = ""
    order: int = 0
    documentation: str = ""
    attached_to: str = ""
    is_interrupting: bool = True
    definitions: tuple[str, ...] = ()
    definition_text: str = ""
    is_parallel_multiple: bool = False
    loop: str = ""  # "loop", "parallel" or "sequential"
    is_compensation: bool = False
    is_event_subprocess: bool = False
    instantiates: bool = False
    called: str = ""
    default_flow: str = ""
    state: str = ""  # of a data object, in words
    is_collection: bool = False
    line: int = 0
    properties: tuple[tuple[str, str], ...] = ()

    @property
    def is_flow_node(self) -> bool:
        return self.type in FLOW_NODES


@dataclass(frozen=True, slots=True)
class Flow:
    """A connection between two elements; ``condition`` is its expression in words."""

    id: str
    type: str
    name: str = ""
    source: str = ""
    target: str = ""
    parent: str = ""
    order: int = 0
    condition: str = ""
    is_default: bool = False
    has_message: bool = False
    direction: str = ""  # of an association: "None", "One" or "Both"
    documentation: str = ""
    line: int = 0
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """A participant; without ``process`` it is a black box."""

    id: str
    name: str = ""
    process: str = ""
    is_multiple: bool = False
    order: int = 0
    documentation: str = ""
    line: int = 0
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane of a process (``process`` is the id of the process or sub-process); ``parent`` is the lane around it."""

    id: str
    name: str = ""
    process: str = ""
    parent: str = ""
    order: int = 0
    documentation: str = ""
    members: tuple[str, ...] = ()
    line: int = 0
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Process:
    """A process as the file names it."""

    id: str
    name: str = ""
    documentation: str = ""
    is_executable: bool = False
    line: int = 0
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """How one element is drawn. ``box`` is None where the file gives no usable bounds.

    ``is_horizontal``, ``is_expanded`` and ``is_marker_visible`` are None where the file does not say.
    """

    id: str
    element: str
    box: Box | None
    label: Box | None = None
    is_horizontal: bool | None = None
    is_expanded: bool | None = None
    is_marker_visible: bool | None = None
    fill: str = ""
    stroke: str = ""
    text_colour: str = ""
    band: str = ""  # of a participant in a choreography: "top_initiating", …
    has_message: bool = False
    order: int = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """How one connection is drawn: its waypoints in order of flow."""

    id: str
    element: str
    points: tuple[tuple[float, float], ...] = ()
    label: Box | None = None
    stroke: str = ""
    text_colour: str = ""
    has_message: bool = False
    order: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """One drawing: a plane of the file, or what lies inside a collapsed sub-process of one."""

    key: str
    name: str
    element: str
    shapes: tuple[Shape, ...] = ()
    edges: tuple[Edge, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.shapes and not self.edges


@dataclass(frozen=True)
class Model:
    """One BPMN file, read whole. ``issues`` are sentences about what is odd in it."""

    name: str = ""
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)
    collaborations: tuple[str, ...] = ()
    others: dict[str, str] = field(default_factory=dict)  # any other element's id → its type
    views: tuple[View, ...] = ()
    issues: tuple[str, ...] = ()
    diagrams: int = 0
    exporter: str = ""

    def type_of(self, key: str) -> str:
        """The BPMN type of the element with this id; empty when there is none."""
        if key in self.nodes:
            return self.nodes[key].type
        if key in self.flows:
            return self.flows[key].type
        if key in self.pools:
            return "participant"
        if key in self.lanes:
            return "lane"
        if key in self.processes:
            return "process"
        return self.others.get(key, "")

    def name_of(self, key: str) -> str:
        """The name of the element with this id; empty when it has none."""
        for group in (self.nodes, self.flows, self.pools, self.lanes, self.processes):
            if key in group:
                return group[key].name
        return ""

    @cached_property
    def outgoing(self) -> dict[str, list[Flow]]:
        """Sequence flows by the node they leave."""
        return self._flows_by("source")

    @cached_property
    def incoming(self) -> dict[str, list[Flow]]:
        """Sequence flows by the node they reach."""
        return self._flows_by("target")

    def _flows_by(self, end: str) -> dict[str, list[Flow]]:
        grouped: dict[str, list[Flow]] = {}
        for flow in self.flows.values():
            if flow.type == "sequenceFlow":
                grouped.setdefault(getattr(flow, end), []).append(flow)
        return grouped

    @cached_property
    def attached(self) -> dict[str, list[Node]]:
        """Boundary events by the activity that they sit on."""
        grouped: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            if node.attached_to:
                grouped.setdefault(node.attached_to, []).append(node)
        return grouped

    @cached_property
    def children(self) -> dict[str, list[Node]]:
        """Nodes by the process or sub-process that holds them."""
        grouped: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            grouped.setdefault(node.parent, []).append(node)
        return grouped

    def lane_names(self, node: Node) -> tuple[str, ...]:
        """The names of the lanes around a node, outermost first; its sub-process's lane counts for what is inside."""
        seen: set[str] = set()
        while not node.lane and node.parent in self.nodes and node.parent not in seen:
            seen.add(node.parent)
            node = self.nodes[node.parent]
        names: list[str] = []
        lane = self.lanes.get(node.lane)
        while lane is not None and lane.id not in seen:
            seen.add(lane.id)
            if lane.name:
                names.append(lane.name)
            lane = self.lanes.get(lane.parent)
        return tuple(reversed(names))

    def process_of(self, node: Node) -> str:
        """The id of the process around a node."""
        parent, seen = node.parent, {node.id}
        while parent in self.nodes and parent not in seen:
            seen.add(parent)
            parent = self.nodes[parent].parent
        return parent

    def pool_of(self, node: Node) -> Pool | None:
        """The pool whose process holds a node."""
        return self.pool_by_process.get(self.process_of(node))

    @cached_property
    def pool_by_process(self) -> dict[str, Pool]:
        return {pool.process: pool for pool in reversed(self.pools.values()) if pool.process}
