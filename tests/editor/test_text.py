"""What goes through the editor comes out as the server's sanitiser wants it, and nothing is lost on the way."""

import re

from core.safe.html import clean, ensure_step_keys

EVERYTHING = """
<h2>Purpose</h2><p>Bring <strong>medicines</strong>, <em>blood</em>, <u>tests</u>, <s>food</s>, <code>x = 1</code>,
H<sub>2</sub>O, m<sup>2</sup>, press <kbd>F5</kbd>.<br>See <a href="/documents/SOP-014/" title="The other">SOP-014</a>
or <a href="mailto:dock@example.org">write</a>.</p>
<h3>Scope</h3><h4>Places</h4><h5>Small</h5><h6>Smallest</h6>
<ul><li>one<ul><li>inner</li></ul></li><li><p>two</p><p>more</p></li></ul>
<ol start="3" type="a"><li data-step="old-1">third</li><li data-step="old-2">fourth</li></ol>
<ol class="steps"><li class="step" data-step="greet"><h3>Greet</h3><p>Scan.</p><ul><li>top</li></ul>
<div class="caution caution--stop"><p><strong>Stop.</strong> No.</p></div></li>
<li class="step" data-step="seal"><p>Read <em>aloud</em>.</p><div class="caution"><p>Careful.</p></div></li></ol>
<div class="note"><p>Note this.</p><ul><li>a</li></ul></div><aside class="note"><p>Aside.</p></aside>
<div><p>In a box.</p></div><section class="step" data-step="sec-1"><h3>Section</h3><p>As a step.</p></section>
<blockquote><p>Said once.</p></blockquote><pre><code>line 1
  line 2</code></pre><hr>
<table><caption>Limits</caption><thead><tr><th scope="col">Good</th><th colspan="2">Limit</th></tr></thead>
<tbody><tr><th scope="row">Vaccine</th><td rowspan="2">2</td>
<td><p>8</p><p>or less</p></td></tr><tr><td>Blood</td><td>6</td></tr></tbody>
<tfoot><tr><td>Sum</td><td>2</td><td>1</td></tr></tfoot></table>
<p><img src="/attachments/0f8fad5b-d9cb-469f-a165-70867728950e/dock.png" alt="The dock" width="40" height="30"></p>
<figure><img src="/attachments/0f8fad5b-d9cb-469f-a165-70867728950e/dock.png" alt="Dock">
<figcaption>The dock</figcaption></figure>
"""


def without_anchors(html: str) -> str:
    """The server gives headings their anchors from their words; the editor need not know them."""
    return re.sub(r'(<h\d) id="[^"]*"', r"\1", html)


def test_what_the_editor_writes_passes_the_sanitiser_unchanged(edit, text_now):
    stored = ensure_step_keys(clean(EVERYTHING).html)
    edit(stored)
    written = text_now()
    cleaned = clean(written)
    assert cleaned.removed == []
    assert without_anchors(cleaned.html) == written


def test_loading_what_was_saved_gives_the_same_text_again(edit, text_now):
    edit(ensure_step_keys(clean(EVERYTHING).html))
    first = text_now()
    edit(ensure_step_keys(clean(first).html))
    assert text_now() == first


def test_everything_the_sanitiser_allows_opens_in_the_editor(edit):
    page = edit(ensure_step_keys(clean(EVERYTHING).html))
    assert page.get_by_role("textbox", name="Text of the procedure").is_visible()
    assert page.locator(".notice").count() == 0


KEPT = [
    *('scope="col"', 'colspan="2"', 'rowspan="2"', "<caption>Limits</caption>", "<thead>", "<tfoot>", "<figcaption>"),
    *('start="3"', 'type="a"', 'data-step="old-2"', 'data-step="greet"', 'data-step="sec-1"', 'title="The other"'),
    *(
        'width="40"',
        '<aside class="note">',
        "<div><p>In a box.",
        "caution caution--stop",
        "line 1\n  line 2",
        "<kbd>F5",
    ),
]


def test_markup_survives_loading_and_saving(edit, text_now):
    edit(ensure_step_keys(clean(EVERYTHING).html))
    assert [part for part in KEPT if part not in text_now()] == []


