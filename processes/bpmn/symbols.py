"""The signs of BPMN as SVG paths: what an event waits for, what a gateway does, of which sort a task is.

Each sign is a list of (class, path). Classes: ``line`` is only stroked, ``solid`` is filled with the stroke's colour,
``hollow`` is filled with the sheet's, ``fold`` is a line on something solid.
"""

from __future__ import annotations

import math

Sign = tuple[tuple[str, str], ...]


def _gear(teeth: int, outer: float, inner: float, x: float, y: float) -> str:
    points = []
    for index in range(teeth):
        start = 2 * math.pi * index / teeth
        for radius, share in ((inner, 0.0), (inner, 0.3), (outer, 0.4), (outer, 0.75), (inner, 0.85)):
            angle = start + 2 * math.pi / teeth * share
            points.append(f"{x + radius * math.cos(angle):.1f} {y + radius * math.sin(angle):.1f}")
    return f"M{'L'.join(points)}Z"


_ENVELOPE = "M-9-6.5H9V6.5H-9Z"
_FOLD = "M-9-6.5L0 1L9-6.5"
_PENTAGON = "M0-9.5L9-2.9L5.6 7.7H-5.6L-9-2.9Z"
_CROSS = "M-2.8-9H2.8V-2.8H9V2.8H2.8V9H-2.8V2.8H-9V-2.8H-2.8Z"

# Drawn around 0,0 in a circle of radius 18.
EVENT_SIGNS: dict[str, str] = {
    "error": "M-8.5 8L-3.6-7.5L2.2 1.2L8.5-8L3.6 7.5L-2.2-1.2Z",
    "escalation": "M0-9L7 8L0 1.5L-7 8Z",
    "cancel": "M-7.5-5L-5-7.5L0-2.5L5-7.5L7.5-5L2.5 0L7.5 5L5 7.5L0 2.5L-5 7.5L-7.5 5L-2.5 0Z",
    "compensate": "M-.5-6.5V6.5L-9.5 0ZM8.5-6.5V6.5L-.5 0Z",
    "link": "M-8-3.5H2V-8L9.5 0L2 8V3.5H-8Z",
    "signal": "M0-9L8.5 6.5H-8.5Z",
    "multiple": _PENTAGON,
    "parallelMultiple": _CROSS,
}


def event_sign(definitions: tuple[str, ...], is_parallel: bool, is_filled: bool) -> Sign:
    """The sign in an event; filled where it throws."""
    if not definitions:
        return ()
    kind = definitions[0]
    if len(definitions) > 1:
        kind = "parallelMultiple" if is_parallel else "multiple"
    body = "solid" if is_filled else "hollow"
    if kind == "message":
        return ((body, _ENVELOPE), ("fold" if is_filled else "line", _FOLD))
    if kind == "timer":
        ticks = "".join(
            f"M{9.2 * math.cos(a):.1f} {9.2 * math.sin(a):.1f}L{11 * math.cos(a):.1f} {11 * math.sin(a):.1f}"
            for a in (math.pi / 6 * hour for hour in range(12))
        )
        return (("hollow", "M-11 0a11 11 0 1 0 22 0a11 11 0 1 0-22 0Z"), ("line", f"M.8-8L0 0H5.5{ticks}"))
    if kind == "conditional":
        return (("hollow", "M-7-9H7V9H-7Z"), ("line", "M-4.5-5.5H4.5M-4.5-1.8H4.5M-4.5 1.8H4.5M-4.5 5.5H4.5"))
    if kind == "terminate":
        return (("solid", "M-10 0a10 10 0 1 0 20 0a10 10 0 1 0-20 0Z"),)
    if kind in EVENT_SIGNS:
        return ((body, EVENT_SIGNS[kind]),)
    return ()


