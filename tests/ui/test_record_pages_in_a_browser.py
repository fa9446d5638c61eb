"""The pages of a kind as people meet them: desk and phone, both themes, shown on the trial kind."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page

from people.fields import written
from people.groups import ensure_groups
from tests.browser import enter
from tests.trial.models import Forklift

pytestmark = pytest.mark.django_db(transaction=True)

TRUCKS = (
    ("Reach truck, aisle 4", "battery", "4.50"),
    ("Counterbalance truck, dock", "gas", "3.20"),
    ("Order picker, mezzanine", "battery", "9.75"),
)


@pytest.fixture
def forklifts(transactional_db: None) -> None:
    """The groups as the code has them; forklifts are made by the form, as people make them."""
    ensure_groups()


@pytest.mark.long
def test_axe_finds_nothing_on_pages_of_a_kind(
    page: Page, live_server, forklifts, faults_in_every_look: Callable, author, owner, reader
) -> None:
    client = enter(page.context, live_server, author)
    sent = {"owner": written(owner), "department": owner.department_id, "drivers": written(reader)}
    for title, energy, height in TRUCKS:
        facts = {"title": title, "energy": energy, "lift_height": height, "inspected_on": date(2026, 10, 1)}
        facts |= {"battery_life": timedelta(hours=7.5), "serial": "0b7c9e58-4f0e-4c52-9a55-1d5f4f5e0d11"}
        client.post("/forklifts/new/", sent | facts | {"audience": "everyone", "note": "Left fork was replaced."})
    client.post("/views/forklift/", {"name": "Gas", "query": "energy=gas", "is_shared": "on"})
    truck = Forklift.objects.get(code="FL-001")
    facts |= {"title": "Reach truck, aisle 5", "energy": "gas", "change_reason": "Moved to the next aisle"}
    client.post("/forklifts/FL-001/edit/", sent | facts | {"audience": "department", "row_version": truck.row_version})
    client.post("/forklifts/FL-001/moves/stop/", {"comment": "The chain is worn."})
    pages = {"list": "/forklifts/?columns=owner&columns=lift_height&columns=inspected_on&columns=drivers"}
    pages |= {"page": "/forklifts/FL-001/", "history": "/forklifts/FL-001/history/", "edit": "/forklifts/FL-001/edit/"}
    pages |= {"new": "/forklifts/new/", "move": "/forklifts/FL-002/moves/stop/", "table": "/forklifts/table/"}
    faults = {}
    for name, address in pages.items():
        page.goto(f"{live_server}{address}")
        if found := faults_in_every_look(page, f"kind-{name}"):
            faults[address] = found
    page.goto(f"{live_server}/forklifts/new/")
    page.get_by_role("button", name="Create forklift").click()
    if found := faults_in_every_look(page, "kind-refused"):
        faults["refused"] = found
    page.goto(f"{live_server}/forklifts/FL-002/edit/")
    truck = Forklift.objects.get(code="FL-002")
    truck.title = "Counterbalance truck, dock 7"
    truck.save(by=owner)
    page.get_by_role("textbox", name="Title").fill("Counterbalance truck, dock 8")
    page.get_by_role("button", name="Save", exact=True).click()
    if found := faults_in_every_look(page, "kind-conflict"):
        faults["conflict"] = found
    assert faults == {}