def test_a_text_the_editor_would_damage_is_edited_as_plain_text(edit, text_now, portal):
    body = "<p>Before</p><dl><dt>Term</dt><dd>Meaning</dd></dl>"
    page = edit(body)
    assert page.locator(".notice__title", has_text="so that nothing is lost").is_visible()
    assert "<dl>" in page.locator(".notice", has_text="cannot show").inner_text()
    area = page.locator("textarea")
    assert area.input_value() == body
    area.press("End")
    area.press_sequentially("<p>More</p>")
    page.get_by_text("Saved just now").wait_for()
    assert portal.draft.body == body + "<p>More</p>"


def test_the_plain_text_can_be_opened_in_the_editor_all_the_same(edit, text_now):
    page = edit("<dl><dt>Term</dt><dd>Meaning</dd></dl>")
    page.get_by_role("button", name="Open in the editor without them").click()
    assert "Term" in text_now()
    assert page.get_by_role("textbox", name="Text of the procedure").is_visible()
    assert page.locator(".notice").count() == 0


def test_plain_text_and_back(edit, text_now, portal):
    page = edit("<p>One</p>")
    page.get_by_role("button", name="Edit as plain text").click()
    page.locator("textarea").fill("<p>Two</p>")
    page.get_by_role("button", name="Back to the editor").click()
    assert text_now() == "<p>Two</p>"
    page.get_by_text("Saved just now").wait_for()
    assert portal.draft.body == "<p>Two</p>"


def paste(page, html: str) -> None:
    page.locator(".editor__body").focus()
    page.evaluate(
        """html => { const data = new DataTransfer(); data.setData('text/html', html);
        document.querySelector('.editor__body').dispatchEvent(
          new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })) }""",
        html,
    )


def test_pasting_from_a_web_page_takes_the_text_and_leaves_its_dress(edit, text_now):
    page = edit("<p></p>")
    paste(
        page,
        '<div class="x" id="y"><p style="color:red" onclick="alert(1)">Red <b>bold</b> '
        '<span style="font-weight:700">heavy</span></p><img src="https://tracker.example/p.gif">'
        '<a href="javascript:alert(1)">bad</a> <a href="https://good.example/">good</a></div>',
    )
    text = text_now()
    assert "<strong>bold</strong> <strong>heavy</strong>" in text
    assert 'href="https://good.example/"' in text
    for unwanted in ("style", "onclick", "class", "id=", "<img", "javascript"):
        assert unwanted not in text
    assert page.get_by_text("Pictures left out: 1.").count() >= 1
    assert clean(text).removed == []


def test_a_pasted_figure_cannot_bring_script(edit, text_now):
    page = edit("<p></p>")
    paste(
        page,
        '<div data-pm-slice="0 0 []"><figure><img src="x" onerror="alert(1)"><svg onload="alert(1)"></svg>'
        "<figcaption>c</figcaption></figure></div>",
    )
    assert "onerror" not in text_now()
    assert "<svg" not in text_now()
    assert page.locator(".editor__body figure [onerror], .editor__body figure svg").count() == 0


def word_item(level: int, marker: str, words: str) -> str:
    """A list item as Word puts it on the clipboard."""
    return (
        f"<p class=MsoListParagraphCxSpMiddle style='text-indent:-18.0pt;mso-list:l0 level{level} lfo1'>"
        f"<![if !supportLists]><span style='mso-list:Ignore'>{marker}<span style='font:7.0pt \"Times New Roman\"'>"
        f"&nbsp;&nbsp;&nbsp;</span></span><![endif]>{words}<o:p></o:p></p>"
    )


def test_lists_pasted_from_word_are_lists(edit, text_now):
    page = edit("<p></p>")
    paste(
        page,
        "<html><body><!--StartFragment--><p class=MsoNormal>Before</p>"
        + word_item(1, "1.", "Open the <b>door</b>")
        + word_item(2, "a)", "left wing")
        + word_item(2, "b)", "right wing")
        + word_item(1, "2.", "Close it")
        + "<p class=MsoNormal>Between</p>"
        + word_item(1, "·", "A bullet")
        + "<!--EndFragment--></body></html>",
    )
    text = re.sub(r' data-step="s-[0-9a-z]+"', "", text_now())
    assert text == (
        "<p>Before</p><ol><li>Open the <strong>door</strong><ol><li>left wing</li><li>right wing</li></ol></li>"
        "<li>Close it</li></ol><p>Between</p><ul><li>A bullet</li></ul>"
    )
    assert clean(text_now()).removed == []
