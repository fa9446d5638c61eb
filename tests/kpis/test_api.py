"""Programs send and read values."""

import json

import pytest
from django.test import Client

from kpis.models import Measurement
from people.models import ApiToken


@pytest.fixture
def program(owner):
    return as_program(owner)


def as_program(person):
    _token, secret = ApiToken.make(person, name="test", scope=ApiToken.Scope.WRITE)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def send(client, kpi, *measurements, key="", code=None):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(
        f"/api/kpis/{code or kpi.code}/measurements",
        json.dumps({"measurements": measurements}),
        content_type="application/json",
        headers=headers,
    )


def test_program_sends_values_and_reads_them(program, kpi):
    answer = send(program, kpi, {"period": "2024-01", "value": "93.40"}, {"period": "2024-02-01", "value": 94.1})
    assert answer.status_code == 200, answer.content
    assert [(row["period"], row["value"], row["revision"]) for row in answer.json()] == [
        ("2024-01-01", "93.40", 1),
        ("2024-02-01", "94.1", 1),
    ]
    assert set(Measurement.objects.values_list("way", flat=True)) == {"api"}
    assert program.get(f"/api/kpis/{kpi.code}/measurements?since=2024-02-01").json()["count"] == 1
    assert program.get(f"/api/kpis/{kpi.code}").json()["title"] == kpi.title


def test_repeat_with_the_same_key_stores_once(program, kpi):
    first = send(program, kpi, {"period": "2024-01", "value": 5}, key="k1")
    again = send(program, kpi, {"period": "2024-01", "value": 5}, key="k1")
    assert (first.status_code, again.json()) == (200, first.json())
    assert send(program, kpi, {"period": "2024-01", "value": 6}, key="k1").status_code == 422
    assert Measurement.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"period": "2024-01"}, "value"),
        ({"period": "soon", "value": 1}, "period"),
        ({"period": "2024-01-15", "value": 1}, "period"),
        ({"period": "2199-01", "value": 1}, "period"),
        ({"period": "2024-01", "value": "1e300"}, "value"),
        ({"period": "2024-01", "value": "NaN"}, "value"),
        ({"period": "2024-01", "numerator": 1, "denominator": 2}, "value"),
        ({"period": "2024-01", "value": 1, "dimension_1": "North"}, "dimension_1"),
    ],
)
def test_refused_value_names_its_place_and_stores_none(program, kpi, sent, field):
    answer = send(program, kpi, {"period": "2024-03", "value": 1}, sent)
    assert answer.status_code == 422
    assert any("1" in map(str, one["loc"]) and field in one["loc"] for one in answer.json()["detail"]), answer.json()
    assert not Measurement.objects.exists()


def test_other_value_needs_a_reason(program, kpi):
    send(program, kpi, {"period": "2024-01", "value": 5})
    assert send(program, kpi, {"period": "2024-01", "value": 6}).status_code == 422
    answer = send(program, kpi, {"period": "2024-01", "value": 6, "reason": "Recount"})
    assert answer.json()[0]["revision"] == 2


def test_hidden_kpi_is_missing_and_readers_enter_nothing(make_kpi, department, outsider, reader):
    kpi = make_kpi("KPI-HID", audience="department", department=department)
    stranger, missing = (
        as_program(outsider),
        send(as_program(outsider), kpi, {"period": "2024-01", "value": 1}, code="NO"),
    )
    hidden = send(stranger, kpi, {"period": "2024-01", "value": 1})
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert stranger.get(f"/api/kpis/{kpi.code}/measurements").status_code == 404
    assert send(as_program(reader), kpi, {"period": "2024-01", "value": 1}).status_code == 403
