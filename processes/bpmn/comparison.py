"""What changed between two maps: added, removed, changed and moved elements, also where no drawing shows it.

Elements are matched by id. What is left over on both sides is proposed as redrawn where type and name agree, or name
and neighbours do (an editor that writes new ids). The result is plain data that a database can keep as JSON.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from processes.bpmn.model import Box, Flow, Lane, Model, Node, Pool
from processes.bpmn.ordering import flow_order

RULES = 1  # raise when the same two maps would give another result
MAX_VALUE = 300  # letters of a value that are kept
MOVED = 8.0  # pixels against its surroundings; smaller shifts are nobody's intention

ADDED, REMOVED, CHANGED, MOVED_ONLY = "added", "removed", "changed", "moved"


@dataclass(frozen=True, slots=True)
class Detail:
    """One attribute that is different. ``name`` is a field of the model or the path of an invisible attribute."""

    name: str
    before: str
    after: str
    is_visible: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One element that differs. ``before`` and ``after`` are its ids (empty where it is missing)."""

    sort: str
    type: str
    name: str
    before: str
    after: str
    lane: str = ""
    is_redrawn: bool = False  # matched by name and neighbours, not by id
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class MapComparison:
    """All changes in the order in which the map is read."""

    changes: tuple[Change, ...] = ()
    same: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "rules": RULES,
            "same": self.same,
            "counts": self.counts,
            "changes": [
                {
                    "sort": change.sort,
                    "type": change.type,
                    "name": change.name,
                    "before": change.before,
                    "after": change.after,
                    "lane": change.lane,
                    "is_redrawn": change.is_redrawn,
                    "details": [[d.name, d.before, d.after, d.is_visible] for d in change.details],
                }
                for change in self.changes
            ],
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> MapComparison:
        """The comparison that ``as_data`` gave."""
        changes = tuple(
            Change(**(change | {"details": tuple(Detail(*detail) for detail in change["details"])}))
            for change in data["changes"]
        )
        return cls(changes, data["same"], data["counts"])


Element = Node | Flow | Pool | Lane


def compare(before: Model, after: Model) -> MapComparison:
    """What is different in ``after``."""
    one, two = _elements(before), _elements(after)
    pairs = {key: key for key in one if key in two and _is_same(one[key], two[key])}
    redrawn = _redrawn(before, after, one, two, pairs)
    pairs |= redrawn
    places_before, places_after = _places(before), _places(after)
    shift = _shift(pairs, places_before, places_after)
    changes: list[Change] = []
    same = 0
    back = {new: old for old, new in pairs.items()}
    for key in _reading_order(after, two):
        old = back.get(key)
        if old is None:
            changes.append(_whole(ADDED, after, two[key], "", key))
            continue
        details = _details(before, after, one[old], two[key], pairs)
        has_moved = _has_moved(places_before.get(old), places_after.get(key), shift)
        if not details and not has_moved and old not in redrawn:
            same += 1
            continue
        sort = CHANGED if details or old in redrawn else MOVED_ONLY
        changes.append(
            Change(
                sort=sort,
                type=_type(two[key]),
                name=_label(after, two[key]),
                before=old,
                after=key,
                lane=_lane(after, two[key]),
                is_redrawn=old in redrawn,
                details=tuple(details),
            )
        )
    missing = [key for key in _reading_order(before, one) if key not in pairs]
    changes += [_whole(REMOVED, before, one[key], key, "") for key in missing]
    return MapComparison(tuple(changes), same, dict(Counter(change.sort for change in changes)))


def _elements(model: Model) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for group in (model.pools, model.lanes, model.nodes, model.flows):
        found |= group
    return {key: item for key, item in found.items() if not key.startswith("no-id-")}


def _is_same(one: Element, two: Element) -> bool:
    """Whether two elements of one id are the same thing. A task that became another task still is; a flow between
    two other steps is not: editors number flows anew."""
    if isinstance(one, Flow) and isinstance(two, Flow):
        return one.source == two.source or one.target == two.target
    return type(one) is type(two)


def _type(item: Element) -> str:
    if isinstance(item, Pool):
        return "participant"
    return "lane" if isinstance(item, Lane) else item.type


def _reading_order(model: Model, elements: dict[str, Element]) -> list[str]:
    """Pools and lanes, then nodes along the flow each with the flows that leave it, then the rest."""
    order = [key for key in (*model.pools, *model.lanes) if key in elements]
    leaving: dict[str, list[str]] = {}
    for flow in model.flows.values():
        leaving.setdefault(flow.source, []).append(flow.id)
    for key in (*flow_order(model), *model.nodes):
        order += [key, *leaving.get(key, ())]
    order += list(model.flows)
    return [key for key in dict.fromkeys(order) if key in elements]


def _label(model: Model, item: Element) -> str:
    if item.name:
        return item.name[:MAX_VALUE]
    if isinstance(item, Flow):
        ends = (model.name_of(item.source) or item.source, model.name_of(item.target) or item.target)
        return " → ".join(end[:100] for end in ends)
    return ""


def _lane(model: Model, item: Element) -> str:
    names = model.lane_names(item) if isinstance(item, Node) else ()
    return names[-1][:MAX_VALUE] if names else ""


