"""The text twin of a map: ordered steps by lane, decisions as questions with branches, events in words.

What search finds, what "Read as text" shows and what a comparison calls things. English; ``say`` translates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.safe.words import gettext_noop
from processes.bpmn.model import EVENTS, GATEWAYS, SUBPROCESSES, Flow, Model, Node
from processes.bpmn.naming import (
    EVENT_TYPES,
    Say,
    beyond,
    condition_of,
    end_words,
    messages_at,
    name_or_type,
    node_type_words,
    one_line,
    same,
)
from processes.bpmn.ordering import flow_order

_QUESTIONS = {
    "parallelGateway": gettext_noop("All of these, at the same time"),
    "inclusiveGateway": gettext_noop("One or more of these"),
    "complexGateway": gettext_noop("Depending on the rule"),
    "eventBasedGateway": gettext_noop("Whichever happens first"),
    "exclusiveGateway": gettext_noop("One of these"),
}
_STARTS = gettext_noop("Start")
_ENDS = gettext_noop("End")
_ENDS_ALL = gettext_noop("End of everything")
_GO_ON = gettext_noop("continue with %(number)s %(name)s")
_GO_BACK = gettext_noop("back to %(number)s %(name)s")
_NEXT = gettext_noop("Continue with %(number)s %(name)s")
_BACK = gettext_noop("Back to %(number)s %(name)s")
_END_NAMED = gettext_noop("end: %(name)s")
_END = gettext_noop("end")
_AFTER = gettext_noop("After %(what)s")
_ON = gettext_noop("On %(kind)s %(what)s")
_STOPS_NOT = gettext_noop("%(when)s, without stopping the work")
_SENDS = gettext_noop("Sends “%(what)s” to %(to)s")
_SENDS_TO = gettext_noop("Sends a message to %(to)s")
_GETS = gettext_noop("Receives “%(what)s” from %(from)s")
_GETS_FROM = gettext_noop("Receives a message from %(from)s")
_WAITS = gettext_noop("Waits: %(what)s")
_EACH = gettext_noop("Once for each, at the same time")
_EACH_AFTER = gettext_noop("Once for each, one after the other")
_AGAIN = gettext_noop("Repeated until done")
_CALLS = gettext_noop("Another process: %(what)s")
_OTHERWISE = gettext_noop("Otherwise")
_UNITS = {
    "Y": (gettext_noop("%(count)s year"), gettext_noop("%(count)s years")),
    "M": (gettext_noop("%(count)s month"), gettext_noop("%(count)s months")),
    "W": (gettext_noop("%(count)s week"), gettext_noop("%(count)s weeks")),
    "D": (gettext_noop("%(count)s day"), gettext_noop("%(count)s days")),
    "TH": (gettext_noop("%(count)s hour"), gettext_noop("%(count)s hours")),
    "TM": (gettext_noop("%(count)s minute"), gettext_noop("%(count)s minutes")),
    "TS": (gettext_noop("%(count)s second"), gettext_noop("%(count)s seconds")),
}
_DURATION = re.compile(r"P(?:\d+(?:\.\d+)?[YMWD])*(?:T(?:\d+(?:\.\d+)?[HMS])+)?")


@dataclass(frozen=True, slots=True)
class Branch:
    """One way on from a step: under which condition, where to in words, and the element reached."""

    condition: str
    words: str
    key: str


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the outline. ``depth`` counts the sub-processes around it; ``number`` is "3" or "3.1"."""

    key: str
    number: str
    depth: int
    type: str
    type_words: str
    name: str
    lane: str
    notes: tuple[str, ...] = ()
    branches: tuple[Branch, ...] = ()
    documentation: str = ""

    @property
    def is_decision(self) -> bool:
        return self.type in GATEWAYS

    @property
    def is_event(self) -> bool:
        return self.type in EVENTS


@dataclass(frozen=True, slots=True)
class Section:
    """The steps of one pool or process; ``name`` is empty where there is only one without a name."""

    name: str
    steps: tuple[Step, ...]


