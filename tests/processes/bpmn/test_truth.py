"""All shared files are read, drawn and told exactly as counted, or refused with the line."""

from pathlib import Path
from typing import Any

from lxml import etree

from processes.bpmn.counting import count
from processes.bpmn.drawing import draw
from processes.bpmn.model import ACTIVITIES, FLOW_NODES
from processes.bpmn.ordering import flow_order
from processes.bpmn.reading import UnreadableMap, read


def test_every_shared_file_is_read_and_drawn_as_counted(shared_data: Path, bpmn_truth: dict[str, Any]) -> None:
    wrong, refused = [], {}
    for name, truth in bpmn_truth.items():
        try:
            model = read((shared_data / "bpmn/miwg" / name).read_bytes())
        except UnreadableMap as error:
            refused[name] = (str(error), error.line)
            continue
        counts = count(model).as_dict()
        wrong += [(name, key, value, truth[key]) for key, value in counts.items() if truth[key] != value]
        activities = truth["tasks"] + truth["sub_processes"] + truth["call_activities"]
        if sum(node.type in ACTIVITIES for node in model.nodes.values()) != activities:
            wrong.append((name, "activities", 0, activities))
        drawings = [draw(model, view, link="?element={}") for view in model.views]
        drawn = (sum(d.shapes for d in drawings), sum(d.edges for d in drawings))
        if drawn != (truth["shapes"], truth["edges"]):
            wrong.append((name, "drawn", drawn, (truth["shapes"], truth["edges"])))
        for drawing in drawings:
            root = etree.fromstring(drawing.svg(is_document=True))
            assert not root.xpath("//@id"), "two maps must fit on one page"
        order = flow_order(model)
        assert sorted(order) == sorted(node.id for node in model.nodes.values() if node.type in FLOW_NODES)
    assert wrong == []
    assert set(refused) == {name for name, truth in bpmn_truth.items() if not truth["parsable"]}
    for said, line in refused.values():
        assert line == 2
        assert "is not a valid URI" in said


def test_declared_encodings_are_respected(shared_data: Path, bpmn_truth: dict[str, Any]) -> None:
    foreign = [name for name, truth in bpmn_truth.items() if truth["declared_encoding"] != "UTF-8"]
    assert len(foreign) >= 28
    for name in foreign:
        model = read((shared_data / "bpmn/miwg" / name).read_bytes())
        assert not any("\N{REPLACEMENT CHARACTER}" in node.name for node in model.nodes.values())
