"""The toolbar by mouse, keyboard and thumb, and the questions it asks."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from core.safe.html import clean
from tests.editor.editor_server import PICTURE, PIXEL, POLICY

SENTENCE = "<p>Read the seal number aloud.</p>"


def select(page: Page, words: str) -> None:
    page.evaluate(
        """words => { const { editor } = document.querySelector('procedure-editor').surface;
        const at = editor.state.doc.textContent.indexOf(words) + 1;
        editor.view.focus(); editor.commands.setTextSelection({ from: at, to: at + words.length }) }""",
        words,
    )


TOOLS = {
    ("Bold", "Control+b"): "<p>Read the <strong>seal</strong> number aloud.</p>",
    ("Italic", "Control+i"): "<p>Read the <em>seal</em> number aloud.</p>",
    ("Underline", "Control+u"): "<p>Read the <u>seal</u> number aloud.</p>",
    ("Strike through", "Control+Shift+s"): "<p>Read the <s>seal</s> number aloud.</p>",
    ("Code", "Control+e"): "<p>Read the <code>seal</code> number aloud.</p>",
    ("Subscript", "Control+,"): "<p>Read the <sub>seal</sub> number aloud.</p>",
    ("Superscript", "Control+."): "<p>Read the <sup>seal</sup> number aloud.</p>",
    ("Heading", "Control+Alt+2"): "<h2>Read the seal number aloud.</h2>",
    ("Subheading", "Control+Alt+3"): "<h3>Read the seal number aloud.</h3>",
    ("Small heading", "Control+Alt+4"): "<h4>Read the seal number aloud.</h4>",
    ("Bulleted list", "Control+Shift+8"): "<ul><li>Read the seal number aloud.</li></ul>",
    ("Quote", "Control+Shift+b"): "<blockquote><p>Read the seal number aloud.</p></blockquote>",
    ("Code block", "Control+Alt+c"): "<pre><code>Read the seal number aloud.</code></pre>",
}


def test_button_and_shortcut_do_the_same_and_the_button_shows_it(edit, text_now):
    page = edit(SENTENCE)
    for (button, keys), result in TOOLS.items():
        page.evaluate("html => document.querySelector('procedure-editor').surface.replace(html)", SENTENCE)
        tool = page.get_by_role("toolbar", name="Text").get_by_role("button", name=button, exact=True)
        select(page, "seal")
        assert tool.get_attribute("aria-pressed") == "false", button
        tool.click()
        assert text_now() == result
        assert tool.get_attribute("aria-pressed") == "true", button
        tool.click()
        assert text_now() == SENTENCE
        select(page, "seal")
        page.keyboard.press(keys)
        assert text_now() == result, keys


def test_one_tab_stop_and_arrows_inside(edit, put_cursor):
    page = edit(SENTENCE)
    bar = page.get_by_role("toolbar", name="Text")
    assert bar.locator('[tabindex="0"]').count() == 1
    put_cursor("seal")
    page.keyboard.press("Alt+F10")
    expect(bar.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(bar.get_by_role("button", name="Edit as plain text")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(bar.get_by_role("button", name="Heading", exact=True)).to_be_focused()
    assert bar.locator('[tabindex="0"]').count() == 1
    page.keyboard.press("Escape")
    expect(page.locator(".editor__body")).to_be_focused()


def test_a_link_is_asked_for_checked_and_taken_away(edit, text_now):
    page = edit(SENTENCE)
    select(page, "seal number")
    page.keyboard.press("Control+k")
    address = page.get_by_label("Address")
    expect(address).to_be_focused()
    address.fill("javascript:alert(1)")
    page.get_by_role("button", name="Save the link").click()
    expect(page.get_by_text("Enter an address that begins with")).to_be_visible()
    address.fill("/documents/SOP-014/")
    page.keyboard.press("Enter")
    assert (
        text_now() == '<p>Read the <a href="/documents/SOP-014/" rel="noopener noreferrer">seal number</a> aloud.</p>'
    )
    page.get_by_role("button", name="Link", exact=True).click()
    page.get_by_role("button", name="Remove the link").click()
    assert text_now() == SENTENCE


def test_a_link_without_a_selection_asks_for_its_words(edit, text_now, put_cursor):
    page = edit(SENTENCE)
    put_cursor("aloud.")
    page.keyboard.press("Control+k")
    page.get_by_label("Address").fill("ann@example.org")
    page.get_by_label("Words that carry the link").fill("Ask Ann")
    page.get_by_role("button", name="Save the link").click()
    assert 'aloud.<a href="mailto:ann@example.org" rel="noopener noreferrer">Ask Ann</a>' in text_now()


def test_a_table_is_made_changed_and_deleted(edit, text_now, put_cursor):
    page = edit(SENTENCE)
    put_cursor("aloud.")
    page.get_by_role("button", name="Table", exact=True).click()
    page.get_by_label("Rows").fill("2")
    page.get_by_label("Columns").fill("2")
    page.get_by_role("button", name="Add the table").click()
    assert re.search(
        r"<table><thead><tr>(<th></th>){2}</tr></thead><tbody><tr>(<td></td>){2}</tr></tbody></table>", text_now()
    )
    tools = page.get_by_role("toolbar", name="Table")
    for tool, cells in (("Row below", 6), ("Column after", 9), ("Delete column", 6), ("Delete row", 4)):
        tools.get_by_role("button", name=tool).click()
        assert page.locator(".editor__body :is(td, th)").count() == cells
    tools.get_by_role("button", name="Table title").click()
    page.get_by_label("Title", exact=True).last.fill("Limits")
    page.get_by_role("button", name="Save the title").click()
    assert "<caption>Limits</caption>" in text_now()
    assert clean(text_now()).removed == []
    assert clean(text_now()).html == text_now()
    tools.get_by_role("button", name="Delete table").click()
    assert "<table" not in text_now()
    expect(tools).to_be_hidden()


def choose_picture(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "dock.png"
    file.write_bytes(PIXEL)
    page.get_by_role("button", name="Picture").click()
    page.get_by_label("Picture file").set_input_files(file)
    page.get_by_label("What the picture shows").fill("The dock at night")


def test_a_picture_becomes_an_attachment_with_a_description(edit, portal, text_now, put_cursor, tmp_path):
    page = edit(SENTENCE)
    put_cursor("aloud.")
    choose_picture(page, tmp_path)
    page.get_by_role("button", name="Add the picture").click()
    expect(page.locator(".editor__body img[src]")).to_be_visible()
    assert f'<img src="{PICTURE}" alt="The dock at night">' in text_now()
    assert PIXEL in portal.draft.uploads[0]
    assert b'name="file"; filename="dock.png"' in portal.draft.uploads[0]
    assert clean(text_now()).removed == []


def test_a_refused_picture_says_why_and_keeps_what_was_typed(edit, text_now, put_cursor, tmp_path):
    page = edit(SENTENCE)
    page.route(
        "**/attachments/new/**",
        lambda route: route.fulfill(status=422, json={"errors": {"file": ["The file is larger than 10 MB"]}}),
    )
    put_cursor("aloud.")
    choose_picture(page, tmp_path)
    page.get_by_role("button", name="Add the picture").click()
    expect(page.get_by_text("The file is larger than 10 MB")).to_be_visible()
    assert page.get_by_label("What the picture shows").input_value() == "The dock at night"
    assert text_now() == SENTENCE


def test_a_pasted_picture_file_is_asked_about(edit, portal, text_now, put_cursor):
    page = edit(SENTENCE)
    put_cursor("aloud.")
    page.evaluate(
        """bytes => { const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], 'shot.png', { type: 'image/png' }));
        document.querySelector('.editor__body').dispatchEvent(
          new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })) }""",
        list(PIXEL),
    )
    page.get_by_label("What the picture shows").fill("A shot")
    page.get_by_role("button", name="Add the picture").click()
    expect(page.locator(".editor__body img[src]")).to_be_visible()
    assert 'alt="A shot"' in text_now()


def test_without_an_upload_address_there_is_no_picture_button(edit, page):
    page.route(
        re.compile(r"http://localhost:\d+/\d+/$"),
        lambda route: route.fulfill(
            content_type="text/html",
            headers={"Content-Security-Policy": POLICY},
            body=route.fetch().text().replace("data-upload-url", "data-not-used"),
        ),
    )
    edit(SENTENCE)
    expect(page.get_by_role("button", name="Bold")).to_be_visible()
    assert page.get_by_role("button", name="Picture").count() == 0
