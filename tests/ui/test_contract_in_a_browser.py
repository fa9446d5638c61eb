"""The pages of every kind in a browser: axe finds nothing, and nothing scrolls sideways on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from people.groups import ensure_groups
from tests import makers  # noqa: F401 - the makers register themselves
from tests.browser import enter
from tests.contract import MAKERS, Maker, World

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "Receiving cold goods from carriers that come without an appointment"


@pytest.fixture
def world(transactional_db: None, make_person: Callable) -> World:
    """The people of the contract, with the groups as the code has them."""
    ensure_groups()
    groups = {
        "owner": ("staff", "owner"),
        "officer": ("staff", "officer"),
        "auditor": ("staff", "auditor"),
        "named": ("staff",),
        "reader": ("staff",),
        "outsider": ("staff",),
        "manager": ("staff", "manager"),
        "administrator": ("staff", "administrator"),
    }
    return World(**{who: make_person(f"{who.title()} Person", *names) for who, names in groups.items()})


@pytest.mark.long
@pytest.mark.parametrize("one", MAKERS.values(), ids=MAKERS)
def test_axe_finds_nothing_on_list_page_and_form(
    one: Maker, world: World, page: Page, live_server, faults_in_every_look: Callable
) -> None:
    record = one.make(world, WORDS)
    who = world.officer if one.kind.may_add(world.officer) else world.auditor
    enter(page.context, live_server, who)
    pages = {"list": one.kind.list_address(), "page": one.kind.address(record)}
    pages["history"] = one.kind.address(record, "history")
    if one.kind.may_change(who, record):
        pages["edit"] = one.kind.address(record, "edit")
    faults = {}
    for name, address in pages.items():
        page.goto(f"{live_server}{address}")
        if found := faults_in_every_look(page, f"contract-{one.kind.key}-{name}"):
            faults[address] = found
    assert faults == {}
