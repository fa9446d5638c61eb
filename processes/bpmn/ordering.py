"""The order in which a map is read: along the flow, pool by pool, the same for Tab, outline and parts."""

from __future__ import annotations

from processes.bpmn.model import Model, Node

ROW = 60.0  # pixels; elements that lie within one row are read from left to right


def places(model: Model) -> dict[str, tuple[float, float]]:
    """Where each element is drawn first: (y, x) of its upper left corner."""
    found: dict[str, tuple[float, float]] = {}
    for view in model.views:
        for shape in view.shapes:
            if shape.box is not None:
                found.setdefault(shape.element, (shape.box.y, shape.box.x))
    return found


def flow_order(model: Model) -> list[str]:
    """Ids of all flow nodes in reading order.

    Start events come first, then along the flow (reverse post-order, so that a step comes before what follows it
    unless the way leads back); a boundary event follows its host's way; what lies inside a sub-process follows it.
    """
    held: list[str] | None = model.__dict__.get("_flow_order")
    if held is None:
        held = model.__dict__["_flow_order"] = _ordered(model)
    return held


def _ordered(model: Model) -> list[str]:
    place = places(model)
    children: dict[str, list[Node]] = {}
    for node in model.nodes.values():
        if node.is_flow_node:
            children.setdefault(node.parent, []).append(node)
    roots = list(dict.fromkeys([*_containers(model, place), *children]))
    roots = [key for key in roots if key not in model.nodes]
    order: list[str] = []
    done: set[str] = set()
    stack: list[str] = []
    for root in reversed(roots):
        stack.append(root)
    while stack:
        key = stack.pop()
        if key in model.nodes:
            order.append(key)
        if key in children and key not in done:
            done.add(key)
            stack += reversed(_one_level(model, children[key], place))
    # A sub-process that lies inside itself is reached from nowhere; nothing may be missing.
    seen = set(order)
    order += [node.id for node in model.nodes.values() if node.is_flow_node and node.id not in seen]
    return order


def _containers(model: Model, place: dict[str, tuple[float, float]]) -> list[str]:
    """Processes in the order of their pools from top to bottom, then those without a pool."""
    pools = sorted(
        (pool for pool in model.pools.values() if pool.process),
        key=lambda pool: (*place.get(pool.id, (float("inf"), 0.0)), pool.order),
    )
    return [*(pool.process for pool in pools), *model.processes]


def _rank(place: tuple[float, float] | None, order: int) -> tuple[float, float, int]:
    y, x = place or (float("inf"), 0.0)
    return (y // ROW, x, order)


def _one_level(model: Model, nodes: list[Node], place: dict[str, tuple[float, float]]) -> list[str]:
    """The nodes of one process or sub-process in reading order."""
    here = {node.id: node for node in nodes}
    rank = {node.id: _rank(place.get(node.id), node.order) for node in nodes}
    follows: dict[str, list[str]] = {}
    entered: set[str] = set()
    for node in nodes:
        main = {flow.target for flow in model.outgoing.get(node.id, ()) if flow.target in here}
        entered |= main - {node.id}
        side = [event.id for event in model.attached.get(node.id, ()) if event.id in here]
        follows[node.id] = [*sorted(main, key=rank.__getitem__), *sorted(side, key=rank.__getitem__)]
    inner = [node for node in nodes if not (node.attached_to in here or node.is_event_subprocess)]
    starts = [node.id for node in inner if node.type == "startEvent"]
    first = [node.id for node in inner if node.id not in entered and node.type != "startEvent"]
    rest = sorted(here, key=lambda key: (here[key].is_event_subprocess, rank[key]))
    roots = [*sorted(starts, key=rank.__getitem__), *sorted(first, key=rank.__getitem__)]
    seen: set[str] = set()
    # Visited from the last root to the first and then turned round, so that the first start leads.
    ordered = _reverse_post_order(roots[::-1], follows, seen)
    for key in rest:
        ordered += _reverse_post_order([key], follows, seen)
    return ordered


def _reverse_post_order(roots: list[str], follows: dict[str, list[str]], seen: set[str]) -> list[str]:
    post: list[str] = []
    for root in roots:
        if root in seen:
            continue
        seen.add(root)
        stack = [(root, iter(reversed(follows[root])))]
        while stack:
            key, successors = stack[-1]
            onward = next((item for item in successors if item not in seen), None)
            if onward is None:
                post.append(key)
                stack.pop()
            else:
                seen.add(onward)
                stack.append((onward, iter(reversed(follows[onward]))))
    return post[::-1]
