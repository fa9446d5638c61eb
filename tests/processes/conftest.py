"""A small tree that the tests of processes share."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from people.models import Person
from processes.models import Process
from processes.tree import start_process
from tests.ui.conftest import faults_in_every_look  # noqa: F401 - a fixture of the browser tests

Grower = Callable[..., Process]


@pytest.fixture
def grow(author: Person) -> Grower:
    """grow("Receive goods", parent) → a process that the officer started and owns."""

    def make(title: str, parent: Process | None = None, **facts: Any) -> Process:
        return start_process(by=facts.pop("by", author), title=title, parent=parent, **facts)

    return make


@pytest.fixture
def warehouse(grow: Grower) -> Process:
    return grow("Warehouse", code="P3")


@pytest.fixture
def inbound(grow: Grower, warehouse: Process) -> Process:
    return grow("Inbound", warehouse)


@pytest.fixture(scope="session")
def bpmn_truth(shared_data: Path) -> dict[str, Any]:
    """The counts of every shared file, by its path below ``bpmn/miwg``."""
    truth: dict[str, Any] = json.loads((shared_data / "bpmn/truth.json").read_text())["files"]
    return truth
