"""Where the nodes of one pool go: columns along the flow, tracks within each lane, and the way of every flow.

Layered drawing in the manner of Sugiyama, Tagawa and Toda (1981), with lanes as given rows: flows that lead back are
set aside, each node stands right of all that come before it (longest path), the first branch keeps its track, and a
flow that passes over columns reserves a track of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from processes.bpmn.model import GATEWAYS
from processes.bpmn.plan import PlannedFlow, PlannedNode, PlannedPool

Cell = tuple[int, int]  # lane, track


@dataclass
class Places:
    """The result: cell and column of every node, the track of every long flow, and which flows lead back."""

    column: dict[str, int] = field(default_factory=dict)
    cell: dict[str, Cell] = field(default_factory=dict)
    run: dict[PlannedFlow, Cell] = field(default_factory=dict)
    back: set[PlannedFlow] = field(default_factory=set)
    tracks: dict[int, int] = field(default_factory=dict)  # how many each lane needs
    taken: set[tuple[int, int, int]] = field(default_factory=set)  # lane, track, column
    columns: int = 0

    def take(self, lane: int, track: int, column: int) -> None:
        self.taken.add((lane, track, column))
        self.tracks[lane] = max(self.tracks.get(lane, 1), track + 1)

    def is_free(self, lane: int, track: int, columns: range) -> bool:
        return not any((lane, track, column) in self.taken for column in columns)


def place(pool: PlannedPool) -> Places:
    """Places for the nodes and flows of a pool. Flows from or to nodes that do not exist must not occur."""
    places = Places()
    nodes = {node.key: node for node in pool.nodes}
    lanes = {name: index for index, name in enumerate(pool.lanes)}
    onward: dict[str, list[PlannedFlow]] = {key: [] for key in nodes}
    for flow in pool.flows:
        onward[flow.source].append(flow)
    follows = {key: [flow.target for flow in flows] for key, flows in onward.items()}
    for node in pool.nodes:
        if node.attached_to:
            follows[node.attached_to].append(node.key)
    order = _topological(nodes, follows, places, onward)
    _columns(order, nodes, follows, places)
    for index in range(max(1, len(lanes))):
        places.tracks[index] = 1
    _tracks(order, nodes, onward, lanes, places)
    places.columns = max(places.column.values(), default=0) + 1
    return places


def _topological(
    nodes: dict[str, PlannedNode], follows: dict[str, list[str]], places: Places, onward: dict[str, list[PlannedFlow]]
) -> list[str]:
    """Nodes so that each follows what leads to it; flows that lead back are noted and set aside."""
    state: dict[str, int] = {}
    post: list[str] = []
    entered = {target for targets in follows.values() for target in targets}
    roots = [key for key in nodes if key not in entered] + list(nodes)
    back: set[tuple[str, str]] = set()
    for root in roots:
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(follows[root][::-1]))]
        while stack:
            key, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                state[key] = 2
                post.append(key)
                stack.pop()
            elif state.get(target) == 1:
                back.add((key, target))
            elif target not in state:
                state[target] = 1
                stack.append((target, iter(follows[target][::-1])))
    for flows in onward.values():
        places.back |= {flow for flow in flows if (flow.source, flow.target) in back}
    for key, target in back:
        follows[key] = [one for one in follows[key] if one != target]
    # Roots were visited from the first to the last; turned round, the last would lead.
    rank = {key: index for index, key in enumerate(post[::-1])}
    return sorted(nodes, key=rank.__getitem__)


def _columns(order: list[str], nodes: dict[str, PlannedNode], follows: dict[str, list[str]], places: Places) -> None:
    for key in order:
        node = nodes[key]
        places.column.setdefault(key, 0)
        if node.at is not None:
            places.column[key] = node.at[0]
        for target in follows[key]:
            step = 0 if nodes[target].attached_to == key else 1
            places.column[target] = max(places.column.get(target, 0), places.column[key] + step)


def _tracks(
    order: list[str],
    nodes: dict[str, PlannedNode],
    onward: dict[str, list[PlannedFlow]],
    lanes: dict[str, int],
    places: Places,
) -> None:
    sources: dict[str, list[str]] = {}
    for flows in onward.values():
        for flow in flows:
            if flow not in places.back:
                sources.setdefault(flow.target, []).append(flow.source)
    rank = {key: index for index, key in enumerate(order)}
    # A first pass for nodes with a fixed place, so that the others keep clear of them.
    for key, node in nodes.items():
        if node.at is not None and not node.attached_to:
            lane = lanes.get(node.lane, 0)
            places.cell[key] = (lane, node.at[1])
            places.take(lane, node.at[1], places.column[key])
    used_straight: set[str] = set()
    for key in sorted(order, key=lambda one: (places.column[one], rank[one])):
        node = nodes[key]
        if node.attached_to:
            places.cell[key] = places.cell[node.attached_to]
        elif key not in places.cell:
            _choose_track(key, nodes, sources, lanes, places, used_straight)
        _reserve(key, nodes, onward, lanes, places)


def _choose_track(
    key: str,
    nodes: dict[str, PlannedNode],
    sources: dict[str, list[str]],
    lanes: dict[str, int],
    places: Places,
    used_straight: set[str],
) -> None:
    lane, column = lanes.get(nodes[key].lane, 0), places.column[key]
    here = [
        source
        for source in sources.get(key, ())
        if source in places.cell and places.cell[source][0] == lane and not nodes[source].attached_to
    ]
    here.sort(key=lambda source: places.cell[source][1])
    below = max(
        (places.cell[s][1] + 1 for s in sources.get(key, ()) if nodes[s].attached_to and places.cell[s][0] == lane),
        default=0,
    )
    wanted = None
    for source in here:
        track = places.cell[source][1]
        is_clear = places.is_free(lane, track, range(places.column[source] + 1, column + 1))
        if source not in used_straight and is_clear:
            wanted = track
            used_straight.add(source)
            break
    if wanted is None:
        wanted = below or (min(places.cell[source][1] for source in here) if here else 0)
        while not places.is_free(lane, wanted, range(column, column + 1)):
            wanted += 1
    places.cell[key] = (lane, wanted)
    places.take(lane, wanted, column)


def _reserve(
    key: str,
    nodes: dict[str, PlannedNode],
    onward: dict[str, list[PlannedFlow]],
    lanes: dict[str, int],
    places: Places,
) -> None:
    """A track for every flow that passes over columns."""
    flows = [flow for flow in onward[key] if flow not in places.back]
    lane, track = places.cell[key]
    leaves_upright = nodes[key].type in GATEWAYS and len(flows) > 1
    for flow in flows:
        passed = range(places.column[key] + 1, places.column[flow.target])
        if len(passed) == 0:
            continue
        target_lane = lanes.get(nodes[flow.target].lane, 0)
        candidates: list[Cell] = []
        if flow.target in places.cell:
            candidates.append(places.cell[flow.target])
        if not nodes[key].attached_to and (not leaves_upright or flow is flows[0]):
            candidates.append((lane, track))
        first = track + 1 if target_lane == lane else 0
        candidates += [(target_lane, number) for number in range(first, first + 12)]
        chosen = next((cell for cell in candidates if places.is_free(*cell, passed)), candidates[-1])
        places.run[flow] = chosen
        for column in passed:
            places.take(*chosen, column)
