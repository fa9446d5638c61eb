"""The contract of every kind of record: who sees it, what is escaped, sent twice, saved on top, asked for many."""

from typing import Any

import pytest

from core.kinds import all_kinds
from core.kinds.api import KindApi
from core.pages.kind import RecordExportView, RecordHistoryView, RecordListView, RecordPageView, RecordSuggestView
from tests import contract, makers  # noqa: F401 - the makers register themselves
from tests.contract import MAKERS, PAYLOAD, Maker, World

pytestmark = pytest.mark.django_db

every_kind = pytest.mark.parametrize("one", MAKERS.values(), ids=MAKERS)


@pytest.fixture
def world(author, owner, auditor, reader, outsider, approver, administrator, make_person) -> World:
    named = make_person("Nora Named", "staff")
    return World(owner, author, auditor, named, reader, outsider, approver, administrator)


def test_every_kind_has_a_maker():
    assert {kind.key for kind in all_kinds()} == set(MAKERS)


def test_every_address_belongs_to_a_kind():
    assert contract.unclaimed_routes() == []


@every_kind
def test_every_address_can_be_filled(one: Maker, world: World):
    assert contract.unfillable(one, one.make(world)) == []


@pytest.mark.long
@every_kind
def test_confidential_record_is_hidden_everywhere(one: Maker, world: World):
    record = one.confidential(world)
    assert contract.leaks(one, record, world) == []


@every_kind
def test_confidential_record_is_seen_by_its_readers(one: Maker, world: World):
    record = one.confidential(world)
    assert contract.unseen(one, record, world) == []


@every_kind
def test_pages_answer_as_the_table_says(one: Maker, world: World):
    record = one.confidential(world)
    assert contract.wrong_answers(one, record, world) == []


@every_kind
def test_every_text_is_shown_as_text(one: Maker, world: World):
    assert contract.raw_payloads(one, one.make(world, PAYLOAD), world) == []


@every_kind
def test_what_is_sent_twice_happens_once(one: Maker, world: World):
    assert contract.sent_twice(one, world) == []


@every_kind
def test_no_update_is_lost(one: Maker, world: World):
    assert contract.lost_updates(one, one.make(world), world) == []


@every_kind
def test_many_records_ask_no_more_than_few(one: Maker, world: World):
    assert contract.growing_queries(one, world) == []


# --- the contract itself ------------------------------------------------------------------------------------------

DOORS = {
    "page": (RecordPageView, "/forklifts/FL-001/"),
    "history": (RecordHistoryView, "/forklifts/FL-001/history/"),
    "list": (RecordListView, "/forklifts/"),
    "export": (RecordExportView, "/forklifts/export.csv"),
    "suggestions": (RecordSuggestView, "/forklifts/suggest"),
    "API": (KindApi, "/api/forklifts"),
}


@pytest.mark.parametrize("door", DOORS)
def test_contract_notices_an_open_door(door: str, world: World, monkeypatch: pytest.MonkeyPatch):
    one = MAKERS["forklift"]
    record = one.confidential(world)
    view, address = DOORS[door]

    def everything(self: Any, *person: Any) -> Any:
        return one.kind.with_facts(one.kind.model.objects.all())

    monkeypatch.setattr(view, "get_queryset", everything)
    found = contract.leaks(one, record, world, people=("reader",))
    assert found
    assert all(address in line for line in found)


def test_contract_notices_a_parameter_that_nobody_fills(world: World, monkeypatch: pytest.MonkeyPatch):
    one = MAKERS["forklift"]
    monkeypatch.setattr(contract, "_value", lambda *about: (_ for _ in ()).throw(LookupError("No value")))
    assert contract.unfillable(one, one.make(world)) == ["No value"]
