"""Five maps to start from, filled with an example that shows how such a map is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.safe.words import gettext_noop
from processes.bpmn.naming import Say, same
from processes.bpmn.plan import Plan, PlannedFlow, PlannedMessage, PlannedNode, PlannedPool


@dataclass(frozen=True, slots=True)
class Starting:
    """One starting map: its key, what it is called, and its plan in the reader's language."""

    key: str
    label: str
    plan: Callable[[Say], Plan]


def _flows(*pairs: str) -> tuple[PlannedFlow, ...]:
    """ "a>b" and "a>b:Yes" as flows."""
    flows = []
    for pair in pairs:
        ends, _colon, name = pair.partition(":")
        source, target = ends.split(">")
        flows.append(PlannedFlow(source, target, name))
    return tuple(flows)


_START, _END = gettext_noop("Request arrives"), gettext_noop("Request done")
_FIRST, _SECOND, _THIRD = (
    gettext_noop("Check the request"),
    gettext_noop("Do the work"),
    gettext_noop("Tell the result"),
)


def sequence(say: Say = same) -> Plan:
    """Three steps one after the other."""
    nodes = (
        PlannedNode("start", "startEvent", say(_START)),
        PlannedNode("check", "userTask", say(_FIRST)),
        PlannedNode("work", "userTask", say(_SECOND)),
        PlannedNode("tell", "userTask", say(_THIRD)),
        PlannedNode("done", "endEvent", say(_END)),
    )
    flows = _flows("start>check", "check>work", "work>tell", "tell>done")
    return Plan(say(gettext_noop("Sequence")), (PlannedPool("pool", "", (), nodes, flows),))


def two_lanes(say: Say = same) -> Plan:
    """The same with two job roles."""
    one, two = say(gettext_noop("Front office")), say(gettext_noop("Back office"))
    nodes = (
        PlannedNode("start", "startEvent", say(_START), one),
        PlannedNode("check", "userTask", say(_FIRST), one),
        PlannedNode("work", "userTask", say(_SECOND), two),
        PlannedNode("tell", "userTask", say(_THIRD), one),
        PlannedNode("done", "endEvent", say(_END), one),
    )
    flows = _flows("start>check", "check>work", "work>tell", "tell>done")
    name = say(gettext_noop("Our organisation"))
    return Plan(say(gettext_noop("Two lanes")), (PlannedPool("pool", name, (one, two), nodes, flows),))


def approval(say: Say = same) -> Plan:
    """An approval that can send the work back."""
    one, two = say(gettext_noop("Author")), say(gettext_noop("Approver"))
    yes, no = say(gettext_noop("Yes")), say(gettext_noop("No"))
    nodes = (
        PlannedNode("start", "startEvent", say(gettext_noop("Change is needed")), one),
        PlannedNode("write", "userTask", say(gettext_noop("Write the proposal")), one),
        PlannedNode("judge", "userTask", say(gettext_noop("Judge the proposal")), two),
        PlannedNode("good", "exclusiveGateway", say(gettext_noop("Good enough?")), two),
        PlannedNode("sign", "userTask", say(gettext_noop("Sign")), two),
        PlannedNode("done", "endEvent", say(gettext_noop("Approved")), two),
    )
    flows = _flows("start>write", "write>judge", "judge>good", f"good>sign:{yes}", f"good>write:{no}", "sign>done")
    name = say(gettext_noop("Our organisation"))
    return Plan(say(gettext_noop("Approval with rework")), (PlannedPool("pool", name, (one, two), nodes, flows),))


def two_parties(say: Say = same) -> Plan:
    """A customer as a black box, and messages both ways."""
    nodes = (
        PlannedNode("start", "startEvent", say(gettext_noop("Order arrives")), definition="message"),
        PlannedNode("pack", "userTask", say(gettext_noop("Pack the goods"))),
        PlannedNode("send", "sendTask", say(gettext_noop("Send the goods"))),
        PlannedNode("done", "endEvent", say(gettext_noop("Delivered"))),
    )
    pools = (
        PlannedPool("customer", say(gettext_noop("Customer"))),
        PlannedPool(
            "pool", say(gettext_noop("Our organisation")), (), nodes, _flows("start>pack", "pack>send", "send>done")
        ),
    )
    messages = (
        PlannedMessage("customer", "start", say(gettext_noop("Order"))),
        PlannedMessage("send", "customer", say(gettext_noop("Goods and invoice"))),
    )
    return Plan(say(gettext_noop("Two parties with messages")), pools, messages)


def by_timer(say: Say = same) -> Plan:
    """A step that is not done in time."""
    nodes = (
        PlannedNode("start", "startEvent", say(_START)),
        PlannedNode("work", "userTask", say(_SECOND)),
        PlannedNode("late", "boundaryEvent", say(gettext_noop("2 days")), "", "timer", "P2D", "work"),
        PlannedNode("call", "userTask", say(gettext_noop("Ask the manager"))),
        PlannedNode("done", "endEvent", say(_END)),
        PlannedNode("left", "endEvent", say(gettext_noop("Handed over"))),
    )
    flows = _flows("start>work", "work>done", "late>call", "call>left")
    return Plan(say(gettext_noop("Exception by timer")), (PlannedPool("pool", "", (), nodes, flows),))


STARTING: tuple[Starting, ...] = (
    Starting("sequence", gettext_noop("Sequence"), sequence),
    Starting("lanes", gettext_noop("Two lanes"), two_lanes),
    Starting("approval", gettext_noop("Approval with rework"), approval),
    Starting("parties", gettext_noop("Two parties with messages"), two_parties),
    Starting("timer", gettext_noop("Exception by timer"), by_timer),
)
