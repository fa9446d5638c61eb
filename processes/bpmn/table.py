"""The elements of a map as rows of a table, in flow order."""

from __future__ import annotations

from processes.bpmn.model import Model
from processes.bpmn.naming import Say, condition_of, name_or_type, node_type_words, one_line, same
from processes.bpmn.ordering import flow_order
from processes.bpmn.outline import outline

HEADINGS = ("number", "type", "name", "lane", "pool", "leads_to", "documentation", "id")


def rows(model: Model, say: Say = same) -> list[tuple[str, ...]]:
    """One row an element: see ``HEADINGS``. Data and notes follow the flow nodes."""
    numbers = {step.key: step.number for section in outline(model, say) for step in section.steps}
    order = flow_order(model)
    seen = set(order)
    rest = [node.id for node in model.nodes.values() if node.id not in seen]
    found = []
    for key in [*order, *rest]:
        node = model.nodes[key]
        lanes = model.lane_names(node)
        pool = model.pool_of(node)
        onward = []
        for flow in model.outgoing.get(key, ()):
            target, condition = name_or_type(model, flow.target, say), condition_of(flow, say)
            onward.append(f"{condition}: {target}" if condition else target)
        found.append(
            (
                numbers.get(key, ""),
                node_type_words(node, say),
                one_line(node.name),
                " / ".join(map(one_line, lanes)),
                one_line(pool.name) if pool is not None else "",
                "; ".join(onward),
                node.documentation,
                key,
            )
        )
    return found
