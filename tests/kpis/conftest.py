"""KPIs to work with, for the cast that every test knows."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kpis.measuring import Entry, enter
from kpis.models import Kpi
from people.models import Person
from tests.ui.conftest import faults_in_every_look  # noqa: F401 - a fixture of the browser tests

MakeKpi = Callable[..., Kpi]


@pytest.fixture
def make_kpi(owner: Person) -> MakeKpi:
    """make_kpi(code, **fields) → a KPI in use since January 2024."""

    def make(code: str = "KPI-001", *, in_use: bool = True, **fields: Any) -> Kpi:
        defaults: dict[str, Any] = {"title": "Orders shipped on time", "owner": owner, "starts_on": date(2024, 1, 1)}
        kpi = Kpi(code=code, **(defaults | fields))
        kpi.save(by=kpi.owner or owner, reason="created")
        return kpi.move("use", by=kpi.owner) if in_use else kpi

    return make


@pytest.fixture
def kpi(make_kpi: MakeKpi) -> Kpi:
    """A plain number, monthly."""
    return make_kpi()


@pytest.fixture
def ratio(make_kpi: MakeKpi) -> Kpi:
    """A share in per cent, monthly, by site."""
    return make_kpi(
        "KPI-002", kind="ratio", per=100, unit="%", aggregation="ratio_of_sums", dimension_1="Site", title="Damage rate"
    )


@pytest.fixture
def enter_values(owner: Person) -> Callable[..., list[str]]:
    """enter_values(kpi, {"2024-01": 93.4}) stores plain values."""

    def put(kpi: Kpi, values: dict[str, Any], **fields: Any) -> list[str]:
        entries = [
            Entry(date.fromisoformat(f"{month}-01"), value=Decimal(str(value)), **fields)
            for month, value in values.items()
        ]
        return enter(kpi, entries, by=owner, way="form")

    return put
