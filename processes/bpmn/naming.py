"""Elements in words: what a type is called, and the sentence that names an element for people who hear the map.

English; every function takes ``say``, which turns a sentence into the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable

from core.safe.words import gettext_noop
from processes.bpmn.lettering import shorten
from processes.bpmn.model import CATCHING, GATEWAYS, SUBPROCESSES, Flow, Model, Node

Say = Callable[[str], str]

TYPES: dict[str, str] = {
    "task": gettext_noop("Task"),
    "userTask": gettext_noop("User task"),
    "manualTask": gettext_noop("Manual task"),
    "serviceTask": gettext_noop("Service task"),
    "sendTask": gettext_noop("Send task"),
    "receiveTask": gettext_noop("Receive task"),
    "scriptTask": gettext_noop("Script task"),
    "businessRuleTask": gettext_noop("Business rule task"),
    "callActivity": gettext_noop("Called process"),
    "subProcess": gettext_noop("Sub-process"),
    "transaction": gettext_noop("Transaction"),
    "adHocSubProcess": gettext_noop("Ad-hoc sub-process"),
    "exclusiveGateway": gettext_noop("Decision"),
    "parallelGateway": gettext_noop("Parallel gateway"),
    "inclusiveGateway": gettext_noop("Inclusive gateway"),
    "complexGateway": gettext_noop("Complex gateway"),
    "eventBasedGateway": gettext_noop("Event-based gateway"),
    "startEvent": gettext_noop("Start event"),
    "endEvent": gettext_noop("End event"),
    "intermediateCatchEvent": gettext_noop("Intermediate catch event"),
    "intermediateThrowEvent": gettext_noop("Intermediate throw event"),
    "implicitThrowEvent": gettext_noop("Intermediate throw event"),
    "event": gettext_noop("Event"),
    "boundaryEvent": gettext_noop("Boundary event"),
    "choreographyTask": gettext_noop("Choreography task"),
    "subChoreography": gettext_noop("Sub-choreography"),
    "callChoreography": gettext_noop("Called choreography"),
    "conversation": gettext_noop("Conversation"),
    "subConversation": gettext_noop("Sub-conversation"),
    "callConversation": gettext_noop("Called conversation"),
    "dataObject": gettext_noop("Data object"),
    "dataObjectReference": gettext_noop("Data object"),
    "dataStore": gettext_noop("Data store"),
    "dataStoreReference": gettext_noop("Data store"),
    "dataInput": gettext_noop("Data input"),
    "dataOutput": gettext_noop("Data output"),
    "message": gettext_noop("Message"),
    "textAnnotation": gettext_noop("Note"),
    "group": gettext_noop("Group"),
    "participant": gettext_noop("Pool"),
    "lane": gettext_noop("Lane"),
    "process": gettext_noop("Process"),
    "sequenceFlow": gettext_noop("Sequence flow"),
    "messageFlow": gettext_noop("Message flow"),
    "association": gettext_noop("Association"),
    "dataInputAssociation": gettext_noop("Data association"),
    "dataOutputAssociation": gettext_noop("Data association"),
    "conversationLink": gettext_noop("Conversation link"),
}
EVENT_TYPES: dict[str, str] = {
    "message": gettext_noop("message"),
    "timer": gettext_noop("timer"),
    "error": gettext_noop("error"),
    "escalation": gettext_noop("escalation"),
    "cancel": gettext_noop("cancellation"),
    "compensate": gettext_noop("compensation"),
    "conditional": gettext_noop("condition"),
    "link": gettext_noop("link"),
    "signal": gettext_noop("signal"),
    "terminate": gettext_noop("everything ends"),
}
_EVENT = gettext_noop("%(type)s (%(kinds)s)")
_LANE = gettext_noop("lane %(lane)s")
_POOL = gettext_noop("pool %(pool)s")
_ON = gettext_noop("on %(activity)s")
_LEADS_TO = gettext_noop("leads to %(next)s")
_BRANCH = gettext_noop("%(condition)s: %(next)s")
_SENDS = gettext_noop("sends a message to %(to)s")
_GETS = gettext_noop("receives a message from %(from)s")
_UNNAMED = gettext_noop("without name")
_OTHERWISE = gettext_noop("otherwise")


def same(text: str) -> str:
    """Leave a sentence in English."""
    return text


def type_words(kind: str, say: Say = same) -> str:
    """What a type is called: "User task" for ``userTask``."""
    return say(TYPES[kind]) if kind in TYPES else kind


def node_type_words(node: Node, say: Say = same) -> str:
    """The type of a node, for an event with what it waits for or sends."""
    words = type_words(node.type, say)
    if not node.definitions:
        return words
    kinds = ", ".join(dict.fromkeys(say(EVENT_TYPES.get(kind, kind)) for kind in node.definitions))
    return say(_EVENT) % {"type": words, "kinds": kinds}


def one_line(name: str) -> str:
    """A name on one line, at most 200 letters."""
    return " ".join(shorten(name).split())


def name_or_type(model: Model, key: str, say: Say = same) -> str:
    """The name of an element, or what it is where it has none."""
    name = one_line(model.name_of(key))
    if name:
        return name
    node = model.nodes.get(key)
    return node_type_words(node, say) if node else type_words(model.type_of(key), say) or key


def condition_of(flow: Flow, say: Say = same) -> str:
    """Under which condition a branch is taken: its name, else its expression, else that it is the default."""
    return one_line(flow.name) or one_line(flow.condition) or (say(_OTHERWISE) if flow.is_default else "")


def beyond(model: Model, key: str) -> list[Flow]:
    """The flows that leave a node; through unnamed merging gateways the way goes on."""
    flows, seen = model.outgoing.get(key, []), {key}
    while len(flows) == 1:
        target = model.nodes.get(flows[0].target)
        onward = model.outgoing.get(target.id, []) if target else []
        if target is None or target.id in seen or target.name or target.type not in GATEWAYS or len(onward) != 1:
            break
        seen.add(target.id)
        flows = onward
    return flows


def sentence(model: Model, node: Node, say: Say = same) -> str:
    """The name of an element for people who hear the map.

    "User task Check seal, lane Dock team, leads to Seal intact?"
    """
    parts = [" ".join(filter(None, (node_type_words(node, say), one_line(node.name))))]
    if not node.name and node.type in SUBPROCESSES:
        parts[0] = f"{parts[0]} {say(_UNNAMED)}"
    host = model.nodes.get(node.attached_to)
    if host is not None:
        parts.append(say(_ON) % {"activity": name_or_type(model, host.id, say)})
    if lanes := model.lane_names(node):
        parts.append(say(_LANE) % {"lane": one_line(lanes[-1])})
    elif (pool := model.pool_of(node)) is not None and pool.name:
        parts.append(say(_POOL) % {"pool": one_line(pool.name)})
    parts += _messages(model, node, say)
    flows = beyond(model, node.id)
    if len(flows) == 1 and not condition_of(flows[0], say):
        parts.append(say(_LEADS_TO) % {"next": name_or_type(model, flows[0].target, say)})
    elif flows:
        branches = "; ".join(_branch(model, flow, say) for flow in flows[:12])
        parts.append(say(_LEADS_TO) % {"next": branches})
    return ", ".join(parts)


def _branch(model: Model, flow: Flow, say: Say) -> str:
    target = name_or_type(model, flow.target, say)
    condition = condition_of(flow, say)
    return say(_BRANCH) % {"condition": condition, "next": target} if condition else target


def _messages(model: Model, node: Node, say: Say) -> list[str]:
    said = []
    for flow in messages_at(model, node.id):
        if flow.source == node.id:
            said.append(say(_SENDS) % {"to": end_words(model, flow.target, say)})
        else:
            said.append(say(_GETS) % {"from": end_words(model, flow.source, say)})
    return said[:4]


def end_words(model: Model, key: str, say: Say = same) -> str:
    """The far end of a message flow: a pool by name, an element with the pool that it is in."""
    node = model.nodes.get(key)
    pool = model.pool_of(node) if node else None
    if pool is not None and pool.name:
        return one_line(pool.name)
    return name_or_type(model, key, say)


def messages_at(model: Model, key: str) -> list[Flow]:
    """Message flows that begin or end at an element, in the order of the file."""
    return _messages_by_end(model).get(key, [])


def _messages_by_end(model: Model) -> dict[str, list[Flow]]:
    held: dict[str, list[Flow]] | None = model.__dict__.get("_messages_by_end")
    if held is None:
        held = {}
        for flow in model.flows.values():
            if flow.type == "messageFlow":
                for end in dict.fromkeys((flow.source, flow.target)):
                    held.setdefault(end, []).append(flow)
        model.__dict__["_messages_by_end"] = held
    return held


def is_catching(node: Node) -> bool:
    """Whether an event waits for something (its sign is drawn hollow)."""
    return node.type in CATCHING