def _whole(sort: str, model: Model, item: Element, before: str, after: str) -> Change:
    return Change(sort, _type(item), _label(model, item), before, after, _lane(model, item))


# Details


def _details(before: Model, after: Model, one: Element, two: Element, pairs: dict[str, str]) -> list[Detail]:
    details: list[Detail] = []

    def differs(name: str, old: object, new: object, is_visible: bool = True) -> None:
        if old != new:
            details.append(Detail(name, _words(old), _words(new), is_visible))

    differs("name", one.name, two.name)
    differs("type", _type(one), _type(two))
    if isinstance(one, Node) and isinstance(two, Node):
        differs("lane", " / ".join(before.lane_names(one)), " / ".join(after.lane_names(two)))
        differs("event", one.definitions, two.definitions)
        differs("event detail", one.definition_text, two.definition_text)
        differs("interrupts", one.is_interrupting, two.is_interrupting)
        differs("repeats", one.loop, two.loop)
        differs("called process", one.called, two.called)
        differs("attached to", pairs.get(one.attached_to, one.attached_to), two.attached_to)
        differs("state", one.state, two.state)
    if isinstance(one, Flow) and isinstance(two, Flow):
        for name, old, new in (("from", one.source, two.source), ("to", one.target, two.target)):
            if pairs.get(old, old) != new:
                details.append(Detail(name, before.name_of(old) or old, after.name_of(new) or new, True))
        differs("condition", one.condition, two.condition)
        differs("default", one.is_default, two.is_default)
    differs("documentation", one.documentation, two.documentation, is_visible=False)
    details += _invisible(one, two)
    return details


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))[:MAX_VALUE]
    return str(value)[:MAX_VALUE]


_SHOWN = frozenset({"default", "cancelActivity", "isInterrupting", "calledElement", "conditionExpression"})


def _invisible(one: Element, two: Element) -> list[Detail]:
    """Attributes and extensions that no drawing shows."""
    old, new = _grouped(one.properties), _grouped(two.properties)
    names = [name for name in dict.fromkeys([*old, *new]) if name.split("/")[0].split("@")[0] not in _SHOWN]
    return [
        Detail(
            name[:MAX_VALUE], "; ".join(old.get(name, ()))[:MAX_VALUE], "; ".join(new.get(name, ()))[:MAX_VALUE], False
        )
        for name in names
        if old.get(name) != new.get(name)
    ]


def _grouped(properties: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in properties:
        grouped.setdefault(name, []).append(value)
    return grouped


# Redrawn elements


def _redrawn(
    before: Model, after: Model, one: dict[str, Element], two: dict[str, Element], pairs: dict[str, str]
) -> dict[str, str]:
    """Proposals for what is left on both sides: first nodes by type and name, then flows by their ends."""
    found: dict[str, str] = {}
    left = [key for key in one if key not in pairs]
    free = [key for key in two if key not in set(pairs.values())]
    for strict in (True, False):
        index: dict[tuple[str, ...], list[str]] = {}
        taken = set(found.values())
        for key in free:
            if key not in taken and not isinstance(two[key], Flow):
                index.setdefault(_signature(after, two[key], strict=strict), []).append(key)
        for key in left:
            if key in found or isinstance(one[key], Flow):
                continue
            same = index.get(_signature(before, one[key], strict=strict), [])
            if len(same) == 1 and same[0] not in found.values() and one[key].name:
                found[key] = same[0]
    matched = pairs | found
    ends = {(two[key].source, two[key].target): key for key in free if isinstance(two[key], Flow)}
    for key in left:
        flow = one[key]
        if isinstance(flow, Flow):
            match = ends.get((matched.get(flow.source, ""), matched.get(flow.target, "")))
            if match is not None and match not in found.values():
                found[key] = match
    return found


def _signature(model: Model, item: Element, *, strict: bool) -> tuple[str, ...]:
    """Type and name; or name and the names around it, where the type may have changed."""
    name = " ".join(item.name.split()).casefold()
    if strict or not isinstance(item, Node):
        return (_type(item), name)
    around = [model.name_of(flow.source) for flow in model.incoming.get(item.id, ())]
    around += [model.name_of(flow.target) for flow in model.outgoing.get(item.id, ())]
    return (name, *sorted(one.casefold() for one in around))


# Moving


def _places(model: Model) -> dict[str, Box]:
    found: dict[str, Box] = {}
    for view in model.views:
        for shape in view.shapes:
            if shape.box is not None and shape.element in model.nodes:
                found.setdefault(shape.element, shape.box)
    return found


def _shift(pairs: dict[str, str], one: dict[str, Box], two: dict[str, Box]) -> tuple[float, float]:
    """How far the drawing as a whole was shifted: the commonest shift, so that one new lane on top moves nothing."""
    shifts = Counter(
        (round(two[new].x - one[old].x), round(two[new].y - one[old].y))
        for old, new in pairs.items()
        if old in one and new in two
    )
    return tuple(map(float, shifts.most_common(1)[0][0])) if shifts else (0.0, 0.0)


def _has_moved(one: Box | None, two: Box | None, shift: tuple[float, float]) -> bool:
    if one is None or two is None:
        return False
    return abs(two.x - one.x - shift[0]) > MOVED or abs(two.y - one.y - shift[1]) > MOVED
