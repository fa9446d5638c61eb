"""Reading a BPMN 2.0 file: bytes → `Model`. Hostile, huge and foreign files end in one sentence with a line.

Format: OMG BPMN 2.0.2 (formal/2013-12-09), its diagram interchange, and the colours of bpmn.io and of the
interchange working group ("BPMN in Color").
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from lxml import etree

from core.safe.words import Said, gettext_noop
from core.safe.xml import UnsafeXML, parse_xml
from processes.bpmn.model import (
    ACTIVITIES,
    CONVERSATIONS,
    FLOW_NODES,
    FLOWS,
    ITEMS,
    SUBPROCESSES,
    Box,
    Edge,
    Flow,
    Lane,
    Model,
    Node,
    Pool,
    Process,
    Shape,
    View,
)

MAX_BYTES = 10 * 1024 * 1024
MAX_TAGS = 200_000
MAX_ELEMENTS = 20_000  # shapes and edges, and nodes and flows
MAX_COORDINATE = 1_000_000.0
MAX_ISSUES = 100
MAX_VALUE = 2_000  # letters of one attribute that are kept for comparison

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
BIOC = "http://bpmn.io/schema/bpmn/biocolor/1.0"
COLOR = "http://www.omg.org/spec/BPMN/non-normative/color/1.0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

_M = f"{{{BPMN}}}"
_COLOUR = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?|rgb\(\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*\)")
_CONTAINERS = SUBPROCESSES | {"process", "collaboration", "globalConversation", "choreography", "subChoreography"}
_LOOPS = {
    "standardLoopCharacteristics": "loop",
    "multiInstanceLoopCharacteristics": "parallel",
}
# Said elsewhere in the model, or only where things lie.
_UNLISTED = frozenset(
    {"incoming", "outgoing", "flowNodeRef", "laneSet", "childLaneSet", "documentation", "ioSpecification"}
)
_UNLISTED_ATTRIBUTES = frozenset({"id", "name", "sourceRef", "targetRef", "attachedToRef", "processRef"})


class UnreadableMap(ValueError):
    """A file that is not read as a map. The message is a sentence; ``line`` is the line where that is known."""

    def __init__(self, said: Said, line: int | None) -> None:
        super().__init__(said)
        self.said = said
        self.line = line


def read(data: bytes) -> Model:
    """The model of a BPMN 2.0 file. Raises `UnreadableMap` and nothing else."""
    return _Reader(_root(data)).model()


def _root(data: bytes) -> etree._Element:
    """The root element. Size and the number of tags are judged before any parser sees the bytes."""
    if not data.strip():
        raise UnreadableMap(gettext_noop("The file is empty."), None)
    if len(data) > MAX_BYTES:
        raise UnreadableMap(
            gettext_noop(
                "The map is %(size)d MB long; at most %(limit)d MB are allowed.",
                size=math.ceil(len(data) / 1024**2),
                limit=MAX_BYTES // 1024**2,
            ),
            None,
        )
    if data.count(b"<") > MAX_TAGS:
        raise UnreadableMap(gettext_noop("The map has more than %(limit)d XML tags.", limit=MAX_TAGS), None)
    try:
        root = parse_xml(data, limit=MAX_BYTES)
    except UnsafeXML as error:
        raise _with_line(error) from error
    if root.tag != f"{_M}definitions":
        found = etree.QName(root).localname if isinstance(root.tag, str) else "?"
        raise UnreadableMap(
            gettext_noop(
                "This is not a BPMN 2.0 file: it begins with “%(found)s” instead of “definitions”. "
                "Export the map as BPMN 2.0 XML.",
                found=found[:60],
            ),
            root.sourceline,
        )
    return root


def _with_line(error: UnsafeXML) -> UnreadableMap:
    """The same sentence, with the line as a number beside it."""
    said = error.args[0]
    if not isinstance(said, Said):
        said = gettext_noop("%(reason)s", reason=str(said))
    match = re.match(r"line (\d+)", str(said))
    return UnreadableMap(said, int(match[1]) if match else None)


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _is_bpmn(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and element.tag.startswith(_M)


def _is_true(value: str | None, default: bool = False) -> bool:
    return default if value is None else value.strip().lower() in {"true", "1"}


def _maybe(value: str | None) -> bool | None:
    return None if value is None else _is_true(value)


def _text(element: etree._Element | None) -> str:
    if element is None:
        return ""
    return " ".join("".join(element.itertext()).split())


def _documentation(element: etree._Element) -> str:
    return "\n".join(
        text for child in element.iterchildren(f"{_M}documentation") if (text := "".join(child.itertext()).strip())
    )


def _colour(value: str | None) -> str:
    value = (value or "").strip()
    return value if _COLOUR.fullmatch(value) else ""


def _properties(element: etree._Element) -> tuple[tuple[str, str], ...]:
    """Everything the file says about an element that the model has no field for, as (path, value)."""
    found: list[tuple[str, str]] = [
        (_path_name(key, element), value[:MAX_VALUE])
        for key, value in element.attrib.items()
        if key not in _UNLISTED_ATTRIBUTES
    ]
    stack = [
        ("", child)
        for child in reversed(list(element.iterchildren(etree.Element)))
        if not (_is_bpmn(child) and _is_listed_elsewhere(_local(child)))
    ]
    while stack and len(found) < 200:
        prefix, child = stack.pop()
        path = f"{prefix}/{_tag_name(child)}" if prefix else _tag_name(child)
        before = len(found)
        found += [
            (f"{path}@{_path_name(key, child)}", value[:MAX_VALUE])
            for key, value in child.attrib.items()
            if key != "id"
        ]
        children = list(child.iterchildren(etree.Element))
        text = (child.text or "").strip()
        if text or (not children and len(found) == before):
            found.append((path, text[:MAX_VALUE]))
        stack += [(path, inner) for inner in reversed(children)]
    return tuple(found)


def _is_listed_elsewhere(name: str) -> bool:
    return name in _UNLISTED or name in FLOW_NODES or name in FLOWS or name in ITEMS or name == "lane"


def _tag_name(element: etree._Element) -> str:
    name = _local(element)
    return f"{element.prefix}:{name}" if element.prefix and not _is_bpmn(element) else name


def _path_name(key: str, element: etree._Element) -> str:
    if not key.startswith("{"):
        return key
    name = etree.QName(key)
    prefix = next((short for short, uri in element.nsmap.items() if uri == name.namespace and short), "")
    return f"{prefix}:{name.localname}" if prefix else name.localname


class _Reader:
    """One pass over the semantic part, one over the diagrams."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.issues: list[str] = []
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, Flow] = {}
        self.pools: dict[str, Pool] = {}
        self.lanes: dict[str, Lane] = {}
        self.processes: dict[str, Process] = {}
        self.others: dict[str, str] = {}
        self.collaborations: list[str] = []
        self.names: dict[str, str] = {}
        self.elements: dict[str, etree._Element] = {}
        self.count = 0
        self.shape_keys: set[str] = set()

    def issue(self, said: str) -> None:
        if len(self.issues) < MAX_ISSUES and said not in self.issues:
            self.issues.append(said)

    def model(self) -> Model:
        self._index()
        lane_of = self._lanes()
        for element in self._semantic():
            self._take(element, lane_of)
        self._judge_flows()
        views, diagrams = self._views()
        return Model(
            name=(self.root.get("name") or "").strip(),
            nodes=self.nodes,
            flows=self.flows,
            pools=self.pools,
            lanes=self.lanes,
            processes=self.processes,
            collaborations=tuple(self.collaborations),
            others=self.others,
            views=views,
            issues=tuple(self.issues),
            diagrams=diagrams,
            exporter=" ".join(filter(None, (self.root.get("exporter"), self.root.get("exporterVersion"))))[:120],
        )

    def _semantic(self) -> Iterator[etree._Element]:
        yield from self.root.iter(f"{_M}*")

    def _index(self) -> None:
        """Elements of the BPMN namespace by id; extensions repeat ids and are not asked."""
        for element in self._semantic():
            key = element.get("id")
            if not key:
                continue
            if key in self.elements:
                said = gettext_noop("The id “%(id)s” is used twice. Give every element an id of its own.", id=key[:80])
                raise UnreadableMap(said, element.sourceline)
            self.elements[key] = element
            self.names[key] = (element.get("name") or "").strip()

    def resolve(self, reference: str | None) -> str:
        """The id that a QName points at: as it stands, or without its prefix."""
        reference = (reference or "").strip()
        if not reference or reference in self.elements or ":" not in reference:
            return reference
        return reference.split(":", 1)[1]

    def _key(self, element: etree._Element) -> str:
        """The id of an element; one is made for those that have none."""
        key = element.get("id")
        if key:
            return key
        self.count += 1
        made = f"no-id-{self.count}"
        while made in self.elements:
            self.count += 1
            made = f"no-id-{self.count}"
        self.issue(
            gettext_noop(
                "Line %(line)d: “%(type)s” has no id. Comments and links cannot stay with it.",
                line=element.sourceline or 0,
                type=_local(element),
            )
        )
        return made

    def _lanes(self) -> dict[str, str]:
        """All lanes; returns the innermost lane of each node."""
        lane_of: dict[str, tuple[int, str]] = {}
        keys: dict[etree._Element, str] = {}
        for order, element in enumerate(self.root.iter(f"{_M}lane")):
            key = keys[element] = self._key(element)
            parent, process, depth = "", "", 0
            for outer in element.iterancestors():
                if outer.tag == f"{_M}lane":
                    parent = parent or keys.get(outer, "")
                    depth += 1
                elif _is_bpmn(outer) and _local(outer) in _CONTAINERS:
                    process = outer.get("id") or ""
                    break
            members = tuple(self.resolve(ref.text) for ref in element.iterchildren(f"{_M}flowNodeRef"))
            self.lanes[key] = Lane(
                id=key,
                name=(element.get("name") or "").strip(),
                process=process,
                parent=parent,
                order=order,
                documentation=_documentation(element),
                members=members,
                line=element.sourceline or 0,
                properties=_properties(element),
            )
            for member in members:
                if member not in self.elements:
                    self.issue(
                        gettext_noop(
                            "Lane “%(lane)s” names “%(id)s”, which is not in the file.",
                            lane=(self.lanes[key].name or key)[:80],
                            id=member[:80],
                        )
                    )
                elif member not in lane_of or lane_of[member][0] < depth:
                    lane_of[member] = (depth, key)
        return {member: key for member, (_depth, key) in lane_of.items()}

    def _take(self, element: etree._Element, lane_of: dict[str, str]) -> None:
        name = _local(element)
        if name in FLOW_NODES or name in ITEMS:
            self._node(element, name, lane_of)
        elif name in FLOWS:
            self._flow(element, name)
        elif name == "participant":
            key = self._key(element)
            self.pools[key] = Pool(
                id=key,
                name=(element.get("name") or "").strip(),
                process=self.resolve(element.get("processRef")),
                is_multiple=element.find(f"{_M}participantMultiplicity") is not None,
                order=len(self.pools),
                documentation=_documentation(element),
                line=element.sourceline or 0,
                properties=_properties(element),
            )
        elif name == "process":
            key = self._key(element)
            self.processes[key] = Process(
                id=key,
                name=(element.get("name") or "").strip(),
                documentation=_documentation(element),
                is_executable=_is_true(element.get("isExecutable")),
                line=element.sourceline or 0,
                properties=tuple((k, v[:MAX_VALUE]) for k, v in element.attrib.items() if k not in {"id", "name"}),
            )
        elif name in {"collaboration", "choreography", "globalConversation"}:
            key = self._key(element)
            self.collaborations.append(key)
            self.others[key] = name
        elif name != "lane" and element.get("id"):
            self.others[element.get("id", "")] = name
        if len(self.nodes) + len(self.flows) > MAX_ELEMENTS:
            raise UnreadableMap(
                gettext_noop("The map has more than %(limit)d elements and flows.", limit=MAX_ELEMENTS),
                element.sourceline,
            )

    def _parent(self, element: etree._Element) -> str:
        for outer in element.iterancestors():
            if _is_bpmn(outer) and _local(outer) in _CONTAINERS:
                return outer.get("id") or ""
        return ""

    def _node(self, element: etree._Element, name: str, lane_of: dict[str, str]) -> None:
        key = self._key(element)
        label = (element.get("name") or "").strip()
        if name == "textAnnotation":
            text = element.find(f"{_M}text")
            label = "".join(text.itertext()).strip() if text is not None else label
        definitions, said, is_parallel = self._definitions(element)
        state = ""
        is_collection = _is_true(element.get("isCollection"))
        reference = self.resolve(element.get("dataObjectRef") or element.get("dataStoreRef"))
        if reference:
            label = label or self.names.get(reference, "")
            behind = self.elements.get(reference)
            is_collection = is_collection or (behind is not None and _is_true(behind.get("isCollection")))
        if name in {"dataObjectReference", "dataObject", "dataInput", "dataOutput", "dataStoreReference"}:
            held = element.find(f"{_M}dataState")
            state = (held.get("name") or "").strip() if held is not None else ""
        if name == "group":
            label = label or self._category(element.get("categoryValueRef"))
        loop = ""
        for tag, kind in _LOOPS.items():
            found = element.find(f"{_M}{tag}")
            if found is not None:
                loop = "sequential" if _is_true(found.get("isSequential")) else kind
        interrupting = element.get("cancelActivity") if name == "boundaryEvent" else element.get("isInterrupting")
        self.nodes[key] = Node(
            id=key,
            type=name,
            name=label,
            parent=self._parent(element),
            lane=lane_of.get(key, ""),
            order=len(self.nodes),
            documentation=_documentation(element),
            attached_to=self.resolve(element.get("attachedToRef")),
            is_interrupting=_is_true(interrupting, default=True),
            definitions=definitions,
            definition_text=said,
            is_parallel_multiple=is_parallel,
            loop=loop,
            is_compensation=_is_true(element.get("isForCompensation")),
            is_event_subprocess=_is_true(element.get("triggeredByEvent")),
            instantiates=_is_true(element.get("instantiate")),
            called=self.resolve(element.get("calledElement") or element.get("calledCollaborationRef")),
            default_flow=self.resolve(element.get("default")),
            state=state,
            is_collection=is_collection,
            line=element.sourceline or 0,
            properties=_properties(element),
        )
        attached = self.nodes[key].attached_to
        if name == "boundaryEvent" and attached not in self.elements:
            self.issue(
                gettext_noop(
                    "Line %(line)d: the event “%(name)s” sits on an activity that is not in the file.",
                    line=element.sourceline or 0,
                    name=(label or key)[:80],
                )
            )

    def _category(self, reference: str | None) -> str:
        behind = self.elements.get(self.resolve(reference))
        return (behind.get("value") or behind.get("name") or "").strip() if behind is not None else ""

    def _definitions(self, element: etree._Element) -> tuple[tuple[str, ...], str, bool]:
        """The kinds of an event, what they say (a duration, a message's name), and whether all must happen."""
        kinds: list[str] = []
        said: list[str] = []
        for child in element.iterchildren(etree.Element):
            if not _is_bpmn(child):
                continue
            definition: etree._Element | None = child
            if _local(child) == "eventDefinitionRef":
                definition = self.elements.get(self.resolve(child.text))
            if definition is None or not _local(definition).endswith("EventDefinition"):
                continue
            kinds.append(_local(definition).removesuffix("EventDefinition"))
            said.append(self._definition_words(definition))
        return tuple(kinds), "; ".join(filter(None, said))[:300], _is_true(element.get("parallelMultiple"))

    def _definition_words(self, definition: etree._Element) -> str:
        for tag in ("timeDuration", "timeDate", "timeCycle", "condition"):
            if text := _text(definition.find(f"{_M}{tag}")):
                return text
        for attribute in ("messageRef", "signalRef", "errorRef", "escalationRef"):
            reference = self.resolve(definition.get(attribute))
            if reference and self.names.get(reference):
                return self.names[reference]
        return (definition.get("name") or "").strip()

    def _flow(self, element: etree._Element, name: str) -> None:
        key = self._key(element)
        source = self.resolve(element.get("sourceRef"))
        target = self.resolve(element.get("targetRef"))
        if name in {"dataInputAssociation", "dataOutputAssociation"}:
            source, target = self._data_ends(element, name)
        condition = element.find(f"{_M}conditionExpression")
        holder = self.elements.get(source)
        self.flows[key] = Flow(
            id=key,
            type=name,
            name=(element.get("name") or "").strip(),
            source=source,
            target=target,
            parent=self._parent(element),
            order=len(self.flows),
            condition=_text(condition)[:300],
            is_default=holder is not None and self.resolve(holder.get("default")) == key,
            has_message=bool(element.get("messageRef")),
            direction=element.get("associationDirection") or "",
            documentation=_documentation(element),
            line=element.sourceline or 0,
            properties=_properties(element),
        )

    def _data_ends(self, element: etree._Element, name: str) -> tuple[str, str]:
        """From and to as drawn: an activity's own input or output stands for the activity."""
        owner = ""
        for outer in element.iterancestors():
            if _is_bpmn(outer) and (_local(outer) in ACTIVITIES or _local(outer).endswith("Event")):
                owner = outer.get("id") or ""
                break
        source = self.resolve(_text(element.find(f"{_M}sourceRef")))
        target = self.resolve(_text(element.find(f"{_M}targetRef")))
        return (source, owner) if name == "dataInputAssociation" else (owner, target)

    def _judge_flows(self) -> None:
        for flow in self.flows.values():
            if flow.type not in {"sequenceFlow", "messageFlow"}:
                continue
            for end in (flow.source, flow.target):
                if not end or end not in self.elements:
                    self.issue(
                        gettext_noop(
                            "Line %(line)d: the flow “%(name)s” leads from or to “%(id)s”, which is not in the file.",
                            line=flow.line,
                            name=(flow.name or flow.id)[:80],
                            id=end[:80] or "?",
                        )
                    )

    # Diagrams

    def _views(self) -> tuple[tuple[View, ...], int]:
        views: list[View] = []
        diagrams = list(self.root.iter(f"{{{BPMNDI}}}BPMNDiagram"))
        total = 0
        for diagram in diagrams:
            for plane in diagram.iter(f"{{{BPMNDI}}}BPMNPlane"):
                element = self.resolve(plane.get("bpmnElement"))
                if element not in self.elements:
                    self.issue(
                        gettext_noop(
                            "Line %(line)d: a diagram is about “%(id)s”, which is not in the file. It is drawn anyway.",
                            line=plane.sourceline or 0,
                            id=element[:80] or "?",
                        )
                    )
                shapes = tuple(self._shape(item) for item in plane.iter(f"{{{BPMNDI}}}BPMNShape"))
                edges = tuple(self._edge(item) for item in plane.iter(f"{{{BPMNDI}}}BPMNEdge"))
                total += len(shapes) + len(edges)
                if total > MAX_ELEMENTS:
                    raise UnreadableMap(
                        gettext_noop("The diagrams have more than %(limit)d shapes and edges.", limit=MAX_ELEMENTS),
                        plane.sourceline,
                    )
                view = View(
                    key=f"v{len(views) + 1}",
                    name=self._view_name(diagram, element),
                    element=element,
                    shapes=shapes,
                    edges=edges,
                )
                views += self._split(view, len(views))
        if not diagrams:
            self.issue(gettext_noop("The file has no drawing. The map is shown as text."))
        return tuple(views), len(diagrams)

    def _view_name(self, diagram: etree._Element, element: str) -> str:
        if name := (diagram.get("name") or "").strip():
            return name[:200]
        named = [self.names.get(element, "")]
        named += [pool.name for pool in self.pools.values()]
        named += [process.name for process in self.processes.values()]
        return next(filter(None, named), (self.root.get("name") or "").strip())[:200]

    def _split(self, view: View, before: int) -> list[View]:
        """Children of a collapsed sub-process that are drawn in the same plane become a view of their own."""
        collapsed = {
            shape.element
            for shape in view.shapes
            if shape.is_expanded is False
            and shape.element in self.nodes
            and self.nodes[shape.element].type in SUBPROCESSES
        }
        if not collapsed:
            return [view]
        holder_of: dict[str, str] = {}

        def holder(key: str) -> str:
            """The outermost collapsed sub-process around an element, if any."""
            found, seen = "", set()
            item = self.nodes.get(key) or self.flows.get(key) or self.lanes.get(key)
            while item is not None and item.id not in seen:
                seen.add(item.id)
                parent = item.process if isinstance(item, Lane) else item.parent
                if parent in collapsed:
                    found = parent
                item = self.nodes.get(parent)
            return found

        for item in (*view.shapes, *view.edges):
            holder_of[item.element] = holder(item.element)
        if not any(holder_of.values()):
            return [view]
        views = []
        for index, key in enumerate(dict.fromkeys(["", *holder_of.values()])):
            views.append(
                View(
                    key=f"v{before + index + 1}",
                    name=view.name if not key else (self.names.get(key) or view.name),
                    element=key or view.element,
                    shapes=tuple(shape for shape in view.shapes if holder_of[shape.element] == key),
                    edges=tuple(edge for edge in view.edges if holder_of[edge.element] == key),
                )
            )
        return views

    def _shape_key(self, item: etree._Element) -> str:
        key = item.get("id") or f"s{len(self.shape_keys) + 1}"
        while key in self.shape_keys:
            key = f"{key}-{len(self.shape_keys) + 1}"
        self.shape_keys.add(key)
        return key

    def _element_of(self, item: etree._Element) -> str:
        element = self.resolve(item.get("bpmnElement"))
        if element not in self.elements:
            self.issue(
                gettext_noop(
                    "Line %(line)d: the drawing points at “%(id)s”, which is not in the file.",
                    line=item.sourceline or 0,
                    id=element[:80] or "?",
                )
            )
        return element

    def _shape(self, item: etree._Element) -> Shape:
        label = item.find(f"{{{BPMNDI}}}BPMNLabel")
        element = self._element_of(item)
        box = self._box(item.find(f"{{{DC}}}Bounds"))
        if box is None:
            self.issue(
                gettext_noop(
                    "Line %(line)d: “%(name)s” cannot be drawn: its place or size is missing or not a number.",
                    line=item.sourceline or 0,
                    name=(self.names.get(element) or element)[:80],
                )
            )
        return Shape(
            id=self._shape_key(item),
            element=element,
            box=box,
            label=self._label_box(label),
            is_horizontal=_maybe(item.get("isHorizontal")),
            is_expanded=_maybe(item.get("isExpanded")),
            is_marker_visible=_maybe(item.get("isMarkerVisible")),
            fill=_colour(item.get(f"{{{COLOR}}}background-color")) or _colour(item.get(f"{{{BIOC}}}fill")),
            stroke=_colour(item.get(f"{{{COLOR}}}border-color")) or _colour(item.get(f"{{{BIOC}}}stroke")),
            text_colour=_colour(label.get(f"{{{COLOR}}}color")) if label is not None else "",
            band=item.get("participantBandKind") or "",
            has_message=_is_true(item.get("isMessageVisible")),
            order=len(self.shape_keys),
        )

    def _edge(self, item: etree._Element) -> Edge:
        label = item.find(f"{{{BPMNDI}}}BPMNLabel")
        points: list[tuple[float, float]] = []
        for point in item.iterchildren(f"{{{DI}}}waypoint"):
            x, y = _number(point.get("x")), _number(point.get("y"))
            if x is None or y is None:
                self.issue(
                    gettext_noop(
                        "Line %(line)d: a point of a flow is not a number; it is left out.", line=point.sourceline or 0
                    )
                )
            else:
                points.append((x, y))
        return Edge(
            id=self._shape_key(item),
            element=self._element_of(item),
            points=tuple(points),
            label=self._label_box(label),
            stroke=_colour(item.get(f"{{{COLOR}}}border-color")) or _colour(item.get(f"{{{BIOC}}}stroke")),
            text_colour=_colour(label.get(f"{{{COLOR}}}color")) if label is not None else "",
            has_message=bool(item.get("messageVisibleKind")),
            order=len(self.shape_keys),
        )

    def _label_box(self, label: etree._Element | None) -> Box | None:
        """Bounds of a label; a size of nothing counts as no bounds."""
        box = self._box(label.find(f"{{{DC}}}Bounds")) if label is not None else None
        return box if box is not None and (box.width > 0 and box.height > 0) else None

    @staticmethod
    def _box(bounds: etree._Element | None) -> Box | None:
        if bounds is None:
            return None
        x, y, width, height = (_number(bounds.get(key)) for key in ("x", "y", "width", "height"))
        if x is None or y is None or width is None or height is None:
            return None
        return Box(x, y, width, height)


def _number(value: str | None) -> float | None:
    """A coordinate in pixels; None for what is no number, not finite or beyond any canvas."""
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= MAX_COORDINATE else None


def is_conversation(kind: str) -> bool:
    """Whether a type belongs to a conversation diagram."""
    return kind in CONVERSATIONS
