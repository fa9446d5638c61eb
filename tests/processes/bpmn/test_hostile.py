"""Broken, huge and hostile files end in a sentence; odd ones are read with a word about what is odd."""

import time

import pytest
from lxml import etree

from processes.bpmn.drawing import MAX_CANVAS, draw
from processes.bpmn.ordering import flow_order
from processes.bpmn.reading import UnreadableMap, read
from tests.processes.bpmn.conftest import bpmn, edge, shape

TASK = '<task id="t" name="Check"/>'


def refusal(data: bytes) -> tuple[str, int | None]:
    with pytest.raises(UnreadableMap) as caught:
        read(data)
    return str(caught.value), caught.value.line


@pytest.mark.parametrize(
    ("data", "words", "line"),
    [
        (b"", "empty", None),
        (b"%PDF-1.7", "not well formed", 1),
        (b"<a>\n<b>\n</a>", "not well formed", 3),
        (b"<html></html>", "not a BPMN 2.0 file", 1),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]>\n<x>&a;</x>", "DOCTYPE", 1),
        (b'<?xml version="1.0"?>\n<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "DOCTYPE", 2),
        (b'<?xml version="1.0" encoding="utf-7"?><x/>', "encoding", 1),
        (b"<definitions><process/></definitions>", "not a BPMN 2.0 file", 1),
    ],
)
def test_what_is_no_map_is_refused_in_words(data: bytes, words: str, line: int | None) -> None:
    said, where = refusal(data)
    assert words in said
    assert where == line


def test_entity_bomb_in_another_encoding_is_refused() -> None:
    bomb = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    assert "DOCTYPE" in refusal(bomb.encode("utf-16"))[0] or refusal(bomb.encode("utf-16"))[0]


def test_huge_files_are_refused_before_any_parser() -> None:
    started = time.perf_counter()
    assert "at most 10 MB" in refusal(b"<a>" + b"x" * (50 * 1024**2))[0]
    assert "XML tags" in refusal(b"<a>" * 300_000)[0]
    assert "too long" in refusal(bpmn(f'<task id="t" name="{"x" * 200_000}"/>'))[0]
    assert "deep" in refusal(b"<a>" * 5_000 + b"</a>" * 5_000)[0]
    assert time.perf_counter() - started < 1


def test_id_used_twice_is_refused_with_its_line() -> None:
    said, line = refusal(bpmn('<task id="t"/>\n<task id="t"/>'))
    assert "“t” is used twice" in said
    assert line == 4


def test_ids_of_extensions_may_repeat() -> None:
    model = read(bpmn('<task id="t"><extensionElements><x:y xmlns:x="urn:x" id="t"/></extensionElements></task>'))
    assert set(model.nodes) == {"t"}


def test_flow_to_nothing_is_named_and_drawn() -> None:
    model = read(
        bpmn(
            f'{TASK}<sequenceFlow id="f" sourceRef="t" targetRef="gone"/>',
            shape("t", 0, 0) + edge("f", (100, 40), (200, 40)),
        )
    )
    assert any("“gone”" in issue for issue in model.issues)
    assert draw(model, model.views[0]).edges == 1


def test_diagram_that_points_nowhere_is_drawn_and_named() -> None:
    model = read(bpmn(TASK, shape("nowhere", 0, 0), about="nothing"))
    assert any("“nowhere”" in issue for issue in model.issues)
    assert any("“nothing”" in issue for issue in model.issues)
    assert draw(model, model.views[0]).shapes == 1


def test_edges_without_points_join_their_shapes() -> None:
    flows = '<task id="u"/><sequenceFlow id="f" sourceRef="t" targetRef="u"/>'
    flows += '<association id="a" sourceRef="t" targetRef="x"/>'
    model = read(bpmn(TASK + flows, shape("t", 0, 0) + shape("u", 300, 0) + edge("f") + edge("a")))
    drawing = draw(model, model.views[0])
    assert drawing.ways["f"][0][0] == pytest.approx(100, abs=1)
    assert drawing.ways["f"][-1][0] == pytest.approx(300, abs=1)
    assert any("is not drawn" in issue for issue in drawing.issues)