def duration_words(value: str, say: Say = same) -> str:
    """An ISO 8601 duration in words ("PT20M" → "20 minutes"); anything else as it stands."""
    value = value.strip()
    if len(value) < 3 or not _DURATION.fullmatch(value):
        return value
    words, is_time = [], False
    for mark, count, unit in re.findall(r"(T)|(\d+(?:\.\d+)?)([YMWDHS])", value[1:]):
        if mark:
            is_time = True
            continue
        one, many = _UNITS[f"T{unit}" if is_time else unit]
        words.append(say(one if count == "1" else many) % {"count": count})
    return " ".join(words)


def event_words(node: Node, say: Say = same) -> str:
    """When an event happens: "After 20 minutes", "On message Order"."""
    what = node.name or duration_words(node.definition_text, say)
    if node.definitions[:1] == ("timer",):
        what = duration_words(node.definition_text, say) or node.name
        words = say(_AFTER) % {"what": what} if re.match(r"P", node.definition_text) else what
    elif node.definitions:
        kind = say(EVENT_TYPES.get(node.definitions[0], node.definitions[0]))
        words = say(_ON) % {"kind": kind, "what": f"“{one_line(what)}”" if what else ""}
    else:
        words = what
    words = one_line(words) or node_type_words(node, say)
    return words if node.is_interrupting else say(_STOPS_NOT) % {"when": words}


def outline(model: Model, say: Say = same) -> tuple[Section, ...]:
    """The map as text, pool by pool."""
    return _Teller(model, say).sections()


def outline_lines(model: Model, say: Say = same) -> list[str]:
    """The outline as plain lines, and what else is written on the map: for search and for a comparison of words."""
    lines: list[str] = []
    for section in outline(model, say):
        if section.name:
            lines.append(section.name)
        for step in section.steps:
            words = f"{step.number} {step.name or step.type_words}".strip()
            lines.append(f"{words} ({step.lane})" if step.lane else words)
            lines += [
                f"{branch.condition}: {branch.words}" if branch.condition else branch.words for branch in step.branches
            ]
            lines += step.notes
            if step.documentation:
                lines.append(" ".join(step.documentation.split())[:2_000])
    lines += [
        one_line(node.name)
        for node in model.nodes.values()
        if not node.is_flow_node and node.name and node.type != "message"
    ]
    lines += [one_line(flow.name) for flow in model.flows.values() if flow.type == "messageFlow" and flow.name]
    lines += [
        " ".join(item.documentation.split())[:2_000]
        for item in (*model.processes.values(), *model.pools.values())
        if item.documentation
    ]
    return lines


