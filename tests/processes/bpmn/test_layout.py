"""A plan becomes a whole map: nothing missing, nothing on top of each other, flows that end at their nodes."""

import pytest

from processes.bpmn.counting import count
from processes.bpmn.layout import lay_out
from processes.bpmn.model import ACTIVITIES, Model
from processes.bpmn.reading import read
from processes.bpmn.relayout import laid_out
from processes.bpmn.starting import STARTING
from tests.processes.bpmn.conftest import bpmn


def overlaps(model: Model) -> list[tuple[str, str]]:
    boxes = [
        (shape.element, shape.box)
        for shape in model.views[0].shapes
        if shape.box is not None and model.type_of(shape.element) in ACTIVITIES
    ]
    return [
        (one, two)
        for index, (one, a) in enumerate(boxes)
        for two, b in boxes[index + 1 :]
        if a.x < b.right and a.right > b.x and a.y < b.bottom and a.bottom > b.y
    ]


@pytest.mark.parametrize("key", [each.key for each in STARTING])
def test_examples_are_whole_maps(key: str) -> None:
    plan = next(each for each in STARTING if each.key == key).plan(str)
    model = read(lay_out(plan))
    assert model.issues == ()
    assert count(model).flow_nodes == sum(len(pool.nodes) for pool in plan.pools)
    assert count(model).edges == count(model).sequence_flows + count(model).message_flows
    assert overlaps(model) == []


def test_file_without_drawing_is_laid_out_whole() -> None:
    tasks = "".join(f'<task id="t{n}" name="Step {n}"/>' for n in range(12))
    flows = "".join(f'<sequenceFlow id="f{n}" sourceRef="t{n}" targetRef="t{(n * 5 + 1) % 12}"/>' for n in range(12))
    model = read(bpmn(tasks + flows))
    data = laid_out(model)
    assert data is not None
    drawn = read(data)
    assert set(drawn.nodes) == set(model.nodes)
    assert count(drawn).sequence_flows == 12
    assert overlaps(drawn) == []


def test_what_cannot_be_laid_out_whole_is_not() -> None:
    assert laid_out(read(bpmn('<subProcess id="s"><task id="t"/></subProcess>'))) is None
    assert laid_out(read(bpmn())) is None
    assert laid_out(read(bpmn('<task id="t"/><sequenceFlow id="f" sourceRef="t" targetRef="gone"/>'))) is None