def gateway_sign(kind: str, is_marked: bool, instantiates: bool, is_parallel: bool) -> Sign:
    """The sign in a gateway, around 0,0 in a rhombus of half width 25."""
    if kind == "exclusiveGateway":
        return (("bold", "M-7-9.5L7 9.5M7-9.5L-7 9.5"),) if is_marked else ()
    if kind == "parallelGateway":
        return (("bold", "M0-13V13M-13 0H13"),)
    if kind == "inclusiveGateway":
        return (("strong", "M-12 0a12 12 0 1 0 24 0a12 12 0 1 0-24 0Z"),)
    if kind == "complexGateway":
        return (("bold", "M0-14V14M-14 0H14M-9.5-9.5L9.5 9.5M9.5-9.5L-9.5 9.5"),)
    if kind == "eventBasedGateway":
        rings = "M-14.5 0a14.5 14.5 0 1 0 29 0a14.5 14.5 0 1 0-29 0Z"
        if not instantiates:
            rings += "M-12 0a12 12 0 1 0 24 0a12 12 0 1 0-24 0Z"
        inner = _CROSS if is_parallel else _PENTAGON
        return (("line", rings), ("small", inner))
    return ()


# In a square of 16, from its upper left corner.
TASK_SIGNS: dict[str, Sign] = {
    "userTask": (
        ("hollow", "M2 15.5C2 11 4.8 9 8 9s6 2 6 6.5Z"),
        ("hollow", "M8 8.6a3.6 3.6 0 1 0 0-7.2a3.6 3.6 0 0 0 0 7.2Z"),
    ),
    "manualTask": (
        (
            "hollow",
            "M4.2 15L1.4 10.2C.8 9 2.3 8.2 3 9.2L4.4 11V3.4C4.4 2 6.3 2 6.3 3.4V8V2.2C6.3.8 8.3.8 8.3 2.2V8V2.9"
            "C8.3 1.5 10.2 1.5 10.2 2.9V8.3V4.6C10.2 3.3 12 3.3 12 4.6V11C12 13.4 11.2 15 9.6 15Z",
        ),
    ),
    "serviceTask": (
        ("hollow", _gear(8, 7.5, 5.4, 8, 8)),
        ("hollow", "M5.6 8a2.4 2.4 0 1 0 4.8 0a2.4 2.4 0 1 0-4.8 0Z"),
    ),
    "sendTask": (("solid", "M.5 3H15.5V13.5H.5Z"), ("fold", "M.5 3L8 9L15.5 3")),
    "receiveTask": (("hollow", "M.5 3H15.5V13.5H.5Z"), ("line", "M.5 3L8 9L15.5 3")),
    "scriptTask": (
        ("hollow", "M4.5.8H14.5C11.2 3.6 11 5.2 12.6 8s1.6 4.4-1.1 7.2H1.5C4.2 12.4 4.2 10.8 2.6 8S1.2 3.6 4.5.8Z"),
        ("line", "M5 4.2H10M4.8 6.8H10M6 9.4H11M6 12H11"),
    ),
    "businessRuleTask": (
        ("hollow", "M.5 2H15.5V14H.5Z"),
        ("solid", "M.5 2H15.5V5.4H.5Z"),
        ("line", "M.5 9.7H15.5M5.2 5.4V14"),
    ),
}

# Around 0,0 in a square of 14: the row at the lower edge of an activity.
MARKERS: dict[str, Sign] = {
    "collapsed": (("hollow", "M-7-7H7V7H-7Z"), ("line", "M0-4.5V4.5M-4.5 0H4.5")),
    "loop": (("line", "M-2.6 5.6a6.2 6.2 0 1 1 5.2 0M-2.6 5.6L-6.6 5.8M-2.6 5.6L-2.2 1.6"),),
    "parallel": (("strong", "M-4.5-6V6M0-6V6M4.5-6V6"),),
    "sequential": (("strong", "M-6-4.5H6M-6 0H6M-6 4.5H6"),),
    "compensation": (("hollow", "M-.3-5.5V5.5L-7.3 0ZM6.7-5.5V5.5L-.3 0Z"),),
    "adhoc": (("strong", "M-7 2C-5-4-2.5-3.5 0-.2S5 3 7-2.5"),),
}
