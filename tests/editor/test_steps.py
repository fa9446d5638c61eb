"""Numbered steps: their keys stay with them whatever happens around them."""

import re

THREE = (
    '<ol class="steps"><li class="step" data-step="greet"><h3>Greet the vehicle</h3><p>Scan it.</p></li>'
    '<li class="step" data-step="seal"><h3>Check the seal</h3><p>Read it aloud.</p></li>'
    '<li class="step" data-step="probe"><h3>Probe three cases</h3><p>Top and bottom.</p></li></ol>'
)


def keys(html: str) -> list[str]:
    return re.findall(r'data-step="([^"]*)"', html)


def titles(html: str) -> list[str]:
    return re.findall(r"<li class=\"step\"[^>]*><\w+>([^<]*)<", html)


def test_alt_and_arrow_move_a_step_with_its_key_and_say_where_it_is(edit, text_now, put_cursor):
    page = edit(THREE)
    put_cursor("Scan it.")
    page.keyboard.press("Alt+ArrowDown")
    assert keys(text_now()) == ["seal", "greet", "probe"]
    assert page.get_by_role("status").filter(has_text="Moved to position 2 of 3").count() == 1
    page.keyboard.type(" Twice.")
    assert "Scan it. Twice." in text_now()
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    assert keys(text_now()) == ["greet", "seal", "probe"]
    assert page.get_by_role("status").filter(has_text="Already first").count() == 1


def test_buttons_of_a_step_and_of_the_toolbar_move_it(edit, text_now, put_cursor):
    page = edit(THREE)
    page.get_by_role("button", name="Move step 3 up").click()
    assert keys(text_now()) == ["greet", "probe", "seal"]
    assert page.get_by_role("button", name="Move step 1 up").is_disabled()
    assert page.get_by_role("button", name="Move step 3 down").is_disabled()
    put_cursor("Read it aloud.")
    page.get_by_role("toolbar", name="Step").get_by_role("button", name="Move up").click()
    assert keys(text_now()) == ["greet", "seal", "probe"]


def test_splitting_leaves_the_key_with_the_first_part(edit, text_now, put_cursor):
    page = edit(THREE)
    put_cursor("Read ")
    page.keyboard.press("Control+Enter")
    now = keys(text_now())
    assert now[:2] + now[3:] == ["greet", "seal", "probe"]
    assert re.fullmatch(r"s-[a-z0-9]{8}", now[2])
    assert "<p>Read </p></li>" in text_now()
    assert f'data-step="{now[2]}"><p>it aloud.</p>' in text_now()


def test_splitting_at_the_end_of_a_caution_begins_a_step_without_one(edit, text_now, put_cursor):
    page = edit(
        '<ol class="steps"><li class="step" data-step="wash"><h3>Wash</h3><div class="caution"><p>Warm.</p>'
        "<p>Not hot.</p></div><p>Dry.</p></li></ol>"
    )
    put_cursor("Not hot.")
    page.keyboard.press("Control+Enter")
    page.keyboard.type("Rub")
    assert re.search(
        r'<p>Not hot\.</p></div></li><li class="step" data-step="s-[a-z0-9]{8}"><p>Rub</p><p>Dry\.</p></li>', text_now()
    )
    put_cursor("Warm.")
    page.keyboard.press("Control+Enter")
    assert re.search(
        r'<p>Warm\.</p></div></li><li [^>]*><div class="caution">.*<p>Not hot\.</p></div></li>', text_now()
    )


def test_joining_a_step_with_the_one_before_keeps_the_first_key(edit, text_now, put_cursor):
    page = edit(THREE)
    put_cursor("Check the seal", before=True)
    page.keyboard.press("Backspace")
    assert keys(text_now()) == ["greet", "probe"]
    assert "Check the seal" in text_now()
    page.keyboard.press("Control+z")
    assert keys(text_now()) == ["greet", "seal", "probe"]


def test_enter_in_an_empty_last_line_begins_a_step_and_in_an_empty_step_ends_them(edit, text_now, put_cursor):
    page = edit(THREE)
    put_cursor("Top and bottom.")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("Write it down")
    assert titles(text_now())[-1] == "Write it down"
    assert keys(text_now())[:3] == ["greet", "seal", "probe"]
    assert len(set(keys(text_now()))) == 4
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("Afterwards")
    assert text_now().endswith("</ol><p>Afterwards</p>")


def test_a_new_step_has_a_title_a_text_and_a_key(edit, text_now, put_cursor):
    page = edit(THREE)
    put_cursor("Scan it.")
    page.get_by_role("button", name="New step").click()
    page.keyboard.type("Look at the door")
    assert titles(text_now()) == ["Greet the vehicle", "Look at the door", "Check the seal", "Probe three cases"]
    assert len(set(keys(text_now()))) == 4


def test_a_copied_step_gets_a_new_key_even_before_its_original(edit, text_now):
    page = edit(THREE)
    page.evaluate(
        """() => { const { editor } = document.querySelector('procedure-editor').surface;
        const list = editor.state.doc.firstChild;
        editor.view.dispatch(editor.state.tr.insert(1, list.child(1))) }"""
    )
    now = keys(text_now())
    assert now[1:] == ["greet", "seal", "probe"]
    assert now[0] not in now[1:]
    assert titles(text_now())[0] == "Check the seal"


def test_copied_and_pasted_steps_follow_the_step_and_get_keys_of_their_own(edit, text_now, put_cursor):
    page = edit(THREE)
    put_cursor("Scan it.")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    put_cursor("Scan it.")
    page.keyboard.press("Control+v")
    page.wait_for_function("document.querySelectorAll('.editor__body > .steps > .step').length === 6")
    now = keys(text_now())
    assert now[0] == "greet"
    assert now[4:] == ["seal", "probe"]
    assert len(set(now)) == 6


def test_a_numbered_list_becomes_steps_and_keeps_its_keys(edit, text_now, put_cursor):
    page = edit('<ol><li data-step="one">First</li><li data-step="two">Second</li></ol>')
    put_cursor("Second")
    page.get_by_role("button", name="Steps", exact=True).click()
    assert text_now() == (
        '<ol class="steps"><li class="step" data-step="one"><p>First</p></li>'
        '<li class="step" data-step="two"><p>Second</p></li></ol>'
    )


def test_items_of_a_numbered_list_have_keys_and_bullets_have_none(edit, text_now, put_cursor):
    page = edit('<ol><li data-step="one">First</li></ol>')
    put_cursor("First")
    page.keyboard.press("Enter")
    page.keyboard.type("Second")
    now = keys(text_now())
    assert now[0] == "one"
    assert len(set(now)) == 2
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Bulleted list").click()
    assert "<ul><li>First</li><li>Second</li></ul>" in text_now()


def test_opening_a_text_without_keys_gives_them_without_calling_it_a_change(edit, text_now, portal):
    page = edit("<ol><li>First</li><li>Second</li></ol>")
    assert len(set(keys(text_now()))) == 2
    page.wait_for_timeout(1000)
    assert portal.draft.saves == []


def test_cautions_are_named_changed_and_taken_away(edit, text_now, put_cursor):
    page = edit("<p>Loggers are late.</p>")
    put_cursor("late.")
    page.get_by_role("button", name="Caution").click()
    assert text_now() == '<div class="caution"><p><strong>Caution.</strong> Loggers are late.</p></div>'
    page.get_by_role("button", name="Stop").click()
    assert '<div class="caution caution--stop">' in text_now()
    page.get_by_role("button", name="Stop").click()
    assert text_now().startswith("<p>")
