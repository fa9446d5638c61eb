"""Choosing rows, looking first, saved views and columns as people meet them: both themes, desk and phone, no script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core.models import BulkRun, SavedView
from documents.keeping import change_facts
from documents.models import Document
from people.groups import ensure_groups
from tests.browser import enter
from tests.cast import taken_over

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def groups(transactional_db: None) -> None:
    """The groups as the code has them, before anybody joins one."""
    ensure_groups()


@pytest.fixture
def documents(groups, author, owner, approver) -> list[Document]:
    return taken_over(author, owner, [f"Procedure {number}" for number in range(3)])


@pytest.mark.long
def test_axe_finds_nothing(page: Page, live_server, faults_in_every_look: Callable, documents, author, reader) -> None:
    client = enter(page.context, live_server, author)
    client.post("/views/documents/", {"name": "SOPs", "query": "kind=sop", "is_shared": "on"})
    view = SavedView.objects.get()
    pages = ["/documents/?kind=sop&columns=kind&columns=effective", "/views/documents/?query=kind%3Dsop"]
    pages.append(f"/views/documents/{view.pk}/")
    for answers in ({}, {"owner": reader.email}, {"owner": "Nobody"}):
        client.post("/bulk/documents/", {"action": "owner", "pick": [one.pk for one in documents]})
        run = BulkRun.objects.latest("pk")
        if answers:
            client.post(run.get_absolute_url(), answers)
        pages.append(run.get_absolute_url())
    client.post(f"{BulkRun.objects.earliest('pk').get_absolute_url()}apply/")
    pages += ["/bulk/runs/", "/documents/table/", *_taken_back(client, documents)]
    faults = {}
    for address in pages:
        page.goto(f"{live_server}{address}")
        if address.startswith("/documents/?"):
            page.locator("tbody input[name=pick]").first.check()
            page.get_by_role("button", name="Columns", exact=True).click()
        if found := faults_in_every_look(page):
            faults[address] = found
    assert faults == {}


def test_the_filters_take_two_lines_at_a_desk(page: Page, live_server, documents, author) -> None:
    enter(page.context, live_server, author)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{live_server}/documents/")
    last = page.get_by_role("link", name="Saved views").bounding_box()
    first = page.get_by_label("Title or number").bounding_box()
    assert last["y"] - first["y"] < 2 * first["height"] + 40


def _taken_back(client, documents) -> list[str]:
    """Pages of a run that can be taken back, of one that was, of what took it back, and of one that would."""
    pages = []
    for months in (7, 9):
        client.post("/bulk/documents/", {"action": "rhythm", "pick": [one.pk for one in documents]})
        run = BulkRun.objects.latest("pk")
        client.post(run.get_absolute_url(), {"review_months": months})
        client.post(f"{run.get_absolute_url()}apply/")
        client.post(f"{run.get_absolute_url()}undo/")
        undo = run.undos.get()
        if months == 7:
            client.post(f"{undo.get_absolute_url()}apply/")
        pages += [run.get_absolute_url(), undo.get_absolute_url()]
    return pages


def test_rows_are_chosen_looked_at_and_changed_without_script(browser, live_server, documents, author, reader) -> None:
    context = browser.new_context(java_script_enabled=False)
    enter(context, live_server, author)
    page = context.new_page()
    page.goto(f"{live_server}/documents/")
    page.get_by_label(f"Choose {documents[0].code}").check()
    page.get_by_label(f"Choose {documents[2].code}").check()
    page.get_by_role("button", name="Hand over").click()
    page.get_by_label("New owner").fill(reader.email)
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_text("2 records would change as shown below.")).to_be_visible()
    page.get_by_role("button", name="Change 2 records").click()
    expect(page.get_by_text("2 records were changed.")).to_be_visible()
    owned = Document.objects.filter(owner=reader).values_list("pk", flat=True)
    assert set(owned) == {documents[0].pk, documents[2].pk}
    page.get_by_role("button", name="Undo these changes").click()
    expect(page.get_by_text("2 records would change as shown below.")).to_be_visible()
    page.get_by_role("button", name="Put 2 records back").click()
    expect(page.get_by_text("2 records were put back.")).to_be_visible()
    assert not Document.objects.filter(owner=reader).exists()
    page.get_by_role("main").get_by_role("link", name="Hand over").click()
    expect(page.get_by_text("Undone")).to_be_visible()
    expect(page.get_by_role("button", name="Undo these changes")).to_have_count(0)
    context.close()


def test_what_was_done_is_found_again_and_taken_back(page: Page, live_server, documents, author, reader) -> None:
    client = enter(page.context, live_server, author)
    client.post("/bulk/documents/", {"action": "owner", "pick": [one.pk for one in documents]})
    run = BulkRun.objects.get()
    client.post(run.get_absolute_url(), {"owner": reader.email})
    client.post(f"{run.get_absolute_url()}apply/")
    change_facts(documents[1], by=author, values={"owner": author})
    page.goto(f"{live_server}/documents/")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("link", name="Changes of many").click()
    page.get_by_role("link", name="Hand over").click()
    page.get_by_role("button", name="Undo these changes").click()
    expect(page.get_by_text("Owner: it has changed since and is now “Ann Author”.")).to_be_visible()
    page.get_by_role("button", name="Put 2 records back").click()
    expect(page.locator(".toast")).to_contain_text("2 changed.")
    page.get_by_role("button", name="Do these changes again").click()
    page.get_by_role("button", name="Change 2 records").click()
    expect(page.get_by_text("2 records were changed.")).to_be_visible()
    assert Document.objects.filter(owner=reader).count() == 2


def test_columns_are_chosen_and_the_view_is_kept(page: Page, live_server, documents, author) -> None:
    enter(page.context, live_server, author)
    page.goto(f"{live_server}/documents/?sort=-title")
    page.get_by_role("button", name="Columns", exact=True).click()
    page.get_by_role("checkbox", name="Owner").uncheck()
    page.get_by_label("Months between reviews").check()
    page.get_by_role("button", name="Show these columns").click()
    expect(page.get_by_role("columnheader", name="Months between reviews")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Owner")).to_have_count(0)
    expect(page.locator("tbody tr").first).to_contain_text("Procedure 2")
    page.get_by_role("link", name="Save view").click()
    page.get_by_label("Name", exact=True).fill("With intervals")
    page.get_by_role("button", name="Save view").click()
    tab = page.get_by_role("link", name="With intervals")
    expect(tab).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("columnheader", name="Months between reviews")).to_be_visible()
    expect(page.locator("tbody tr").first).to_contain_text("Procedure 2")
