"""Saving while writing: to the server, to the device when that fails, and what happens when two people write."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

MINE = "<p>Same start.</p><p>Unload within 20 minutes, then call.</p>"
THEIRS = "<p>Same start.</p><p>Unload within 15 minutes, then call the lead.</p><p>Their new block.</p>"


def state(page: Page) -> str:
    return page.locator(".savestate").inner_text()


def expect_state(page: Page, words: str) -> None:
    expect(page.locator(".savestate")).to_contain_text(words)


def kept_on_device(page: Page) -> dict | None:
    key = "procedure-editor:" + page.locator("procedure-editor").get_attribute("data-autosave-url") + ":draft"
    return json.loads(page.evaluate("key => localStorage.getItem(key)", key) or "null")


def test_typing_is_saved_two_seconds_later_with_the_row_version_and_the_token(edit, portal, put_cursor):
    page = edit("<p>First line.</p>", delay=0)  # 0: as the portal has it
    put_cursor("First line.")
    page.keyboard.type(" More.")
    expect_state(page, "Not saved yet")
    page.wait_for_timeout(1000)
    assert portal.draft.saves == []
    expect_state(page, "Saved just now")
    assert portal.draft.saves == [{"body": "<p>First line. More.</p>", "title": "Receiving", "row_version": 12}]
    assert portal.draft.tokens == ["token-of-the-page"]
    assert kept_on_device(page) is None
    page.keyboard.type(" Again.")
    expect_state(page, "Not saved yet")
    expect_state(page, "Saved just now")
    assert [save["row_version"] for save in portal.draft.saves] == [12, 13]


def test_the_title_is_saved_too(edit, portal):
    page = edit()
    page.get_by_role("textbox", name="Title").fill("Another title")
    expect_state(page, "Saved just now")
    assert portal.draft.saves[0]["title"] == "Another title"


def test_what_the_server_removed_is_said(edit, put_cursor):
    page = edit("<p>First line.</p>", removed=["a script"])
    put_cursor("First line.")
    page.keyboard.type("x")
    expect(page.locator(".notice", has_text="Removed while saving")).to_contain_text("a script")


def test_sending_the_form_takes_the_text_and_the_row_version_along(edit, portal, put_cursor):
    page = edit("<p>First line.</p>")
    put_cursor("First line.")
    page.keyboard.type(" More.")
    expect_state(page, "Saved just now")
    page.keyboard.type(" Last.")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("heading", name="Saved").wait_for()
    sent = portal.draft.submitted[0]
    assert sent["body"] == "<p>First line. More. Last.</p>"
    assert sent["row_version"] == "13"


def test_leaving_with_unsaved_text_asks(edit, put_cursor):
    page = edit("<p>First line.</p>")
    put_cursor("First line.")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.keyboard.type("x")
    page.reload()
    assert asked == ["beforeunload"]


def test_leaving_after_saving_does_not_ask(edit, put_cursor):
    page = edit("<p>First line.</p>")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    put_cursor("First line.")
    page.keyboard.type("x")
    expect_state(page, "Saved just now")
    page.reload()
    assert asked == []


def write_without_network(page: Page, put_cursor) -> None:
    page.route("**/autosave/", lambda route: route.abort())
    put_cursor("First line.")
    page.keyboard.type(" Typed in a tunnel.")
    expect_state(page, "Not saved, kept on this device")


def test_without_network_the_text_stays_on_the_device_and_is_saved_when_it_is_back(edit, portal, put_cursor):
    page = edit("<p>First line.</p>")
    write_without_network(page, put_cursor)
    assert kept_on_device(page)["body"] == "<p>First line. Typed in a tunnel.</p>"
    page.unroute("**/autosave/")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect_state(page, "Saved just now")
    assert portal.draft.body == "<p>First line. Typed in a tunnel.</p>"


def come_back(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.unroute("**/autosave/")
    page.reload()
    page.wait_for_function("document.querySelector('procedure-editor').surface")


def test_a_text_found_on_the_device_is_offered_and_used(edit, portal, put_cursor, text_now):
    page = edit("<p>First line.</p>")
    write_without_network(page, put_cursor)
    come_back(page)
    assert text_now() == "<p>First line.</p>"
    found = page.locator(".notice", has_text="A newer text from this device was found")
    found.get_by_role("button", name="Use it").click()
    assert text_now() == "<p>First line. Typed in a tunnel.</p>"
    expect_state(page, "Saved just now")
    assert portal.draft.body == "<p>First line. Typed in a tunnel.</p>"
    expect(found).to_have_count(0)


def test_a_text_found_on_the_device_can_be_discarded_for_good(edit, put_cursor):
    page = edit("<p>First line.</p>")
    write_without_network(page, put_cursor)
    come_back(page)
    page.get_by_role("button", name="Discard it").click()
    page.reload()
    page.wait_for_function("document.querySelector('procedure-editor').surface")
    assert page.locator(".notice").count() == 0


def test_a_found_text_is_still_offered_after_more_typing(edit, put_cursor):
    page = edit("<p>First line.</p>")
    write_without_network(page, put_cursor)
    come_back(page)
    put_cursor("First line.")
    page.keyboard.type(" Other words.")
    expect_state(page, "Saved just now")
    page.reload()
    expect(page.locator(".notice", has_text="A newer text from this device was found")).to_be_visible()


def test_a_found_text_older_than_the_server_opens_both_texts(edit, portal, put_cursor):
    page = edit("<p>First line.</p>")
    write_without_network(page, put_cursor)
    portal.draft.saved_by_another("<p>Quite another line.</p>")
    come_back(page)
    page.get_by_role("button", name="Use it").click()
    expect(page.locator(".conflict")).to_contain_text("Typed in a tunnel.")
    expect(page.locator(".conflict")).to_contain_text("Quite another line.")


@pytest.mark.parametrize("status", [401, 403])
def test_an_ended_session_keeps_the_text_and_says_how_to_go_on(edit, portal, put_cursor, status):
    page = edit("<p>First line.</p>", answer_with=(status, {}))
    put_cursor("First line.")
    page.keyboard.type(" More.")
    expect_state(page, "Not saved, kept on this device, sign in again")
    link = page.get_by_role("link", name="Sign in in a new window")
    assert link.get_attribute("href") == f"/accounts/login/?next=%2F{portal.draft.number}%2F"
    assert kept_on_device(page)["body"] == "<p>First line. More.</p>"
    portal.draft.answer_with = None
    page.get_by_role("button", name="Save again").click()
    expect_state(page, "Saved just now")
    expect(link).to_have_count(0)


def test_a_refused_text_shows_the_reasons_and_stays(edit, put_cursor):
    page = edit("<p>First line.</p>", answer_with=(422, {"errors": {"title": ["Enter a title"]}}))
    put_cursor("First line.")
    page.keyboard.type("x")
    expect(page.locator(".notice", has_text="could not be saved")).to_contain_text("Enter a title")
    expect_state(page, "Not saved, kept on this device")


def in_conflict(edit, portal, put_cursor) -> Page:
    page = edit(MINE)
    portal.draft.saved_by_another(THEIRS)
    put_cursor("Same start.")
    page.keyboard.type(" My words.")
    expect(page.locator(".conflict")).to_be_visible()
    return page


def test_a_stale_save_shows_both_texts_with_the_differing_words_marked(edit, portal, put_cursor):
    page = in_conflict(edit, portal, put_cursor)
    expect(page.get_by_role("heading", name="Ann Lindqvist saved another text meanwhile")).to_be_focused()
    marked = page.locator(".conflict mark").all_inner_texts()
    assert [words.strip() for words in marked] == ["My words.", "20", "15", "the lead", "Their new block."]
    assert page.locator(".editor").is_hidden()
    expect_state(page, "Not saved")
    assert portal.draft.body == THEIRS


def test_the_anchors_the_server_gives_to_headings_are_no_difference(edit, portal, put_cursor):
    page = edit("<h2>Purpose</h2><p>Same start.</p>")
    portal.draft.saved_by_another('<h2 id="s-purpose">Purpose</h2>\n<p>Same start, theirs.</p>')
    put_cursor("Same start.")
    page.keyboard.type(" My words.")
    expect(page.locator(".conflict")).to_contain_text("Blocks that differ: 1")


def test_another_title_is_shown_beside_mine(edit, portal, put_cursor):
    page = edit(MINE)
    portal.draft.saved_by_another(THEIRS, title="Receiving cold goods")
    put_cursor("Same start.")
    page.keyboard.type(" My words.")
    words = "The title differs: yours is “Receiving”, theirs “Receiving cold goods”."
    expect(page.locator(".conflict")).to_contain_text(words)
    page.get_by_role("button", name="Take theirs").click()
    expect(page.get_by_role("textbox", name="Title")).to_have_value("Receiving cold goods")


def test_keeping_mine_replaces_theirs_and_keeps_theirs_on_the_device(edit, portal, put_cursor, text_now):
    page = in_conflict(edit, portal, put_cursor)
    page.get_by_role("button", name="Keep mine as the draft (replaces theirs)").click()
    expect_state(page, "Saved just now")
    assert portal.draft.body == "<p>Same start. My words.</p><p>Unload within 20 minutes, then call.</p>"
    page.get_by_role("button", name="Put it back into the editor").click()
    assert text_now() == THEIRS


def test_taking_theirs_keeps_mine_on_the_device(edit, portal, put_cursor, text_now):
    page = in_conflict(edit, portal, put_cursor)
    saves = len(portal.draft.saves)
    page.get_by_role("button", name="Take theirs").click()
    assert text_now() == THEIRS
    assert len(portal.draft.saves) == saves
    page.reload()
    expect(page.locator(".notice", has_text="Your text is kept on this device")).to_be_visible()
    page.get_by_role("button", name="Put it back into the editor").click()
    assert "My words." in text_now()


def test_merging_by_hand_takes_what_was_chosen_for_each_block(edit, portal, put_cursor):
    page = in_conflict(edit, portal, put_cursor)
    row = page.locator(".conflict__row", has_text="15 minutes")
    row.get_by_role("radio", name="Theirs").check(force=True)
    page.get_by_role("button", name="Save the merged text").click()
    expect_state(page, "Saved just now")
    assert portal.draft.body == (
        "<p>Same start. My words.</p><p>Unload within 15 minutes, then call the lead.</p><p>Their new block.</p>"
    )
    expect(page.locator(".notice", has_text="Your text is kept on this device")).to_be_visible()


def test_the_form_cannot_be_sent_over_an_open_conflict(edit, portal, put_cursor):
    page = in_conflict(edit, portal, put_cursor)
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator(".conflict")).to_be_visible()
    assert portal.draft.submitted == []


def test_another_person_is_named_with_the_place(edit, portal, put_cursor):
    page = edit(
        '<h2>Purpose</h2><p>Why.</p><ol class="steps"><li class="step" data-step="a"><p>Do it.</p></li></ol>',
        others=[{"name": "Ann Lindqvist", "since": "2026-11-22T10:02:00Z", "place": "Step 3"}],
    )
    expect(page.locator(".notice", has_text="Ann Lindqvist is editing this too (Step 3)")).to_be_visible()
    put_cursor("Do it.")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.wait_for_timeout(200)
    assert portal.draft.places[-1] == "Step 1"
    portal.draft.others = []
    put_cursor("Why.")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(".notice")).to_have_count(0)
    assert portal.draft.places[-1] == "Purpose"
