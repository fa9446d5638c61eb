"""Processes in a browser: a branch built by keyboard and moved, a procedure linked from both pages, a phone, axe."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from documents.models import Document
from people.groups import ensure_groups
from people.models import Person
from processes.linking import link_document
from processes.models import Process
from processes.tree import start_process
from tests.browser import enter
from tests.cast import taken_over

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def groups(transactional_db: None) -> None:
    """The groups as the code has them, before anybody joins one."""
    ensure_groups()


@pytest.fixture
def tree(groups: None, author: Person) -> dict[str, Process]:
    """Warehouse with two processes below it, and quality beside it."""
    warehouse = start_process(by=author, title="Warehouse", code="P3")
    return {
        "warehouse": warehouse,
        "inbound": start_process(
            by=author, title="Inbound", parent=warehouse, suppliers=["Carrier"], purpose="Take in"
        ),
        "outbound": start_process(by=author, title="Outbound", parent=warehouse),
        "quality": start_process(by=author, title="Quality", code="P9", category="management"),
    }


@pytest.fixture
def document(groups: None, author: Person, owner: Person) -> Document:
    return taken_over(author, owner, ["Receiving cold goods"])[0]


def press(page: Page, name: str, role: str = "link") -> None:
    """Focus by keyboard means and press Enter; never the mouse."""
    found = page.get_by_role(role, name=name, exact=True)
    found.focus()
    page.keyboard.press("Enter")


def test_a_branch_is_built_and_moved_by_keyboard(
    page: Page, live_server: Any, tree: dict[str, Process], author: Person
) -> None:
    enter(page.context, live_server, author)
    page.goto(f"{live_server}/processes/P3.1/")
    press(page, "New sub-process")
    expect(page.get_by_label("Part of")).to_have_value("P3.1 Inbound")
    page.get_by_label("Title").focus()
    page.keyboard.type("Receive cold goods")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Receive cold goods")
    page.goto(f"{live_server}/processes/?open=P3&open=P3.1")
    row = page.locator("#p-P3\\.1\\.1")
    row.get_by_role("link", name="Move P3.1.1").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Move under")
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("P9")
    page.get_by_role("button", name="Move", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("P3.1.1 is under P9, position 1 of 1.")
    expect(page.locator("[data-code=P9] [data-code='P3.1.1']")).to_be_visible()
    page.wait_for_function("globalThis.htmx")
    toggle = page.get_by_role("link", name="Close P9")
    toggle.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Open P9")).to_be_focused()
    page.locator("#p-P3").drag_to(page.locator("#p-P9"))
    expect(page.locator("#toasts")).to_contain_text("P3 is under P9, position 2 of 2.")


def test_a_procedure_is_linked_from_both_pages(
    page: Page, live_server: Any, tree: dict[str, Process], document: Document, author: Person
) -> None:
    enter(page.context, live_server, author)
    page.goto(f"{live_server}/processes/P3.1/")
    press(page, "Link a document")
    page.get_by_label("Document", exact=True).fill(document.code)
    page.get_by_role("button", name="Link the document").click()
    expect(page.get_by_role("link", name="Receiving cold goods")).to_be_visible()
    page.goto(f"{live_server}{document.get_absolute_url()}")
    panel = page.locator("load-when-seen[src$='/panels/processes/']")
    panel.scroll_into_view_if_needed()
    expect(panel.get_by_role("link", name="Inbound")).to_be_visible()
    panel.get_by_role("link", name="Link to a process").click()
    page.get_by_label("Process", exact=True).fill("P3.2")
    page.get_by_role("button", name="Link to the process").click()
    expect(page.get_by_role("link", name="Outbound")).to_be_visible()
    page.goto(f"{live_server}/processes/P3.2/")
    expect(page.get_by_role("link", name="Receiving cold goods")).to_be_visible()


@pytest.mark.long
def test_a_phone_shows_everything_and_axe_finds_nothing(
    page: Page,
    live_server: Any,
    faults_in_every_look: Callable,
    tree: dict[str, Process],
    document: Document,
    author: Person,
) -> None:
    link_document(tree["inbound"], document, by=author)
    tree["outbound"].move("retire", by=author, comment="done elsewhere", successor=tree["inbound"])
    enter(page.context, live_server, author)
    faults = {}
    for address in (
        "/processes/?retired=yes",
        "/processes/landscape/",
        "/processes/list/",
        "/processes/P3.1/",
        "/processes/P3.2/",
        "/processes/new/?parent=P3",
        "/processes/P3.1/edit/",
        "/processes/P3.1/place/",
        "/processes/P3.1/merge/",
        "/processes/P3.1/documents/",
        f"/documents/{document.code}/processes/",
        "/administration/process-categories/",
    ):
        page.goto(f"{live_server}{address}")
        if found := faults_in_every_look(page):
            faults[address] = found
    assert faults == {}
