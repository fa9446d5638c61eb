"""The style guide and the sign-in page as people meet them: both themes, desk and phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = {"desk": {"width": 1440, "height": 1000}, "phone": {"width": 390, "height": 844}}
PAGES = [
    "/styleguide/",
    "/styleguide/record/",
    "/styleguide/list/",
    "/styleguide/form/",
    "/styleguide/message/",
    "/keys/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/nowhere/",
]


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser itself complains about: refused styles and scripts, missing files."""
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.mark.long
def test_axe_finds_nothing(
    page: Page, live_server: object, faults_in_every_look: Callable, complaints: list[str]
) -> None:
    faults = {}
    for address in PAGES:
        page.goto(f"{live_server}{address}")
        if found := faults_in_every_look(page, all_colours=True):
            faults[address] = found
    assert faults == {}
    assert [line for line in complaints if "404 (Not Found)" not in line] == []


def test_the_theme_holds_without_script_and_without_flash(browser: object, live_server: object) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "theme", "value": "dark", "url": str(live_server)}])
    page = context.new_page()
    page.goto(f"{live_server}/styleguide/")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    context.close()


def test_the_rail_folds_and_stays_folded(page: Page, live_server: object) -> None:
    page.set_viewport_size(WIDTHS["desk"])
    page.goto(f"{live_server}/styleguide/list/")
    wide = page.locator(".rail").bounding_box()["width"]
    with page.expect_response(lambda answer: answer.url.endswith("/look/")):
        page.get_by_role("button", name="Collapse menu").click()
    expect(page.locator("html")).to_have_attribute("data-rail", "small")
    assert (wide, page.locator(".rail").bounding_box()["width"]) == (232, 56)
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-rail", "small")


def test_the_rail_folds_without_script(browser: object, live_server: object) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server}/styleguide/list/?q=goods")
    page.get_by_role("button", name="Collapse menu").click()
    assert page.url.endswith("/styleguide/list/?q=goods")
    assert page.locator("html").get_attribute("data-rail") == "small"
    context.close()


def test_slash_and_ctrl_k_lead_to_the_search(page: Page, live_server: object) -> None:
    page.goto(f"{live_server}/styleguide/list/")
    page.keyboard.press("/")
    expect(page.locator(".topbar [data-search]")).to_be_focused()
    page.locator("#q").focus()
    page.keyboard.type("a/b")
    expect(page.locator("#q")).to_have_value("a/b")
    page.keyboard.press("Control+k")
    expect(page.locator(".topbar [data-search]")).to_be_focused()


def test_results_while_typing_are_a_listbox(page: Page, live_server: object, faults_of: Callable) -> None:
    sign = '<svg class="icon icon--small" aria-hidden="true"></svg>'
    hits = f"""<ul><li><a href="/keys/">{sign}<span>Receiving goods</span></a></li>
<li><a href="/styleguide/">{sign}<span>Refusing a load</span></a></li></ul>"""
    page.route("**/search/suggest?q=re", lambda route: route.fulfill(body=hits, content_type="text/html"))
    page.goto(f"{live_server}/styleguide/list/")
    box = page.locator(".topbar [data-search]")
    box.focus()
    expect(box).to_have_attribute("role", "combobox")
    page.keyboard.type("re")
    expect(box).to_have_attribute("aria-expanded", "true")
    assert faults_of(page) == []
    [first, *_rest] = page.get_by_role("option").all()
    picture, words = first.locator("svg").bounding_box(), first.locator("span").bounding_box()
    assert picture["x"] + picture["width"] <= words["x"], "the icon lies on the words"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="Refusing a load")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/keys/")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_icon_of_a_result_stands_before_its_words(page: Page, live_server: object, width: str) -> None:
    svg = '<svg class="icon icon--small" aria-hidden="true"></svg>'
    title = "Receiving temperature-controlled goods at the northern dock"
    hits = f'<ul><li><a href="/keys/">{svg}<span>{title}</span><span class="code">SOP-INB-001</span></a></li></ul>'
    page.route("**/search/suggest?q=re", lambda route: route.fulfill(body=hits, content_type="text/html"))
    page.set_viewport_size(WIDTHS[width])
    page.goto(f"{live_server}/styleguide/list/")
    page.locator(".topbar [data-search]").focus()
    expect(page.locator(".topbar [data-search]")).to_have_attribute("role", "combobox")
    page.keyboard.type("re")
    icon, words, code = (page.locator(f".suggest {part}").bounding_box() for part in ("svg", "span >> nth=0", ".code"))
    assert icon["x"] + icon["width"] < words["x"] < words["x"] + words["width"] < code["x"]
    assert words["y"] < icon["y"] < words["y"] + words["height"]