class _Teller:
    def __init__(self, model: Model, say: Say) -> None:
        self.model, self.say = model, say
        self.numbers: dict[str, str] = {}
        self.order = [key for key in flow_order(model) if not self._is_silent(model.nodes[key])]
        self.places: dict[str, int] = {key: index for index, key in enumerate(self.order)}
        self._number()

    def _is_silent(self, node: Node) -> bool:
        """Merging gateways without a name say nothing; boundary events are told at their host."""
        if node.attached_to in self.model.nodes:
            return True
        onward = self.model.outgoing.get(node.id, [])
        return node.type in GATEWAYS and len(onward) <= 1 and not (node.name and not onward)

    def _number(self) -> None:
        counters: dict[str, int] = {}
        for key in self.order:
            parent = self.model.nodes[key].parent
            counters[parent] = counters.get(parent, 0) + 1
            above = self.numbers.get(parent, "")
            self.numbers[key] = f"{above}.{counters[parent]}" if above else str(counters[parent])

    def sections(self) -> tuple[Section, ...]:
        grouped: dict[str, list[Step]] = {}
        for key in self.order:
            node = self.model.nodes[key]
            grouped.setdefault(self.model.process_of(node), []).append(self._step(node))
        sections = []
        for process, steps in grouped.items():
            pool = self.model.pool_by_process.get(process)
            name = pool.name if pool is not None else ""
            if not name and process in self.model.processes:
                name = self.model.processes[process].name
            sections.append(Section(one_line(name), tuple(steps)))
        return tuple(sections)

    def _step(self, node: Node) -> Step:
        lanes = self.model.lane_names(node)
        return Step(
            key=node.id,
            number=self.numbers[node.id],
            depth=self.numbers[node.id].count("."),
            type=node.type,
            type_words=node_type_words(node, self.say),
            name=self._name(node),
            lane=one_line(lanes[-1]) if lanes else "",
            notes=tuple(self._notes(node)),
            branches=tuple(self._branches(node)),
            documentation=node.documentation,
        )

    def _name(self, node: Node) -> str:
        name = one_line(node.name)
        if node.type in GATEWAYS:
            return name or self.say(_QUESTIONS[node.type])
        if node.type == "startEvent":
            return name or (event_words(node, self.say) if node.definitions else self.say(_STARTS))
        if node.type == "endEvent":
            ends = self.say(_ENDS_ALL if "terminate" in node.definitions else _ENDS)
            return f"{ends}: {name}" if name else ends
        return name or node_type_words(node, self.say)

    def _notes(self, node: Node) -> list[str]:
        say, notes = self.say, []
        if node.type in EVENTS and node.definitions and node.type in {"intermediateCatchEvent", "startEvent"}:
            words = event_words(node, say)
            if words and words != one_line(node.name) and node.name:
                notes.append(say(_WAITS) % {"what": words} if node.type == "intermediateCatchEvent" else words)
        for flow in messages_at(self.model, node.id):
            notes.append(self._message(node, flow))
        if node.loop:
            notes.append(say({"loop": _AGAIN, "parallel": _EACH, "sequential": _EACH_AFTER}[node.loop]))
        if node.type == "callActivity" and node.called:
            called = self.model.name_of(node.called) or node.called
            if one_line(called) != one_line(node.name):
                notes.append(say(_CALLS) % {"what": one_line(called)})
        if node.type not in GATEWAYS:
            flows = beyond(self.model, node.id)
            if len(flows) == 1 and not condition_of(flows[0], say) and (words := self._jump(node, flows[0].target)):
                notes.append(words)
        return notes

    def _message(self, node: Node, flow: Flow) -> str:
        what = one_line(flow.name)
        if flow.source == node.id:
            to = end_words(self.model, flow.target, self.say)
            return self.say(_SENDS if what else _SENDS_TO) % {"what": what, "to": to}
        source = end_words(self.model, flow.source, self.say)
        return self.say(_GETS if what else _GETS_FROM) % {"what": what, "from": source}

    def _branches(self, node: Node) -> list[Branch]:
        branches = []
        flows = self.model.outgoing.get(node.id, [])
        is_split = node.type in GATEWAYS or len(flows) > 1
        for flow in flows:
            condition = condition_of(flow, self.say)
            if not is_split and not condition:
                continue
            target = self._told(flow.target)
            if not condition and node.type == "eventBasedGateway" and flow.target in self.model.nodes:
                condition = event_words(self.model.nodes[flow.target], self.say)
            branches.append(Branch(condition, self._way(node, target), target))
        for event in self.model.attached.get(node.id, ()):
            when = event_words(event, self.say)
            onward = self.model.outgoing.get(event.id, [])
            target = self._told(onward[0].target) if onward else ""
            branches.append(Branch(when, self._way(node, target) if target else self.say(_END), target or event.id))
        return branches

    def _told(self, key: str) -> str:
        """The next element that the outline tells, past merging gateways."""
        seen: set[str] = set()
        while key in self.model.nodes and key not in self.places and key not in seen:
            seen.add(key)
            onward = self.model.outgoing.get(key, [])
            if not onward:
                break
            key = onward[0].target
        return key

    def _way(self, node: Node, target: str) -> str:
        reached = self.model.nodes.get(target)
        if reached is None:
            return name_or_type(self.model, target, self.say)
        if reached.type == "endEvent":
            name = one_line(reached.name)
            return self.say(_END_NAMED) % {"name": name} if name else self.say(_END)
        pattern = _GO_BACK if self.places.get(target, 0) <= self.places.get(node.id, 0) else _GO_ON
        return self.say(pattern) % {"number": self.numbers.get(target, ""), "name": self._name(reached)}

    def _jump(self, node: Node, target: str) -> str:
        """Where it goes on, unless that is the next line."""
        target = self._told(target)
        place, here = self.places.get(target), self.places.get(node.id)
        if place is None or here is None:
            return ""
        following = here + 1
        if node.type in SUBPROCESSES:
            prefix = f"{self.numbers[node.id]}."
            while following < len(self.order) and self.numbers[self.order[following]].startswith(prefix):
                following += 1
        if place == following:
            return ""
        pattern = _BACK if place <= here else _NEXT
        reached = self.model.nodes[target]
        return self.say(pattern) % {"number": self.numbers[target], "name": self._name(reached)}
