"""How complex a map is, in figures that are each explained in a sentence.

Definitions: Mendling, "Metrics for Process Models" (2008), counted as bpmn-python 0.0.18 does,
and Cardoso's control-flow complexity (2005). Guarded where a map has no node or no gateway. bpmn-python itself is not
needed: it would bring pandas and matplotlib along for four divisions.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.safe.words import gettext_noop
from processes.bpmn.model import ACTIVITIES, GATEWAYS, Model


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; ``value`` is None where it cannot be told. ``limit`` is where maps become hard to read."""

    key: str
    label: str
    value: float | None
    sentence: str
    limit: float | None = None

    @property
    def is_high(self) -> bool:
        return self.value is not None and self.limit is not None and self.value > self.limit


def figures(model: Model) -> tuple[Figure, ...]:
    """The figures of a whole file."""
    nodes = [node for node in model.nodes.values() if node.is_flow_node]
    flows = [flow for flow in model.flows.values() if flow.type == "sequenceFlow"]
    gateways = [node for node in nodes if node.type in GATEWAYS]
    degrees = [len(model.incoming.get(node.id, ())) + len(model.outgoing.get(node.id, ())) for node in gateways]
    return (
        Figure(
            "size",
            gettext_noop("Elements"),
            len(nodes),
            gettext_noop("Activities, events and gateways. Above 50 a map is better split into sub-processes."),
            50,
        ),
        Figure(
            "activities",
            gettext_noop("Activities"),
            sum(node.type in ACTIVITIES for node in nodes),
            gettext_noop("Tasks, sub-processes and called processes."),
        ),
        Figure(
            "connectivity",
            gettext_noop("Flows per element"),
            round(len(flows) / len(nodes), 2) if nodes else None,
            gettext_noop("A plain sequence has just under 1; much more means many ways through."),
            1.4,
        ),
        Figure(
            "gateway_degree",
            gettext_noop("Flows per gateway"),
            round(sum(degrees) / len(degrees), 2) if degrees else None,
            gettext_noop("How many flows meet at a gateway on average. A simple decision has 3."),
            4,
        ),
        Figure(
            "gateway_types",
            gettext_noop("Sorts of gateways"),
            len({node.type for node in gateways}),
            gettext_noop("How many different gateway symbols a reader has to know."),
            3,
        ),
        Figure(
            "control_flow",
            gettext_noop("Control-flow complexity"),
            _control_flow(model, [node.id for node in gateways]),
            gettext_noop("How many cases the decisions make a reader keep in mind: each branch of a decision counts."),
            30,
        ),
        Figure(
            "depth",
            gettext_noop("Levels of sub-processes"),
            _depth(model),
            gettext_noop("How many sub-processes lie inside each other."),
            3,
        ),
    )


def _control_flow(model: Model, gateways: list[str]) -> float:
    """Cardoso: a decision counts its branches, an inclusive one every combination, a parallel one 1."""
    total = 0
    for key in gateways:
        branches = len(model.outgoing.get(key, ()))
        if branches < 2:
            continue
        kind = model.nodes[key].type
        if kind == "parallelGateway":
            total += 1
        elif kind in {"inclusiveGateway", "complexGateway"}:
            total += 2 ** min(branches, 16) - 1
        else:
            total += branches
    return total


def _depth(model: Model) -> int:
    deepest = 0
    for node in model.nodes.values():
        depth, parent, seen = 0, node.parent, {node.id}
        while parent in model.nodes and parent not in seen:
            seen.add(parent)
            depth += 1
            parent = model.nodes[parent].parent
        deepest = max(deepest, depth)
    return deepest