def test_a_refused_form_puts_the_focus_on_the_summary_and_keeps_what_was_typed(page: Page, live_server: object) -> None:
    page.goto(f"{live_server}/styleguide/form/")
    page.get_by_label("Review every").fill("90")
    page.get_by_role("button", name="Create draft").click()
    expect(page.locator(".errors")).to_be_focused()
    assert page.title().startswith("Error: ")
    expect(page.locator(".errors a")).to_have_text(
        ["Enter a title", "Choose 60 months or fewer", "Choose at least one role that must read it"]
    )
    expect(page.get_by_label("Review every")).to_have_value("90")
    page.locator(".errors a").first.click()
    expect(page.get_by_label("Title")).to_be_focused()
    described = page.get_by_label("Title").get_attribute("aria-describedby").split()
    assert [page.locator(f"#{one}").count() for one in described] == [1, 1]
    page.locator(".errors a").last.click()
    expect(page.get_by_label("Dock operative")).to_be_focused()


def test_a_dialog_takes_the_focus_and_gives_it_back(page: Page, live_server: object) -> None:
    page.goto(f"{live_server}/styleguide/")
    opener = page.locator("[data-open=retire-light]")
    opener.click()
    expect(page.locator("#why-light")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#retire-light")).not_to_be_visible()
    expect(opener).to_be_focused()


def test_a_dialogs_opener_leads_somewhere_without_script(browser: object, live_server: object) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server}/styleguide/")
    page.locator("[data-open=retire-light]").click()
    expect(page).to_have_url(re.compile("/styleguide/message/$"))
    context.close()


def test_order_by_alt_and_arrow_is_said_aloud(page: Page, live_server: object) -> None:
    page.goto(f"{live_server}/styleguide/")
    first = page.locator(".theme-light [data-item]").first
    name = first.locator(".person").inner_text()
    first.locator("[data-move=down]").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#live")).to_have_text("Moved to position 2 of 3")
    assert page.locator(".theme-light [data-item]").nth(1).locator(".person").inner_text() == name
    page.locator(".theme-light [data-item]").nth(1).locator("[data-move=up]").click()
    expect(page.locator("#live")).to_have_text("Moved to position 1 of 3")


def test_choosing_rows_says_how_many(page: Page, live_server: object) -> None:
    page.goto(f"{live_server}/styleguide/list/")
    expect(page.locator(".bulk")).not_to_be_visible()
    page.get_by_label("Choose SOP-INB-003").check()
    expect(page.locator("[data-chosen]")).to_have_text("1 chosen")
    page.get_by_label("Choose all on this page").check()
    expect(page.locator("[data-chosen]")).to_have_text("5 chosen")
    expect(page.locator(".bulk")).to_be_visible()


# The file that asks is fetched when the page is there already; what was typed before it came counts as well.
GUARDED = "() => !dispatchEvent(new Event('beforeunload', { cancelable: true }))"


def test_leaving_typed_text_asks_first(page: Page, live_server: object) -> None:
    page.goto(f"{live_server}/styleguide/form/")
    page.get_by_label("Title").fill("Receiving goods")
    page.wait_for_function(GUARDED)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{live_server}/styleguide/")
    assert asked == ["beforeunload"]


def test_the_key_help_opens_and_single_keys_can_be_switched_off(page: Page, live_server: object) -> None:
    page.goto(f"{live_server}/keys/")
    page.evaluate("localStorage.setItem('single-keys', 'off')")
    page.reload()
    page.keyboard.press("/")
    expect(page.locator(".topbar [data-search]")).not_to_be_focused()


def test_a_second_press_sends_nothing(page: Page, live_server: object) -> None:
    sent = []
    page.on("request", lambda request: sent.append(request.method) if "message" in request.url else None)
    page.route("**/styleguide/message/", lambda route: route.fulfill(status=204))  # the page stays
    page.goto(f"{live_server}/styleguide/list/")
    page.get_by_label("Choose SOP-INB-003").check()
    button = page.get_by_role("button", name="Remind owners")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    button.click()
    assert sent == ["POST"]


def test_reading_costs_little(page: Page, live_server: object) -> None:
    """45 kB without the font and ten requests are the budget of a whole procedure; the frame must leave room."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(str(live_server))))
    page.goto(f"{live_server}/styleguide/record/", wait_until="networkidle")
    assert len(asked) <= 6, asked
