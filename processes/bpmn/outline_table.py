"""A process written as a table becomes a plan: one row a step. Two well-known shapes are understood.

The outline of bpmn-python (``Order, Activity, Condition, Who, Subprocess, Terminated``): ``Order`` counts the steps,
and letters are branches: 3a and 3b are alternatives between 2 and 4 (with a condition) or done at the same time
(without).
Microsoft Visio's Data Visualizer (step id, description, next step ids, connector label, shape type, function, phase).
"""

from __future__ import annotations

import re

from core.safe.words import Said, gettext_noop
from processes.bpmn.layout import tidy_key
from processes.bpmn.plan import Plan, PlannedFlow, PlannedNode, PlannedPool

MAX_ROWS = 500
MAX_CELL = 300
_ORDER = re.compile(r"\d+|[a-z]+", re.I)
_YES = frozenset({"yes", "y", "true", "1", "x", "ja"})

_OUTLINE = {
    "order": "order",
    "activity": "activity",
    "condition": "condition",
    "who": "who",
    "subprocess": "subprocess",
}
_OUTLINE |= {"terminated": "terminated"}
_VISIO = {
    "processstepid": "id",
    "stepid": "id",
    "processstepdescription": "name",
    "description": "name",
    "nextstepid": "next",
    "nextstepids": "next",
    "connectorlabel": "label",
    "connectorlabels": "label",
    "shapetype": "shape",
    "function": "lane",
    "phase": "phase",
}


