"""An outline as a table becomes a map: branches, lanes, jumps, both sorts of table, and what is wrong with them."""

import pytest

from processes.bpmn.counting import count
from processes.bpmn.layout import lay_out
from processes.bpmn.plan import Plan
from processes.bpmn.reading import read
from processes.outline_table import UnreadableOutline, cells_of, read_outline

ORDERED = """Order,Activity,Condition,Who,Subprocess,Terminated
0,Vehicle arrives,,Dock team,,
1,Check seal,,,,
2a,Unload,Seal intact,,yes,
2b,Refuse load,else,Office,,yes
3a1,Count cases,,Dock team,,
3a2,Book in,,Office,,
3b1,Probe cases,,Dock team,,
4a,Repair papers,Papers missing,Office,,
4b,goto 6,else,,,
5,Ask again,,Office,,
6,Put away,,Dock team,,
7,,,,,yes
"""
VISIO = """Process Step ID\tProcess Step Description\tNext Step ID\tConnector Label\tShape Type\tFunction\tPhase
P100\tStart\tP200\t\tStart\tShop\tOrder
P200\tTake order\tP300\t\tProcess\tShop\tOrder
P300\tIn stock?\tP400,P500\tYes,No\tDecision\tStore\tOrder
P400\tPack\tP600\t\tProcess\tStore\tDeliver
P500\tOrder more\tP300\t\tProcess\tShop\tOrder
P600\tDone\t\t\tEnd\tStore\tDeliver
"""


def plan_of(text: str) -> Plan:
    return read_outline(cells_of(text), "Trial")


def flows_of(plan: Plan) -> set[tuple[str, str, str]]:
    names = {node.key: node.name or node.type for node in plan.pools[0].nodes}
    return {(names[flow.source], flow.name, names[flow.target]) for flow in plan.pools[0].flows}


def problems_of(text: str) -> list[tuple[int, str]]:
    with pytest.raises(UnreadableOutline) as caught:
        plan_of(text)
    return [(line, str(said)) for line, said in caught.value.problems]


def test_orders_become_branches_and_lanes() -> None:
    plan = plan_of(ORDERED)
    flows = flows_of(plan)
    assert plan.pools[0].lanes == ("Dock team", "Office")
    assert ("exclusiveGateway", "Seal intact", "Unload") in flows
    assert ("Refuse load", "", "endEvent") in flows
    assert ("parallelGateway", "", "Count cases") in flows
    assert ("Count cases", "", "Book in") in flows
    assert ("exclusiveGateway", "else", "Put away") in flows
    types = {node.name: node.type for node in plan.pools[0].nodes if node.name}
    assert (types["Vehicle arrives"], types["Unload"], types["Book in"]) == ("startEvent", "subProcess", "task")
    assert next(node.lane for node in plan.pools[0].nodes if node.name == "Check seal") == "Dock team"


def test_next_steps_become_flows_with_labels() -> None:
    plan = plan_of(VISIO)
    flows = flows_of(plan)
    assert ("In stock?", "Yes", "Pack") in flows
    assert ("Order more", "", "In stock?") in flows
    assert plan.pools[0].lanes == ("Shop", "Store")
    assert {node.documentation for node in plan.pools[0].nodes} >= {"Phase: Order", "Phase: Deliver"}


@pytest.mark.parametrize("text", [ORDERED, VISIO])
def test_every_node_and_flow_is_drawn(text: str) -> None:
    plan = plan_of(text)
    model = read(lay_out(plan))
    counts = count(model)
    pool = plan.pools[0]
    assert (counts.flow_nodes, counts.sequence_flows) == (len(pool.nodes), len(pool.flows))
    assert counts.lanes == 2
    assert counts.shapes >= len(pool.nodes)
    assert counts.edges == len(pool.flows)


def test_a_plain_list_needs_no_lanes() -> None:
    plan = plan_of("Order;Activity\n1;Pick\n2;Pack\n")
    assert flows_of(plan) == {("startEvent", "", "Pick"), ("Pick", "", "Pack"), ("Pack", "", "endEvent")}
    assert plan.pools[0].lanes == ()


def test_one_condition_may_be_skipped() -> None:
    flows = flows_of(plan_of("Order,Activity,Condition\n1,Pick,\n2a,Cool,Frozen\n3,Pack,\n"))
    assert ("exclusiveGateway", "Frozen", "Cool") in flows
    assert ("exclusiveGateway", "", "exclusiveGateway") in flows


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 0, "Paste a table"),
        ("Name,Who\nPick,Ann\n", 1, "must name the columns"),
        ("Order,Activity\n", 0, "no step"),
        ("Order,Activity\n1,Pick\n1,Pack\n", 3, "twice"),
        ("Order,Activity\nfirst,Pick\n", 2, "is no order"),
        ("Order,Activity\n1,Pick\n2,\n", 3, "Enter an activity"),
        ("Order,Activity\n1,Pick\n2,goto 9\n", 3, "could lead"),
        ("Order,Activity\n1,Pick\n2,goto 1\n", 2, "circle"),
        ("Process Step ID,Next Step ID\nA,B\n", 2, "no step with the id B"),
        ("Process Step ID,Next Step ID\nA,\nA,\n", 3, "twice"),
        ("Process Step ID,Next Step ID\n,A\nA,\n", 2, "Enter a step id"),
        ("Process Step ID,Next Step ID\nA,B\nB,A\n", 2, "circle"),
        ('Process Step ID,Next Step ID,Shape Type\nS,E,Start\nE,,End\nA,B,\nB,"A,E",\n', 4, "No start leads"),
        ("Order,Activity\n" + "\n".join(f"{n},x" for n in range(1, 503)), 0, "At most 500"),
    ],
)
def test_what_is_wrong_is_said_by_line(text: str, line: int, words: str) -> None:
    problems = problems_of(text)
    assert problems[0][0] == line
    assert words in problems[0][1]


def test_words_that_look_like_markup_stay_words() -> None:
    plan = plan_of("Order,Activity\n1,<script>alert(1)</script>\n")
    assert b"<script>" not in lay_out(plan)
