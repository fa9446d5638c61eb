"""A drawing for a file that has none: laid out where that can be done whole, else not at all."""

from __future__ import annotations

from processes.bpmn.counting import count
from processes.bpmn.layout import lay_out
from processes.bpmn.model import CHOREOGRAPHIES, Model, Node
from processes.bpmn.plan import Plan, PlannedFlow, PlannedMessage, PlannedNode, PlannedPool
from processes.bpmn.reading import UnreadableMap, read

MAX_NODES = 400


def laid_out(model: Model) -> bytes | None:
    """BPMN XML with a drawing of every activity, event, gateway and flow; None where something would be missing."""
    plan = _plan(model)
    if plan is None:
        return None
    data = lay_out(plan)
    try:
        drawn = count(read(data))
    except UnreadableMap:
        return None
    was = count(model)
    whole = (was.flow_nodes, was.sequence_flows, was.message_flows)
    return data if (drawn.flow_nodes, drawn.sequence_flows, drawn.message_flows) == whole else None


def _plan(model: Model) -> Plan | None:
    nodes = [node for node in model.nodes.values() if node.is_flow_node]
    if not nodes or len(nodes) > MAX_NODES:
        return None
    if any(node.parent in model.nodes or node.type in CHOREOGRAPHIES for node in nodes):
        return None
    if any(node.attached_to and node.attached_to not in model.nodes for node in nodes):
        return None
    processes = [pool.process for pool in model.pools.values()]
    rest = [key for key in model.processes if key not in processes]
    pools = [_pool(model, pool.process, pool.id, pool.name) for pool in model.pools.values()]
    pools += [_pool(model, key, f"pool_{index}", "") for index, key in enumerate(rest, start=1)]
    pools = [pool for pool in pools if pool.nodes or pool.name]
    known = {node.key for pool in pools for node in pool.nodes} | {pool.key for pool in pools}
    messages = [flow for flow in model.flows.values() if flow.type == "messageFlow"]
    if any(flow.source not in known or flow.target not in known for flow in messages):
        return None
    name = model.name or next((pool.name for pool in pools if pool.name), "")
    return Plan(name, tuple(pools), tuple(PlannedMessage(one.source, one.target, one.name) for one in messages))


def _pool(model: Model, process: str, key: str, name: str) -> PlannedPool:
    inside = [node for node in model.children.get(process, ()) if node.is_flow_node]
    lanes = {node.id: (model.lane_names(node) or ("",))[-1] for node in inside}
    named = tuple(dict.fromkeys(lane for lane in lanes.values() if lane))
    here = {node.id for node in inside}
    flows = tuple(
        PlannedFlow(flow.source, flow.target, flow.name)
        for flow in model.flows.values()
        if flow.type == "sequenceFlow" and flow.source in here and flow.target in here
    )
    planned = tuple(_planned(node, lanes[node.id] or (named[0] if named else "")) for node in inside)
    return PlannedPool(key, name or (model.name_of(process) if named else ""), named, planned, flows)


def _planned(node: Node, lane: str) -> PlannedNode:
    return PlannedNode(
        key=node.id,
        type=node.type,
        name=node.name,
        lane=lane,
        definition=node.definitions[0] if node.definitions else "",
        when=node.definition_text if node.definitions[:1] == ("timer",) else "",
        attached_to=node.attached_to,
        is_interrupting=node.is_interrupting,
        documentation=node.documentation,
        called=node.called,
    )
