"""Two maps compared: by id, by name where ids changed, also where no drawing shows it."""

from processes.bpmn.comparison import MapComparison, compare
from processes.bpmn.reading import read
from tests.processes.bpmn.conftest import bpmn, shape

ONE = (
    '<task id="a" name="Check"/><task id="b" name="Pack"/><sequenceFlow id="f" sourceRef="a" targetRef="b"/>'
    '<task id="c" name="Send"/><sequenceFlow id="g" sourceRef="b" targetRef="c"/>'
)


def changes(one: str, two: str, *planes: str) -> list[tuple[str, str, str]]:
    plane_one, plane_two = planes or ("", "")
    found = compare(read(bpmn(one, plane_one)), read(bpmn(two, plane_two)))
    assert MapComparison.from_data(found.as_data()) == found
    return [(change.sort, change.type, change.name) for change in found.changes]


def test_same_maps_have_no_changes() -> None:
    assert changes(ONE, ONE) == []


def test_renamed_added_and_removed() -> None:
    two = ONE.replace("Pack", "Pack cold").replace('<task id="c" name="Send"/>', '<task id="d" name="Ship"/>')
    two = two.replace('id="g" sourceRef="b" targetRef="c"', 'id="h" sourceRef="b" targetRef="d"')
    assert changes(ONE, two) == [
        ("changed", "task", "Pack cold"),
        ("added", "sequenceFlow", "Pack cold → Ship"),
        ("added", "task", "Ship"),
        ("removed", "sequenceFlow", "Pack → Send"),
        ("removed", "task", "Send"),
    ]


def test_new_ids_are_proposed_as_redrawn() -> None:
    two = ONE
    for letter in "abcfg":
        two = two.replace(f'"{letter}"', f'"new_{letter}"')
    found = compare(read(bpmn(ONE)), read(bpmn(two)))
    assert {change.sort for change in found.changes} == {"changed"}
    assert all(change.is_redrawn for change in found.changes)
    assert len(found.changes) == 5


def test_invisible_attributes_are_told() -> None:
    extended = (
        '<task id="a" name="Check"><extensionElements><x:cost xmlns:x="urn:x" per="9"/></extensionElements></task>'
    )
    found = compare(read(bpmn(ONE)), read(bpmn(ONE.replace('<task id="a" name="Check"/>', extended))))
    [change] = found.changes
    [detail] = change.details
    assert detail.name == "extensionElements/x:cost@per"
    assert (detail.before, detail.after, detail.is_visible) == ("", "9", False)


def test_shifting_the_whole_drawing_moves_nothing() -> None:
    before = shape("a", 0, 0) + shape("b", 200, 0) + shape("c", 400, 0)
    shifted = shape("a", 0, 300) + shape("b", 200, 300) + shape("c", 400, 300)
    one_moved = shape("a", 0, 0) + shape("b", 200, 90) + shape("c", 400, 0)
    assert changes(ONE, ONE, before, shifted) == []
    assert changes(ONE, ONE, before, one_moved) == [("moved", "task", "Pack")]
