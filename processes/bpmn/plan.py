"""What is to be drawn, before anybody said where: pools with lanes, steps, flows and messages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlannedNode:
    """A step, event or gateway. ``definition`` is what an event waits for or sends ("timer", "message", …), with
    ``when`` as its time. ``at`` may fix its column and its track within the lane."""

    key: str
    type: str
    name: str = ""
    lane: str = ""
    definition: str = ""
    when: str = ""
    attached_to: str = ""
    is_interrupting: bool = True
    documentation: str = ""
    called: str = ""
    at: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class PlannedFlow:
    """A sequence flow within a pool."""

    source: str
    target: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """A message between two pools; an end is a node's key, or the key of a pool."""

    source: str
    target: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class PlannedPool:
    """A pool; without nodes a black box. Without ``name`` and lanes only the process is drawn."""

    key: str
    name: str = ""
    lanes: tuple[str, ...] = ()
    nodes: tuple[PlannedNode, ...] = ()
    flows: tuple[PlannedFlow, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole map. The pools are drawn from top to bottom."""

    name: str
    pools: tuple[PlannedPool, ...]
    messages: tuple[PlannedMessage, ...] = ()
