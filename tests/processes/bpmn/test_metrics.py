"""Complexity in figures, also of maps without nodes or gateways."""

from pathlib import Path
from typing import Any

import pytest

from processes.bpmn.metrics import figures
from processes.bpmn.model import Model
from processes.bpmn.reading import UnreadableMap, read
from tests.processes.bpmn.conftest import bpmn


def values(model: Model) -> dict[str, float | None]:
    return {figure.key: figure.value for figure in figures(model)}


def test_figures_of_a_small_map() -> None:
    found = values(
        read(
            bpmn(
                '<startEvent id="s"/><exclusiveGateway id="g"/><task id="a"/><task id="b"/>'
                '<sequenceFlow id="1" sourceRef="s" targetRef="g"/><sequenceFlow id="2" sourceRef="g" targetRef="a"/>'
                '<sequenceFlow id="3" sourceRef="g" targetRef="b"/>'
            )
        )
    )
    assert found == {
        "size": 4,
        "activities": 2,
        "connectivity": 0.75,
        "gateway_degree": 3.0,
        "gateway_types": 1,
        "control_flow": 2,
        "depth": 0,
    }


def test_nothing_divides_by_nought() -> None:
    found = values(read(bpmn()))
    assert found["connectivity"] is None
    assert found["gateway_degree"] is None


@pytest.mark.long
def test_activities_of_every_shared_file_are_as_counted(shared_data: Path, bpmn_truth: dict[str, Any]) -> None:
    for name, truth in bpmn_truth.items():
        try:
            found = values(read((shared_data / "bpmn/miwg" / name).read_bytes()))
        except UnreadableMap:
            continue
        assert found["activities"] == truth["tasks"] + truth["sub_processes"] + truth["call_activities"], name
