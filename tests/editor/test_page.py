"""The page around the editor: both themes, the phone, no JavaScript, the built files, the translated texts."""

from __future__ import annotations

import gzip
import html
import json
import re
import shutil
import subprocess
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, expect

from core.safe.html import clean, ensure_step_keys
from tests.axe import faults
from tests.editor.editor_server import ROOT, EditorPortal
from tests.editor.test_text import EVERYTHING

ASSETS = ROOT / "assets"
EDITOR = ROOT / "static/dist/editor.js"


def problems(page: Page) -> list[str]:
    """What axe finds at desk and on a phone."""
    found = []
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        found += faults(page)
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_editor_dialog_and_conflict(edit, portal, put_cursor, troubles, theme):
    page = edit(
        ensure_step_keys(clean(EVERYTHING).html), theme=theme, others=[{"name": "Ann Lindqvist", "place": "Step 3"}]
    )
    put_cursor("Scan")
    expect(page.get_by_role("toolbar", name="Step")).to_be_visible()
    assert problems(page) == []
    page.keyboard.press("Control+k")
    expect(page.get_by_label("Address")).to_be_focused()
    assert problems(page) == []
    page.keyboard.press("Escape")
    put_cursor("Scan")
    portal.draft.saved_by_another("<p>Quite another text.</p>")
    page.keyboard.type("x")
    expect(page.locator(".conflict")).to_be_visible()
    assert problems(page) == []
    troubles.clear()  # axe itself sets inline styles
    page.evaluate("window.violations = []")


def as_touched(page: Page) -> None:
    """From now on the page is met by a thumb: (pointer: coarse)."""
    page.context.new_cdp_session(page).send("Emulation.setTouchEmulationEnabled", {"enabled": True})


def test_on_a_phone_nothing_but_the_toolbars_scrolls_sideways(edit, put_cursor):
    page = edit(ensure_step_keys(clean(EVERYTHING).html))
    page.set_viewport_size({"width": 390, "height": 800})
    as_touched(page)
    put_cursor("Scan")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    bar = page.get_by_role("toolbar", name="Text")
    assert bar.evaluate("bar => bar.scrollWidth > bar.clientWidth")
    bar.get_by_role("button", name="Note").click()
    expect(bar.get_by_role("button", name="Note")).to_have_attribute("aria-pressed", "true")


def test_in_a_narrow_window_the_toolbars_break_into_lines_for_the_mouse(edit, put_cursor):
    """A scrollbar that lies over the buttons (WebKitGTK) takes their presses."""
    page = edit(ensure_step_keys(clean(EVERYTHING).html))
    page.set_viewport_size({"width": 390, "height": 800})
    put_cursor("Scan")
    for bar in page.get_by_role("toolbar").all():
        assert bar.evaluate("bar => bar.scrollWidth <= bar.clientWidth")


def test_the_title_of_a_step_stands_beside_its_number(edit):
    page = edit(ensure_step_keys(clean(EVERYTHING).html))
    tops = page.locator(".step").first.evaluate(
        "step => [step, step.querySelector('.step__content')].map(one => one.getBoundingClientRect().top)"
    )
    padding = page.locator(".step").first.evaluate("step => parseFloat(getComputedStyle(step).paddingTop)")
    assert tops[1] - tops[0] == padding


def test_the_toolbar_stays_in_sight(edit, put_cursor):
    page = edit("".join(f"<p>Line {n}</p>" for n in range(100)))
    put_cursor("Line 99")
    page.mouse.wheel(0, 5000)
    expect(page.get_by_role("toolbar", name="Text")).to_be_in_viewport()


def test_targets_are_large_enough_for_fingers(browser: Browser, portal: EditorPortal):
    phone = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = phone.new_page()
    page.goto(portal.url)
    button = page.get_by_role("button", name="Bold")
    expect(button).to_be_visible()
    size = button.bounding_box()
    phone.close()
    assert min(size["width"], size["height"]) >= 44


def test_without_javascript_the_form_sends_the_text_area(browser: Browser, portal: EditorPortal):
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(portal.url)
    page.get_by_label("Text of the procedure").fill("<p>By hand.</p>")
    page.get_by_role("button", name="Save the draft").click()
    plain.close()
    assert portal.draft.submitted[0]["body"] == "<p>By hand.</p>"


def test_an_empty_draft_says_what_to_write(edit, text_now):
    page = edit("")
    hint = "getComputedStyle(document.querySelector('.editor__body').firstElementChild, '::before').content"
    assert "a step for each act" in page.evaluate(hint)
    page.locator(".editor__body").click()
    page.keyboard.type("Purpose")
    assert page.evaluate(hint) == "none"
    assert text_now() == "<p>Purpose</p>"


def test_texts_come_translated_from_the_page(edit, put_cursor):
    page = edit("<p>Text</p>", strings={"bold": "Fett", "saved_now": "Gerade gespeichert"})
    expect(page.get_by_role("button", name="Fett")).to_be_visible()
    put_cursor("Text")
    page.keyboard.type("x")
    expect(page.locator(".savestate")).to_contain_text("Gerade gespeichert")


def test_the_template_hands_over_every_text():
    rendered = render_to_string(
        "sops/_editor.html",
        {
            "version": SimpleNamespace(row_version=12),
            "autosave_url": "/documents/SOP-014/versions/7/autosave/",
            "presence_url": "/documents/SOP-014/versions/7/presence/",
            "upload_url": "/attachments/new/?record=1&kind=sop",
            "body": "<p>A &amp; B's</p>",
        },
    )
    strings = re.search(r"data-strings='([^']*)'", rendered)[1]
    assert json.loads(html.unescape(strings)) == json.loads((ASSETS / "src/strings.en.json").read_text())
    assert "&lt;p&gt;A &amp;amp; B&#x27;s&lt;/p&gt;</textarea>" in rendered
    assert 'data-row-version="12"' in rendered
    assert 'data-upload-url="/attachments/new/?record=1&amp;kind=sop"' in rendered


def test_every_text_the_source_asks_for_exists():
    strings = json.loads((ASSETS / "src/strings.en.json").read_text())
    asked = set()
    for file in (ASSETS / "src").rglob("*.js"):
        asked |= set(re.findall(r"""\bt\(\s*"(\w+)\"""", file.read_text()))
    assert asked - set(strings) == set()


def test_the_bundle_is_small_enough():
    assert len(gzip.compress(EDITOR.read_bytes())) <= 150_000


def test_building_again_gives_the_committed_bytes(tmp_path):
    if not (shutil.which("node") and (ASSETS / "node_modules").is_dir()):
        pytest.skip("Node or its packages are not installed: the committed build is used as it is")
    built = [EDITOR, ROOT / "static/dist/editor.licences.txt", ROOT / "templates/sops/_editor_strings.html"]
    before = [file.read_bytes() for file in built]
    subprocess.run(["node", "build.mjs"], cwd=ASSETS, check=True, capture_output=True)
    assert [file.read_bytes() for file in built] == before
