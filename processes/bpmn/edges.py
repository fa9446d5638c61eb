"""Drawing one connection: cropped where it meets its shapes, with its ends and its label."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from processes.bpmn.lettering import fit
from processes.bpmn.model import EVENTS, GATEWAYS, Box, Edge, Flow
from processes.bpmn.shapes import Label
from processes.bpmn.svg import n, path, polyline

Point = tuple[float, float]
_NEAR = 12.0  # pixels; an end further from its shape than this is left where it is


@dataclass(slots=True)
class DrawnEdge:
    """One connection as drawn."""

    figure: str
    points: list[Point]
    labels: list[Label] = field(default_factory=list)


def is_inside(kind: str, box: Box, x: float, y: float) -> bool:
    """Whether a point lies in the shape of this type: circle, rhombus or box."""
    cx, cy = box.middle
    if kind in EVENTS:
        return math.hypot(x - cx, y - cy) < min(box.width, box.height) / 2 - 0.5
    if kind in GATEWAYS:
        return abs(x - cx) / max(box.width / 2, 1) + abs(y - cy) / max(box.height / 2, 1) < 0.98
    return box.x + 0.5 < x < box.right - 0.5 and box.y + 0.5 < y < box.bottom - 0.5


def crop(points: list[Point], kind: str, box: Box) -> list[Point]:
    """Points whose last one lies on the border of the shape, where it lay inside and the one before outside."""
    while len(points) > 2 and is_inside(kind, box, *points[-1]) and is_inside(kind, box, *points[-2]):
        points = points[:-1]
    if len(points) < 2 or not is_inside(kind, box, *points[-1]) or is_inside(kind, box, *points[-2]):
        return points
    outer, inner = points[-2], points[-1]
    for _step in range(20):
        middle = ((outer[0] + inner[0]) / 2, (outer[1] + inner[1]) / 2)
        if is_inside(kind, box, *middle):
            inner = middle
        else:
            outer = middle
    return [*points[:-1], outer]


def draw_edge(
    flow: Flow | None,
    edge: Edge,
    source: tuple[str, Box] | None,
    target: tuple[str, Box] | None,
    *,
    name: str = "",
    source_kind: str = "",
) -> DrawnEdge | None:
    """The connection; None where the file gives neither a way nor two ends to join."""
    points = list(edge.points)
    if len(points) < 2:
        if source is None or target is None:
            return None
        points = [source[1].middle, target[1].middle]
    kind = flow.type if flow is not None else ""
    if target is not None:
        points = crop(points, *target)
    if source is not None:
        points = crop(points[::-1], *source)[::-1]
    if kind == "messageFlow":
        has_message = (flow is not None and flow.has_message) or edge.has_message
        figure = _message_flow(points, edge.stroke, has_message)
    elif kind == "association" or kind.startswith("data"):
        direction = "One" if kind.startswith("data") else flow.direction if flow is not None else ""
        figure = _association(points, edge.stroke, direction)
    elif kind == "conversationLink":
        figure = path(polyline(points), f"double{_own(edge.stroke)}", _stroke(edge.stroke))
        figure += path(polyline(points), "double-gap")
    else:
        figure = _sequence_flow(points, edge.stroke, flow, source_kind)
    return DrawnEdge(figure, points, _labels(name, edge, points))


def _own(stroke: str) -> str:
    return " os" if stroke else ""


def _stroke(stroke: str) -> str:
    return f' stroke="{stroke}"' if stroke else ""


def _message_flow(points: list[Point], stroke: str, has_message: bool) -> str:
    own, style = _own(stroke), _stroke(stroke)
    x, y = _towards(points[0], points[1], 5.0)
    way = [_towards(points[0], points[1], 9.0), *points[1:]]
    drawn = path(polyline(way), f"flow msg{own}", style)
    drawn += f'<circle class="head-open{own}" cx="{n(x)}" cy="{n(y)}" r="4"{style}/>'
    drawn += path(_arrow(points, 11, 5.5), f"head-open{own}", style)
    if has_message:
        x, y, _is_level = middle_of(points)
        drawn += _envelope(x, y, own, style)
    return drawn


def _association(points: list[Point], stroke: str, direction: str) -> str:
    own, style = _own(stroke), _stroke(stroke)
    drawn = path(polyline(points), f"flow dots{own}", style)
    if direction in {"One", "Both"}:
        drawn += path(_open_arrow(points), f"line{own}", style)
    if direction == "Both":
        drawn += path(_open_arrow(points[::-1]), f"line{own}", style)
    return drawn


def _sequence_flow(points: list[Point], stroke: str, flow: Flow | None, source_kind: str) -> str:
    own, style = _own(stroke), _stroke(stroke)
    drawn = path(polyline(points), f"flow{own}", style)
    fill = f' fill="{stroke}"' if stroke else ""
    drawn += path(_arrow(points, 11, 4.2), f"head{' of os' if own else ''}", f"{fill}{style}")
    if flow is not None and flow.is_default:
        drawn += path(_slash(points), f"line{own}", style)
    elif flow is not None and flow.condition and source_kind and source_kind not in GATEWAYS:
        drawn += path(_diamond(points), f"head-open{own}", style)
    return drawn


def _labels(name: str, edge: Edge, points: list[Point]) -> list[Label]:
    if not name:
        return []
    if edge.label is not None:
        place = edge.label
        lettering = fit(name, max(90.0, place.width), max(place.height, 48.0))
        return [Label(lettering, place.x + place.width / 2, place.y, edge.text_colour)]
    x, y, is_level = middle_of(points)
    lettering = fit(name, 90.0, 60.0)
    if is_level:
        return [Label(lettering, x, y - lettering.height - 3, edge.text_colour)]
    return [Label(lettering, x + lettering.width / 2 + 5, y - lettering.height / 2, edge.text_colour)]


def middle_of(points: list[Point]) -> tuple[float, float, bool]:
    """The middle of a way by its length, and whether the piece it lies on is level."""
    lengths = [math.dist(one, two) for one, two in zip(points, points[1:], strict=False)]
    left = sum(lengths) / 2
    for (one, two), length in zip(zip(points, points[1:], strict=False), lengths, strict=True):
        if length >= left and length > 0:
            share = left / length
            x, y = one[0] + (two[0] - one[0]) * share, one[1] + (two[1] - one[1]) * share
            return x, y, abs(two[0] - one[0]) >= abs(two[1] - one[1])
        left -= length
    return (*points[0], True)


def _towards(start: Point, end: Point, distance: float) -> Point:
    length = math.dist(start, end)
    if length == 0:
        return start
    share = min(1.0, distance / length)
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _direction(points: list[Point]) -> tuple[Point, float, float]:
    """The last point, and the unit vector that the way arrives with."""
    tip = points[-1]
    before = next((point for point in reversed(points[:-1]) if math.dist(point, tip) > 0.5), None)
    if before is None:
        return tip, 1.0, 0.0
    length = math.dist(before, tip)
    return tip, (tip[0] - before[0]) / length, (tip[1] - before[1]) / length


def _arrow(points: list[Point], length: float, half: float) -> str:
    (x, y), dx, dy = _direction(points)
    bx, by = x - dx * length, y - dy * length
    return f"M{n(x)} {n(y)}L{n(bx - dy * half)} {n(by + dx * half)}L{n(bx + dy * half)} {n(by - dx * half)}Z"


def _open_arrow(points: list[Point]) -> str:
    (x, y), dx, dy = _direction(points)
    bx, by = x - dx * 8, y - dy * 8
    return f"M{n(bx - dy * 5)} {n(by + dx * 5)}L{n(x)} {n(y)}L{n(bx + dy * 5)} {n(by - dx * 5)}"


def _slash(points: list[Point]) -> str:
    x, y = _towards(points[0], points[1], 10.0)
    _tip, dx, dy = _direction([points[0], points[1]])
    ax, ay = dx * 0.5 - dy * 0.87, dy * 0.5 + dx * 0.87
    return f"M{n(x - ax * 6)} {n(y - ay * 6)}L{n(x + ax * 6)} {n(y + ay * 6)}"


def _diamond(points: list[Point]) -> str:
    (x, y) = points[0]
    _tip, dx, dy = _direction([points[0], points[1]])
    mx, my = x + dx * 8, y + dy * 8
    return (
        f"M{n(x)} {n(y)}L{n(mx - dy * 5)} {n(my + dx * 5)}L{n(x + dx * 16)} {n(y + dy * 16)}"
        f"L{n(mx + dy * 5)} {n(my - dx * 5)}Z"
    )


def _envelope(x: float, y: float, own: str, style: str) -> str:
    body = f"M{n(x - 11)} {n(y - 8)}h22v16h-22Z"
    fold = f"M{n(x - 11)} {n(y - 8)}l11 9l11-9"
    return path(body, f"hollow{own}", style) + path(fold, f"line{own}", style)
