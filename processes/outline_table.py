"""An outline as a table becomes the plan of a map. Plain rows in, ``Plan`` out; no Django.

Two tables are read, told apart by their headings:

- Order, Activity, Condition, Who, Subprocess, Terminated: as in K. Kluza and P. Wiśniewski, "Spreadsheet-based business
  process modeling" (FedCSIS 2016). Steps 3a and 3b are branches of one decision where they have conditions, else they
  run side by side; 3b1, 3b2 are the steps of one branch; "goto 5" leads to step 5.
- Process Step ID, Process Step Description, Next Step ID, Connector Label, Shape Type, Function, Phase: the table of
  Visio's Data Visualizer. Several next steps, and their labels, are separated by commas or semicolons.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.safe.line import one_line
from core.safe.words import Said, gettext_noop
from processes.bpmn.plan import Plan, PlannedFlow, PlannedNode, PlannedPool

MAX_ROWS = 500
MAX_PROBLEMS = 20
NAME_LENGTH = 200
YES = {"yes", "y", "x", "true", "1", "ja"}

# Heading in lower case → column.
ORDERED = {
    "order": "order",
    "activity": "activity",
    "condition": "condition",
    "who": "who",
    "subprocess": "subprocess",
    "terminated": "terminated",
}
VISIO = {
    "process step id": "id",
    "step id": "id",
    "process step description": "activity",
    "step description": "activity",
    "next step id": "next",
    "next step ids": "next",
    "connector label": "labels",
    "shape type": "shape",
    "function": "who",
    "phase": "phase",
    "alt description": "documentation",
    "alt text": "documentation",
}
SHAPES = {
    "start": "startEvent",
    "end": "endEvent",
    "decision": "exclusiveGateway",
    "subprocess": "subProcess",
}
_ORDER = re.compile(r"(\d{1,4})((?:[a-z]\d{0,4})*)")
_BRANCH = re.compile(r"([a-z])(\d{0,4})")
_GOTO = re.compile(r"go\s?to\s+(\d{1,4}(?:[a-z]\d{0,4})*)", re.IGNORECASE)

Row = dict[str, str]
Path = tuple[tuple[str, int], ...]  # (("", 10), ("b", 2)) is 10b2
Exit = tuple[str, str]  # the node that a flow leaves, and the words on the flow


class UnreadableOutline(ValueError):
    """The table is no outline that can be drawn. ``problems`` are (line of the table from 1, or 0; sentence)."""

    def __init__(self, problems: list[tuple[int, Said]]) -> None:
        super().__init__("; ".join(problem for _line, problem in problems))
        self.problems = problems[:MAX_PROBLEMS]


def read_outline(table: list[list[str]], name: str) -> Plan:
    """The plan that a table of cells means; the first row holds the headings. Raises ``UnreadableOutline``."""
    if not table:
        raise UnreadableOutline([(0, gettext_noop("Paste a table with headings in its first row."))])
    headings = [cell.strip().lower().lstrip("\ufeff") for cell in table[0]]
    known = next((columns for columns in (ORDERED, VISIO) if _keys(columns) <= set(headings)), None)
    if known is None:
        said = gettext_noop(
            "The first row must name the columns: Order and Activity, or Process Step ID and Next Step ID."
        )
        raise UnreadableOutline([(1, said)])
    if len(table) - 1 > MAX_ROWS:
        raise UnreadableOutline([(0, gettext_noop("At most %(n)s rows become one map.", n=MAX_ROWS))])
    columns = [known.get(heading) for heading in headings]
    rows = [
        (line, {column: one_line(cell)[:NAME_LENGTH] for column, cell in zip(columns, cells, strict=False) if column})
        for line, cells in enumerate(table[1:], start=2)
    ]
    rows = [(line, row) for line, row in rows if any(row.values())]
    if not rows:
        raise UnreadableOutline([(0, gettext_noop("There is no step below the headings."))])
    drawn = _Ordered(rows).drawn() if known is ORDERED else _Visio(rows).drawn()
    return drawn.plan(name)


def _keys(columns: dict[str, str]) -> set[str]:
    """The headings without which a table is none of this sort."""
    return {"order", "activity"} if columns is ORDERED else {"process step id", "next step id"}


@dataclass
class _Drawn:
    """The graph while it grows."""

    nodes: dict[str, PlannedNode] = field(default_factory=dict)
    flows: dict[tuple[str, str, str], PlannedFlow] = field(default_factory=dict)
    lanes: dict[str, None] = field(default_factory=dict)

    def add(self, key: str, kind: str, name: str = "", lane: str = "", documentation: str = "") -> str:
        if lane:
            self.lanes.setdefault(lane)
        self.nodes[key] = PlannedNode(key, kind, name, lane, documentation=documentation)
        return key

    def flow(self, source: str, target: str, name: str = "") -> None:
        self.flows.setdefault((source, target, name), PlannedFlow(source, target, name))

    def plan(self, name: str) -> Plan:
        """The plan, every node in a lane where there are any."""
        lanes = tuple(self.lanes)
        nodes = self.nodes.values()
        if lanes:
            nodes = [self._in_lane(node, lanes) for node in nodes]
        pool = PlannedPool("pool", name if lanes else "", lanes, tuple(nodes), tuple(self.flows.values()))
        return Plan(name, (pool,))

    def _in_lane(self, node: PlannedNode, lanes: tuple[str, ...]) -> PlannedNode:
        lane = node.lane or self._neighbour_lane(node.key) or lanes[0]
        return PlannedNode(node.key, node.type, node.name, lane, documentation=node.documentation)

    def _neighbour_lane(self, key: str) -> str:
        """The lane of what comes before, else of what comes next."""
        before = [flow.source for flow in self.flows.values() if flow.target == key]
        after = [flow.target for flow in self.flows.values() if flow.source == key]
        return next((lane for other in (*before, *after) if (lane := self.nodes[other].lane)), "")

    def endless(self) -> set[str]:
        """Nodes from which no end can be reached."""
        into: dict[str, list[str]] = defaultdict(list)
        for flow in self.flows.values():
            into[flow.target].append(flow.source)
        waiting = [key for key, node in self.nodes.items() if node.type == "endEvent"]
        reached = set(waiting)
        while waiting:
            for source in into[waiting.pop()]:
                if source not in reached:
                    reached.add(source)
                    waiting.append(source)
        return self.nodes.keys() - reached

    def from_nowhere(self) -> set[str]:
        """Nodes to which no start leads."""
        onward: dict[str, list[str]] = defaultdict(list)
        for flow in self.flows.values():
            onward[flow.source].append(flow.target)
        waiting = [key for key, node in self.nodes.items() if node.type == "startEvent"]
        reached = set(waiting)
        while waiting:
            for target in onward[waiting.pop()]:
                if target not in reached:
                    reached.add(target)
                    waiting.append(target)
        return self.nodes.keys() - reached


# --- Order, Activity, Condition, Who, Subprocess, Terminated -----------------------------------------------


@dataclass
class _Step:
    """One row of an ordered outline."""

    line: int
    path: Path
    row: Row

    @property
    def key(self) -> str:
        return "step_" + "".join(f"{letter}{number}" for letter, number in self.path)


class _Ordered:
    """Reads rows by their order: 1, 2, 3a, 3b1, 3b2, 4."""

    def __init__(self, rows: list[tuple[int, Row]]) -> None:
        self.rows = rows
        self.problems: list[tuple[int, Said]] = []
        self.graph = _Drawn()
        self.entries: dict[Path, str] = {}  # where a flow to this order arrives
        self.jumps: list[tuple[int, Exit, Path]] = []
        self.made = 0

    def drawn(self) -> _Drawn:
        steps = self._steps()
        if self.problems:
            raise UnreadableOutline(self.problems)
        begun: list[Exit] = []
        if steps[0].path[0][1] != 0:
            begun = [(self.graph.add("start", "startEvent"), "")]
        self._end(self._sequence(steps, 0, begun))
        self._jump()
        lost = {step.key: step.line for step in steps if step.key in self.graph.endless()}
        if lost and not self.problems:
            said = gettext_noop("From here the outline goes round in a circle and never ends. Say where it ends.")
            self.problems.append((min(lost.values()), said))
        if self.problems:
            raise UnreadableOutline(self.problems)
        return self.graph

    def _steps(self) -> list[_Step]:
        found: dict[Path, _Step] = {}
        who = ""
        for line, row in self.rows:
            path = _path_of(row.get("order", ""))
            if path is None:
                said = gettext_noop("“%(order)s” is no order. Write 3, 3a or 3b2.", order=row.get("order", ""))
                self.problems.append((line, said))
                continue
            if path in found:
                self.problems.append((line, gettext_noop("The order %(order)s stands here twice.", order=row["order"])))
                continue
            if not row.get("activity") and row.get("terminated", "").lower() not in YES:
                self.problems.append((line, gettext_noop("Enter an activity, or “yes” under Terminated.")))
            who = row["who"] = row.get("who") or who
            found[path] = _Step(line, path, row)
        return [found[path] for path in sorted(found)]

    def _sequence(self, steps: list[_Step], depth: int, exits: list[Exit]) -> list[Exit]:
        """Draw steps that follow each other; returns where flows leave the last of them."""
        groups: dict[tuple[str, int], list[_Step]] = defaultdict(list)
        for step in steps:
            groups[step.path[depth]].append(step)
        for group in groups.values():
            plain = [step for step in group if len(step.path) == depth + 1]
            branched = [step for step in group if len(step.path) > depth + 1]
            for step in plain:
                exits = self._single(step, exits)
            if branched:
                exits = self._fork(branched, depth + 1, exits)
        return exits

    def _single(self, step: _Step, exits: list[Exit]) -> list[Exit]:
        row = step.row
        goes = _GOTO.fullmatch(row.get("activity", ""))
        if goes is not None:
            self.jumps += [(step.line, one, _path_of(goes[1]) or ()) for one in exits]
            return []
        is_last = row.get("terminated", "").lower() in YES
        if not row.get("activity"):
            self._arrive(step, self.graph.add(step.key, "endEvent", "", row["who"]), exits)
            return []
        kind = "subProcess" if row.get("subprocess", "").lower() in YES else "task"
        name = row["activity"]
        if step.path == (("", 0),):
            kind, name = "startEvent", "" if name.lower() == "start" else name
        key = self.graph.add(step.key, kind, name, row["who"])
        self._arrive(step, key, exits)
        if is_last:
            self._end([(key, "")], f"{key}_end", row["who"])
            return []
        return [(key, "")]

    def _arrive(self, step: _Step, key: str, exits: list[Exit]) -> None:
        self.entries[step.path] = key
        for source, name in exits:
            self.graph.flow(source, key, name)

    def _fork(self, steps: list[_Step], depth: int, exits: list[Exit]) -> list[Exit]:
        """Draw the branches 3a, 3b, … between the gateways that they need."""
        branches: dict[str, list[_Step]] = defaultdict(list)
        for step in steps:
            branches[step.path[depth][0]].append(step)
        is_choice = any(branch[0].row.get("condition") for branch in branches.values())
        kind = "exclusiveGateway" if is_choice else "parallelGateway"
        who = steps[0].row["who"]
        fork = self.graph.add(f"fork_{self._next()}", kind, "", who)
        self.entries[steps[0].path[:depth]] = fork
        for source, name in exits:
            self.graph.flow(source, fork, name)
        left: list[Exit] = []
        for branch in branches.values():
            begun = [(fork, branch[0].row.get("condition", ""))]
            left += self._sequence(branch, depth, begun)
        if is_choice and len(branches) == 1:
            left.append((fork, ""))  # whoever does not meet the one condition goes on
        if len(left) < 2:
            return left
        join = self.graph.add(f"join_{self._next()}", kind, "", who)
        for source, name in left:
            self.graph.flow(source, join, name)
        return [(join, "")]

    def _end(self, exits: list[Exit], key: str = "end", lane: str = "") -> None:
        if exits:
            self.graph.add(key, "endEvent", "", lane)
            for source, name in exits:
                self.graph.flow(source, key, name)

    def _jump(self) -> None:
        for line, (source, name), path in self.jumps:
            target = self.entries.get(path)
            if target is None:
                self.problems.append((line, gettext_noop("There is no step to which this “goto” could lead.")))
            else:
                self.graph.flow(source, target, name)

    def _next(self) -> int:
        self.made += 1
        return self.made


def _path_of(text: str) -> Path | None:
    """("", 10), ("b", 2) for 10b2; a branch without number is its first step. None for what is no order."""
    found = _ORDER.fullmatch(text.strip().lower().removesuffix(".0"))
    if found is None:
        return None
    branches = tuple((letter, int(number or 1)) for letter, number in _BRANCH.findall(found[2]))
    return (("", int(found[1])), *branches)


# --- Process Step ID, Next Step ID, … ----------------------------------------------------------------------


class _Visio:
    """Reads rows that name the steps that come next."""

    def __init__(self, rows: list[tuple[int, Row]]) -> None:
        self.rows = rows
        self.problems: list[tuple[int, Said]] = []
        self.graph = _Drawn()
        self.keys: dict[str, str] = {}
        self.lines: dict[str, int] = {}

    def drawn(self) -> _Drawn:
        for number, (line, row) in enumerate(self.rows, start=1):
            self._node(line, row, f"step_{number}")
        for line, row in self.rows:
            self._onward(line, row)
        if self.problems:
            raise UnreadableOutline(self.problems)
        self._begin_and_end()
        self._refuse_circles()
        return self.graph

    def _node(self, line: int, row: Row, key: str) -> None:
        step = row.get("id", "")
        if not step:
            self.problems.append((line, gettext_noop("Enter a step id.")))
        elif step in self.keys:
            self.problems.append((line, gettext_noop("The step id %(id)s stands here twice.", id=step)))
        else:
            kind = SHAPES.get(row.get("shape", "").lower(), "task")
            phase = row.get("phase", "")
            notes = [row.get("documentation", ""), f"Phase: {phase}" if phase else ""]
            documentation = "\n".join(note for note in notes if note)
            self.keys[step] = self.graph.add(key, kind, row.get("activity", ""), row.get("who", ""), documentation)
            self.lines[key] = line

    def _onward(self, line: int, row: Row) -> None:
        source = self.keys.get(row.get("id", ""))
        following, labels = _split(row.get("next", "")), _split(row.get("labels", ""), keep=True)
        missing = [one for one in following if one not in self.keys]
        for one in missing:
            self.problems.append((line, gettext_noop("There is no step with the id %(id)s.", id=one)))
        if source is None or missing:
            return
        pairs = [(self.keys[one], labels[n] if n < len(labels) else "") for n, one in enumerate(following)]
        if len(pairs) > 1 and not self.graph.nodes[source].type.endswith("Gateway"):
            kind = "exclusiveGateway" if any(label for _target, label in pairs) else "parallelGateway"
            fork = self.graph.add(f"{source}_fork", kind, "", row.get("who", ""))
            self.graph.flow(source, fork)
            source = fork
        for target, label in pairs:
            self.graph.flow(source, target, label)

    def _begin_and_end(self) -> None:
        flows = self.graph.flows.values()
        targets, sources = {flow.target for flow in flows}, {flow.source for flow in flows}
        first = [key for key, node in self.graph.nodes.items() if key not in targets and node.type != "startEvent"]
        last = [key for key, node in self.graph.nodes.items() if key not in sources and node.type != "endEvent"]
        if first:
            start = self.graph.add("start", "startEvent", "", self.graph.nodes[first[0]].lane)
            for key in first:
                self.graph.flow(start, key)
        if last:
            end = self.graph.add("end", "endEvent", "", self.graph.nodes[last[-1]].lane)
            for key in last:
                self.graph.flow(key, end)

    def _refuse_circles(self) -> None:
        for keys, said in (
            (self.graph.endless(), gettext_noop("From here the steps go round in a circle and never end.")),
            (self.graph.from_nowhere(), gettext_noop("No start leads to this step.")),
        ):
            lines = [self.lines[key] for key in keys if key in self.lines]
            if lines:
                raise UnreadableOutline([(min(lines), said)])


def _split(text: str, *, keep: bool = False) -> list[str]:
    """The parts between commas or semicolons; empty ones only where their place matters."""
    if not text:
        return []
    parts = [part.strip() for part in re.split(r"[;,]", text)]
    return parts if keep else [part for part in parts if part]


def cells_of(text: str) -> list[list[str]]:
    """The table that somebody pasted: columns separated by tabs (from a spreadsheet), semicolons or commas, the last
    two with quotes as CSV has them."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return []
    mark = max("\t;,", key=lines[0].count)
    return [_quoted(line, mark) for line in lines]


def _quoted(line: str, mark: str) -> list[str]:
    """The cells of one line; a mark within quotes separates nothing."""
    cells, cell, within = [], "", False
    for sign in line:
        if sign == '"':
            within = not within
        elif sign == mark and not within:
            cells.append(cell)
            cell = ""
        else:
            cell += sign
    return [*cells, cell]


def pasted(table: Iterable[Iterable[str]]) -> str:
    """A table as text that ``cells_of`` reads."""
    return "\n".join("\t".join(re.sub(r"\s+", " ", cell) for cell in row) for row in table)
