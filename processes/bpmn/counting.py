"""What a file holds, in numbers: the figures that an import prints and that a lossy save is noticed by."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass

from processes.bpmn.model import FLOW_NODES, Model


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of elements in one file."""

    flow_nodes: int
    sequence_flows: int
    message_flows: int
    pools: int
    lanes: int
    shapes: int
    edges: int
    diagrams: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def count(model: Model) -> Counts:
    """The counts of a model, over all processes and diagrams of the file."""
    flows = Counter(flow.type for flow in model.flows.values())
    return Counts(
        flow_nodes=sum(node.type in FLOW_NODES for node in model.nodes.values()),
        sequence_flows=flows["sequenceFlow"],
        message_flows=flows["messageFlow"],
        pools=len(model.pools),
        lanes=len(model.lanes),
        shapes=sum(len(view.shapes) for view in model.views),
        edges=sum(len(view.edges) for view in model.views),
        diagrams=model.diagrams,
    )


def count_types(model: Model) -> Counter[str]:
    """How many elements of each type the file holds: nodes, flows, pools, lanes and processes."""
    counted = Counter(node.type for node in model.nodes.values())
    counted.update(flow.type for flow in model.flows.values())
    counted.update({"participant": len(model.pools), "lane": len(model.lanes), "process": len(model.processes)})
    return +counted


@dataclass(frozen=True, slots=True)
class Loss:
    """What a rewritten file has less of (or more of) than the one before."""

    type: str
    before: int
    after: int


def losses(before: Model, after: Model) -> list[Loss]:
    """Types whose number changed, and attributes that are gone, when a file was only opened and written again."""
    one, two = count_types(before), count_types(after)
    one["shape"], two["shape"] = count(before).shapes, count(after).shapes
    one["edge"], two["edge"] = count(before).edges, count(after).edges
    one["attribute"], two["attribute"] = _attributes(before), _attributes(after)
    return [Loss(kind, one[kind], two[kind]) for kind in sorted({*one, *two}) if one[kind] != two[kind]]


def _attributes(model: Model) -> int:
    groups = (model.nodes, model.flows, model.pools, model.lanes, model.processes)
    return sum(len(item.properties) + bool(item.documentation) for group in groups for item in group.values())