@pytest.mark.parametrize("value", ["NaN", "inf", "1e9", "", "twelve"])
def test_bounds_that_are_no_numbers_are_named(value: str) -> None:
    model = read(bpmn(TASK, shape("t", value, 0)))  # type: ignore[arg-type]
    assert any("cannot be drawn" in issue for issue in model.issues)
    assert draw(model, model.views[0]).shapes == 0


def test_two_planes_in_one_diagram_are_two_views() -> None:
    plane = shape("t", 0, 0) + '</bpmndi:BPMNPlane><bpmndi:BPMNPlane id="second" bpmnElement="p">' + shape("u", 0, 0)
    model = read(bpmn(TASK + '<task id="u"/>', plane))
    assert [len(view.shapes) for view in model.views] == [1, 1]


def test_children_of_a_collapsed_sub_process_are_a_view() -> None:
    process = f'<subProcess id="s" name="Inside">{TASK}</subProcess>'
    model = read(bpmn(process, shape("s", 0, 0, extra='isExpanded="false"') + shape("t", 0, 300)))
    assert [view.name for view in model.views][1:] == ["Inside"]
    assert [len(view.shapes) for view in model.views] == [1, 1]


def test_names_of_200000_letters_are_drawn_fast() -> None:
    long = "w" * 100_000 + " x" * 50_000
    note = f'<textAnnotation id="n"><text>{long}</text></textAnnotation>'
    model = read(bpmn(note + f'<task id="t" name="{"q" * 100_000}"/>', shape("n", 0, 0) + shape("t", 200, 0)))
    started = time.perf_counter()
    svg = draw(model, model.views[0], link="?element={}").svg()
    assert time.perf_counter() - started < 0.2
    assert len(svg) < 6_000


def test_scripts_in_labels_stay_text() -> None:
    name = "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;x"
    process = f'<task id="t&quot; onclick=&quot;x" name="{name}"/>'
    plane = shape("t&quot; onclick=&quot;x", 0, 0)
    plane = plane.replace(
        "<bpmndi:BPMNShape",
        '<bpmndi:BPMNShape xmlns:b="http://bpmn.io/schema/bpmn/biocolor/1.0" b:fill="url(javascript:x)"',
        1,
    )
    model = read(bpmn(process, plane))
    root = etree.fromstring(draw(model, model.views[0], link="?element={}").svg())
    assert root.xpath("//*[local-name()='script'] | //@onload | //@onclick") == []
    assert "javascript" not in etree.tostring(root).decode()


def test_far_apart_shapes_are_bounded() -> None:
    model = read(bpmn(TASK + '<task id="u"/>', shape("t", -900_000, 0) + shape("u", 900_000, 0)))
    drawing = draw(model, model.views[0])
    assert drawing.is_vast
    assert f'width="{int(MAX_CANVAS)}"' in drawing.svg()
    assert len(drawing.sheets()) == 1


def test_sub_process_inside_itself_does_not_hang() -> None:
    process = "".join(f'<subProcess id="s{i}">' for i in range(60)) + "</subProcess>" * 60
    model = read(bpmn(process))
    assert len(flow_order(model)) == 60


def test_long_chain_is_ordered_without_recursion() -> None:
    tasks = "".join(f'<task id="t{i}"/>' for i in range(4_000))
    flows = "".join(f'<sequenceFlow id="f{i}" sourceRef="t{i}" targetRef="t{i + 1}"/>' for i in range(3_999))
    assert flow_order(read(bpmn(tasks + flows)))[:3] == ["t0", "t1", "t2"]


def test_map_without_drawing_says_so() -> None:
    model = read(bpmn(TASK))
    assert model.diagrams == 0
    assert any("no drawing" in issue for issue in model.issues)