class UnreadableOutline(ValueError):
    """The table is no process; ``problems`` are sentences, each with the row that it is about."""

    def __init__(self, problems: list[Said]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def plan_from_rows(rows: list[list[str]], name: str) -> Plan:
    """The plan of a table whose first row holds the headings. Raises ``UnreadableOutline``."""
    rows = [[cell.strip()[:MAX_CELL] for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise UnreadableOutline([gettext_noop("The table has no steps. Its first row holds the headings.")])
    if len(rows) > MAX_ROWS + 1:
        raise UnreadableOutline([gettext_noop("The table has more than %(limit)d rows.", limit=MAX_ROWS)])
    heads = [re.sub(r"[^a-z]", "", head.lower()) for head in rows[0]]
    if {"order", "activity"} <= set(heads):
        return _from_outline(_records(heads, _OUTLINE, rows[1:]), name)
    if {"processstepid", "stepid"} & set(heads):
        return _from_visio(_records(heads, _VISIO, rows[1:]), name)
    raise UnreadableOutline(
        [
            gettext_noop(
                "The headings are not known. Use Order, Activity, Condition, Who, Subprocess, Terminated, "
                "or the columns of Visio's Data Visualizer, beginning with Process Step ID."
            )
        ]
    )


def _records(heads: list[str], known: dict[str, str], rows: list[list[str]]) -> list[dict[str, str]]:
    records = []
    for number, row in enumerate(rows, start=2):
        record = {"row": str(number)}
        for head, cell in zip(heads, row, strict=False):
            if head in known:
                record.setdefault(known[head], cell)
        records.append(record)
    return records


# Visio


_SHAPES = {"start": "startEvent", "end": "endEvent", "decision": "exclusiveGateway", "subprocess": "subProcess"}


def _from_visio(records: list[dict[str, str]], name: str) -> Plan:
    problems: list[Said] = []
    keys: dict[str, str] = {}
    for record in records:
        step, row = record.get("id", ""), int(record["row"])
        if not step:
            problems.append(gettext_noop("Row %(row)d: the step has no id.", row=row))
        elif step in keys:
            problems.append(gettext_noop("Row %(row)d: the id “%(id)s” is used twice.", row=row, id=step))
        else:
            keys[step] = _free_key(step, keys)
    flows: list[PlannedFlow] = []
    for record in records:
        source = record.get("id", "")
        if source not in keys:
            continue
        labels = [label.strip() for label in re.split(r"[,;]", record.get("label", ""))]
        targets = [one.strip() for one in re.split(r"[,;]", record.get("next", "")) if one.strip()]
        for index, target in enumerate(targets):
            if target not in keys:
                problems.append(
                    gettext_noop(
                        "Row %(row)d: step “%(id)s” leads to “%(next)s”, which is not in the table.",
                        row=int(record["row"]),
                        id=source,
                        next=target,
                    )
                )
                continue
            flows.append(PlannedFlow(keys[source], keys[target], labels[index] if index < len(labels) else ""))
    if problems:
        raise UnreadableOutline(problems[:20])
    nodes = [_visio_node(record, keys[record["id"]], flows) for record in records]
    return _finished(nodes, flows, name)


def _free_key(step: str, keys: dict[str, str]) -> str:
    key, number = tidy_key(step), 1
    taken = set(keys.values())
    while key in taken:
        number += 1
        key = f"{tidy_key(step)}_{number}"
    return key


def _visio_node(record: dict[str, str], key: str, flows: list[PlannedFlow]) -> PlannedNode:
    kind = _SHAPES.get(re.sub(r"[^a-z]", "", record.get("shape", "").lower()), "task")
    leaving = [flow for flow in flows if flow.source == key]
    entering = [flow for flow in flows if flow.target == key]
    if (kind == "startEvent" and entering) or (kind == "endEvent" and leaving):
        kind = "task"
    if kind == "task" and len(leaving) > 1:
        kind = "exclusiveGateway"
    return PlannedNode(
        key, kind, record.get("name", "") or record["id"], record.get("lane", ""), documentation=record.get("phase", "")
    )


# bpmn-python's outline


def _from_outline(records: list[dict[str, str]], name: str) -> Plan:
    problems: list[Said] = []
    steps: list[tuple[tuple[str, ...], dict[str, str]]] = []
    seen: set[tuple[str, ...]] = set()
    for record in records:
        row, order = int(record["row"]), tuple(_ORDER.findall(record.get("order", "").lower()))
        if not order or not order[0].isdigit():
            problems.append(
                gettext_noop(
                    "Row %(row)d: “%(order)s” is no order. Use 1, 2, 3a, 3b, 4.", row=row, order=record.get("order", "")
                )
            )
        elif order in seen:
            problems.append(
                gettext_noop("Row %(row)d: the order “%(order)s” is used twice.", row=row, order=record["order"])
            )
        elif not record.get("activity"):
            problems.append(gettext_noop("Row %(row)d: the activity is missing.", row=row))
        else:
            steps.append((order, record))
        seen.add(order)
    if problems:
        raise UnreadableOutline(problems[:20])
    return _OutlinePlanner(name).plan(steps)


class _OutlinePlanner:
    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes: list[PlannedNode] = []
        self.flows: list[PlannedFlow] = []
        self.lane = ""

    def plan(self, steps: list[tuple[tuple[str, ...], dict[str, str]]]) -> Plan:
        self.lane = next((record["who"] for _order, record in steps if record.get("who")), "")
        ends = self._sequence(steps, 0, [])
        if ends:
            self._add(PlannedNode("end", "endEvent", "", self.lane), ends)
        return _finished(self.nodes, self.flows, self.name)

    def _sequence(
        self, steps: list[tuple[tuple[str, ...], dict[str, str]]], depth: int, ends: list[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        """Steps one after the other; returns the ends that stay open."""
        groups: dict[str, list[tuple[tuple[str, ...], dict[str, str]]]] = {}
        for order, record in steps:
            groups.setdefault(order[depth] if len(order) > depth else "0", []).append((order, record))
        for number in sorted(groups, key=lambda key: int(key) if key.isdigit() else 0):
            group = groups[number]
            plain = [item for item in group if len(item[0]) == depth + 1]
            branches = [item for item in group if len(item[0]) > depth + 1]
            for _order, record in plain:
                ends = self._step(record, ends)
            if branches:
                ends = self._branches(branches, depth + 1, ends)
        return ends

    def _step(self, record: dict[str, str], ends: list[tuple[str, str]]) -> list[tuple[str, str]]:
        self.lane = record.get("who") or self.lane
        kind = "subProcess" if record.get("subprocess", "").lower() in _YES else "task"
        label = record["activity"]
        if not self.nodes and re.match(r"start\b", label, re.I):
            kind = "startEvent"
        elif re.match(r"end\b", label, re.I):
            kind = "endEvent"
        key = f"step_{record['row']}"
        self._add(PlannedNode(key, kind, label, self.lane), ends)
        if kind == "endEvent":
            return []
        if record.get("terminated", "").lower() in _YES:
            self._add(PlannedNode(f"end_{record['row']}", "endEvent", "", self.lane), [(key, "")])
            return []
        return [(key, "")]

    def _branches(
        self, steps: list[tuple[tuple[str, ...], dict[str, str]]], depth: int, ends: list[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        grouped: dict[str, list[tuple[tuple[str, ...], dict[str, str]]]] = {}
        for order, record in steps:
            grouped.setdefault(order[depth], []).append((order, record))
        conditions = {letter: items[0][1].get("condition", "") for letter, items in grouped.items()}
        kind = "exclusiveGateway" if any(conditions.values()) else "parallelGateway"
        number = steps[0][1]["row"]
        split = f"split_{number}"
        lane = self.lane
        self._add(PlannedNode(split, kind, "", lane), ends)
        open_ends: list[tuple[str, str]] = []
        for letter in sorted(grouped):
            self.lane = lane
            inner = [(order, record) for order, record in grouped[letter]]
            open_ends += self._sequence(
                [(order if len(order) > depth + 1 else (*order, "0"), record) for order, record in inner],
                depth + 1,
                [(split, conditions[letter])],
            )
        if len(open_ends) < 2:
            return open_ends
        join = f"join_{number}"
        self.lane = lane
        self._add(PlannedNode(join, kind, "", lane), open_ends)
        return [(join, "")]

    def _add(self, node: PlannedNode, ends: list[tuple[str, str]]) -> None:
        self.nodes.append(node)
        self.flows += [PlannedFlow(source, node.key, label) for source, label in ends]


# Both


def _finished(nodes: list[PlannedNode], flows: list[PlannedFlow], name: str) -> Plan:
    """A plan with lanes, beginnings and ends. Raises where nothing begins."""
    entered = {flow.target for flow in flows}
    leaving = {flow.source for flow in flows}
    first = [node for node in nodes if node.key not in entered]
    if not first:
        raise UnreadableOutline(
            [gettext_noop("Nothing starts the process: every step is reached from another one. Add a first step.")]
        )
    added: list[PlannedNode] = []
    new_flows: list[PlannedFlow] = []
    for node in first:
        if node.type != "startEvent":
            added.append(PlannedNode(f"start_{node.key}", "startEvent", "", node.lane))
            new_flows.append(PlannedFlow(f"start_{node.key}", node.key))
    ends: list[PlannedNode] = []
    for node in nodes:
        if node.key not in leaving and node.type != "endEvent":
            ends.append(PlannedNode(f"end_{node.key}", "endEvent", "", node.lane))
            new_flows.append(PlannedFlow(node.key, f"end_{node.key}"))
    whole = [*added, *nodes, *ends]
    lanes = tuple(dict.fromkeys(node.lane for node in whole if node.lane))
    return Plan(name, (PlannedPool("pool", name if lanes else "", lanes, tuple(whole), (*flows, *new_flows)),))
