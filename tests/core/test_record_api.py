"""The API that a kind gets from its facts, shown on the trial kind."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.models import LedgerLine
from people.models import ApiToken
from tests.trial.models import Forklift

pytestmark = pytest.mark.django_db

FORKLIFTS = "/api/forklifts"


def program_of(person: Any) -> Client:
    """A client with a token of this person that may write."""
    _token, text = ApiToken.make(person, name="t", scope="write")
    return Client(headers={"Authorization": f"Bearer {text}"})


@pytest.fixture
def forklift(owner) -> Forklift:
    truck = Forklift(code="FL-1", title="Reach truck", owner=owner, department=owner.department, lift_height="4.50")
    truck.save(by=owner)
    return truck


@pytest.fixture
def send(author) -> Callable[..., Any]:
    """send("post", address, {…}, **headers) as a program of the officer."""
    program = program_of(author)

    def ask(method: str, address: str, sent: dict, **headers: str) -> Any:
        return getattr(program, method)(address, sent, content_type="application/json", headers=headers)

    return ask


def test_list_gives_facts_of_what_the_person_sees(forklift, owner, reader):
    hidden = Forklift(code="FL-2", title="Secret", owner=owner, audience="named")
    hidden.save(by=owner)
    found = program_of(reader).get(FORKLIFTS).json()
    assert (found["count"], [one["code"] for one in found["results"]]) == (1, ["FL-1"])
    assert found["results"][0]["owner"] == owner.email
    assert found["results"][0]["lift_height"] == "4.50"


@pytest.mark.parametrize("asked", [{"energy": "coal"}, {"colour": "red"}, {"sort": "weight"}, {"department": "99"}])
def test_unknown_filter_value_or_order_is_refused(forklift, author, asked):
    answer = program_of(author).get(FORKLIFTS, asked)
    assert answer.status_code == 400
    assert next(iter(asked)) in answer.json()["detail"]


def test_list_filters_sorts_and_pages(forklift, owner, author):
    Forklift(code="FL-2", title="Gas truck", energy="gas", owner=owner).save(by=owner)
    program = program_of(author)
    assert [one["code"] for one in program.get(FORKLIFTS, {"energy": "gas"}).json()["results"]] == ["FL-2"]
    found = program.get(FORKLIFTS, {"sort": "-code", "page_size": 1, "page": 2}).json()
    assert (found["count"], [one["code"] for one in found["results"]]) == (2, ["FL-1"])


def test_create_keeps_exact_values(send, owner, department):
    sent = {"title": "Reach truck", "owner": owner.email, "department": department.code, "lift_height": "4.25"}
    sent |= {"inspected_on": "2026-10-01", "battery_life": "PT7H30M", "drivers": [owner.email], "is_leased": True}
    answer = send("post", FORKLIFTS, sent)
    truck = Forklift.objects.get()
    assert answer.status_code == 201, answer.json()
    assert answer.json()["code"] == truck.code == "FL-001"
    assert (str(truck.lift_height), truck.battery_life.seconds, truck.is_leased) == ("4.25", 27_000, True)
    assert list(truck.drivers.all()) == [owner]


def test_same_key_creates_once(send):
    answers = [send("post", FORKLIFTS, {"title": "Truck"}, **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert Forklift.objects.count() == 1
    assert answers[0].json() == answers[1].json()
    assert send("post", FORKLIFTS, {"title": "Other"}, **{"Idempotency-Key": "k"}).status_code == 422


def test_what_is_wrong_is_said_by_field(send):
    answer = send("post", FORKLIFTS, {"title": " ", "owner": "nobody@example.org", "energy": "coal"})
    assert answer.status_code == 422
    assert {detail["loc"][-1] for detail in answer.json()["detail"]} == {"owner", "energy"}
    assert send("post", FORKLIFTS, {"title": " "}).json()["detail"][0]["loc"] == ["body", "title"]
    assert send("post", FORKLIFTS, {"title": "x", "wings": 2}).status_code == 422
    assert not Forklift.objects.exists()


def test_change_needs_the_row_version_that_was_read(send, forklift):
    address = f"{FORKLIFTS}/FL-1"
    assert send("patch", address, {"title": "New", "row_version": 9}).status_code == 409
    answer = send("patch", address, {"title": "New", "row_version": 1, "reason": "Renamed"})
    assert (answer.status_code, answer.json()["title"]) == (200, "New")
    assert LedgerLine.objects.get(event="changed").reason == "Renamed"


def test_move_takes_reason_and_answers_with_the_state(send, forklift):
    address = f"{FORKLIFTS}/FL-1/moves/stop"
    assert send("post", address, {"comment": ""}).status_code == 409
    answer = send("post", address, {"comment": "Chain worn"}, **{"Idempotency-Key": "m"})
    assert answer.json()["state"] == "out"
    assert send("post", address, {"comment": "Chain worn"}, **{"Idempotency-Key": "m"}).status_code == 200
    assert send("post", f"{FORKLIFTS}/FL-1/moves/fly", {}).status_code == 404


def test_hidden_record_is_missing_for_programs(forklift, owner, reader):
    forklift.audience = "named"
    forklift.save(by=owner)
    program = program_of(reader)
    assert program.get(f"{FORKLIFTS}/FL-1").status_code == 404
    sent = {"row_version": 1, "title": "x"}
    assert program.patch(f"{FORKLIFTS}/FL-1", sent, content_type="application/json").status_code == 404
    assert program.post(f"{FORKLIFTS}/FL-1/moves/stop", {}, content_type="application/json").status_code == 404


def test_reader_may_not_write(forklift, reader):
    program = program_of(reader)
    assert program.post(FORKLIFTS, {"title": "x"}, content_type="application/json").status_code == 403
    sent = {"row_version": 1, "title": "x"}
    assert program.patch(f"{FORKLIFTS}/FL-1", sent, content_type="application/json").status_code == 403


def test_description_names_every_field(author):
    found = program_of(author).get("/api/openapi.json").json()
    assert {"lift_height", "battery_life"} <= found["components"]["schemas"]["NewForklift"]["properties"].keys()
    post = found["paths"]["/api/forklifts"]["post"]
    assert "Idempotency-Key" in {parameter["name"] for parameter in post["parameters"]}
