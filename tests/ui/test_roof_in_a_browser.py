"""Home, search and inbox as people meet them: both themes, desk and phone, keyboard, without script.

With PORTAL_SHOTS=folder in the environment the pages are also kept as pictures, to lay beside the reference pages.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from actions.models import Task
from core.catalog import entry_of
from core.models import SavedSearch, Watch
from documents.submission import StepPlan, submit
from people.groups import ensure_groups
from people.models import Person
from tests.browser import enter
from tests.cast import new_draft, released

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = {"desk": {"width": 1440, "height": 1000}, "phone": {"width": 390, "height": 844}}
PAGES = {
    "home": "/",
    "search": "/search?q=cold+recieving",
    "narrowed": "/search?q=cold&kind=sop&everything=1",
    "nothing": "/search?q=zeppelin",
    "inbox": "/inbox/",
    "done": "/inbox/?show=done",
    "watching": "/me/watching/",
    "saved": "/search/saved/?query=q%3Dcold",
    "help": "/help/",
}
TEXTS = {
    "Receiving temperature-controlled goods": "When receiving vaccines, close the cold dock first.",
    "Probing pallets in the cold dock": "Receiving staff note three readings of each pallet.",
    "Temperature excursion: first hour": "Outside 2 to 8 °C on receiving? Move it to cold quarantine.",
    "Reefer pre-cooling check": "Cool the empty vehicle for 45 minutes before loading.",
}


@pytest.fixture
def someone(make_person: Callable[..., Person], author: Person, owner: Person, approver: Person) -> Person:
    """Somebody for whom things wait, who starred, watches and saved something."""
    ensure_groups()
    person = make_person("Quinn Adeyemi", "staff", "manager")
    for at, (title, text) in enumerate(TEXTS.items()):
        version = released(author, owner, approver, title=title, body=f"<p>{text}</p>".encode())
        entry = entry_of(version.document)
        Watch.objects.create(person=person, entry=entry, is_favourite=at < 2)
        due = timezone.now() + timedelta(days=(-5, 1, 6, 40)[at])
        Task.ask(
            key=f"t{at}",
            kind=("act", "review", "decide", "read")[at],
            title="Look at it",
            url=entry.url,
            entry=entry,
            person=person,
            due_at=due,
        )
    draft = new_draft(author, owner, title="Cold chain walk")
    submit(draft, by=author, plan=[StepPlan("Approved for use", people=[person])])
    Task.objects.filter(key="t3").finish(by=person)
    SavedSearch.objects.create(person=person, name="Cold things", query="q=cold", wants_news=True)
    return person


@pytest.fixture
def as_someone(page: Page, live_server: Any, someone: Person) -> Page:
    """A browser in which they are signed in."""
    enter(page.context, live_server, someone)
    return page


@pytest.mark.long
def test_axe_finds_nothing_on_the_pages_of_the_roof(
    as_someone: Page, live_server: Any, faults_in_every_look: Callable
) -> None:
    page, faults = as_someone, {}
    for name, address in PAGES.items():
        page.goto(f"{live_server}{address}")
        if found := faults_in_every_look(page, name):
            faults[name] = found
    assert faults == {}


def test_results_while_typing_are_reached_by_keyboard(as_someone: Page, live_server: Any) -> None:
    page = as_someone
    page.goto(f"{live_server}/inbox/")
    with page.expect_response(lambda answer: answer.url.endswith("q=reef")) as answer:  # after those to shorter words
        page.keyboard.press("/")
        page.keyboard.type("reef")
    answer.value.finished()
    option = page.get_by_role("option", name="Reefer pre-cooling check")
    expect(option).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Reefer pre-cooling check")


def test_what_was_typed_before_the_script_came_is_asked_for(as_someone: Page, live_server: Any) -> None:
    page, held = as_someone, []
    page.route("**/js/search-box*.js", lambda route: held.append(route))
    page.goto(f"{live_server}/inbox/")
    with page.expect_request("**/js/search-box*.js"):
        page.keyboard.press("/")
    page.keyboard.type("reef")
    held[0].continue_()
    expect(page.get_by_role("option", name="Reefer pre-cooling check")).to_be_visible()


def test_a_box_that_is_ticked_narrows_at_once_and_keeps_the_focus(as_someone: Page, live_server: Any) -> None:
    page = as_someone
    page.goto(f"{live_server}/search?q=cold")
    expect(page.get_by_role("button", name="Show results")).to_be_hidden()
    box = page.get_by_label("Also what is not in force")
    box.focus()
    page.keyboard.press("Space")
    draft = page.locator(".hit__title").filter(has_text="Cold chain walk")
    expect(draft).to_be_visible()
    expect(box).to_be_focused()
    assert page.url.endswith("/search?q=cold&everything=1")
    page.locator("#sort").select_option("code")
    page.wait_for_url("**sort=code**")
    expect(page.locator("#sort")).to_be_focused()
    page.get_by_role("link", name="Save search").click()
    assert "everything=1" in page.locator("#save-search input[name=query]").input_value()
    page.keyboard.press("Escape")
    for address in ("**/search?q=cold&everything=1", "**/search?q=cold"):
        with page.expect_event("load"):
            page.evaluate("history.back()")
        page.wait_for_url(address)
    expect(draft).to_have_count(0)


def test_search_narrows_saves_and_forgets_without_script(browser: Any, as_someone: Page, live_server: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(as_someone.context.cookies())
    page = context.new_page()
    page.goto(f"{live_server}/search?q=cold")
    page.get_by_label("Also what is not in force").check()
    page.get_by_role("button", name="Show results").click()
    expect(page.locator(".hit__title").filter(has_text="Cold chain walk")).to_be_visible()
    page.get_by_role("link", name="Save search").click()
    page.get_by_label("Name").fill("All cold")
    page.get_by_role("button", name="Save search").click()
    expect(page.locator(".hit__title").first).to_be_visible()
    page.goto(f"{live_server}/search/saved/")
    page.locator("li").filter(has_text="All cold").get_by_role("button").click()
    expect(page.get_by_text("is no longer saved")).to_be_visible()
    expect(page.get_by_role("link", name="All cold")).to_have_count(0)
    context.close()
