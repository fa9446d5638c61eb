"""The redline by structure: what it says about each kind of change, and that both texts can be read back from it."""

import gzip
import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.safe.html import clean, ensure_step_keys
from portal.demo import documents as plans
from sops.importing.markdown import read_markdown
from sops.redline import Redline, accepted, compare, rejected

STEPS = (
    '<h2>Steps</h2><ol class="steps">'
    '<li class="step" data-step="a"><p>Greet the driver</p></li>'
    '<li class="step" data-step="b"><p>Check the seal of the trailer</p></li>'
    '<li class="step" data-step="c"><p>Unload within 20 minutes</p></li>'
    '<li class="step" data-step="d"><p>Book the receipt</p></li></ol>'
)


def changes(before: str, after: str) -> list[dict[str, Any]]:
    redline = compare(before, after)
    assert accepted(redline) == after
    assert rejected(redline) == before
    stored = Redline.from_data(json.loads(json.dumps(redline.as_data())))
    assert accepted(stored) == after
    return redline.changes


def words(entry: dict[str, Any], state: str) -> str:
    return "".join(piece["text"] for piece in entry["pieces"] if piece["state"] == state).strip()


def test_equal_texts_have_no_changes() -> None:
    assert changes(STEPS, STEPS) == []


def test_changed_words_are_named_with_the_step() -> None:
    (entry,) = changes(STEPS, STEPS.replace("20 minutes", "15 minutes"))
    assert (entry["state"], entry["number"], entry["section"]) == ("changed", "3", "Steps")
    assert (words(entry, "removed"), words(entry, "added")) == ("20", "15")


def test_a_moved_step_is_moved_not_removed_and_added() -> None:
    seal = '<li class="step" data-step="b"><p>Check the seal of the trailer</p></li>'
    moved = STEPS.replace(seal, "").replace("</ol>", f"{seal}</ol>")
    found = changes(STEPS, moved)
    assert [(entry["state"], entry["was"], entry["number"]) for entry in found] == [("moved", "2", "4")]


def test_an_added_and_a_removed_step_are_whole() -> None:
    new = '<li class="step" data-step="x"><p>Photograph the open doors</p></li>'
    (added,) = changes(STEPS, STEPS.replace("</ol>", f"{new}</ol>"))
    assert (added["state"], added["number"]) == ("added", "5")
    (removed,) = changes(STEPS.replace("</ol>", f"{new}</ol>"), STEPS)
    assert (removed["state"], removed["number"]) == ("removed", "5")


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        ("<p>10<sup>5</sup> units</p>", "<p>105 units</p>", ["off", "sup"]),
        ("<p>Do it now</p>", "<p>Do <s>it</s> now</p>", ["on", "s"]),
        ('<p>See <a href="/documents/A/">it</a></p>', '<p>See <a href="/documents/B/">it</a></p>', None),
        ('<p><a href="https://example.org">it</a></p>', "<p>it</p>", None),
    ],
)
def test_formatting_and_links_are_changes(before: str, after: str, note: list[str] | None) -> None:
    (entry,) = changes(before, after)
    assert entry["state"] == "changed"
    notes = [one for piece in entry["pieces"] for one in piece["notes"]]
    states = {piece["state"] for piece in entry["pieces"]}
    if note and note[1] == "s":
        assert note in notes
    elif note is None:
        assert notes[0][0] == "link"
    assert states - {"same"}


def test_another_picture_is_a_change() -> None:
    one, other = "0" * 8 + "-0000-4000-8000-" + "0" * 12, "1" * 8 + "-0000-4000-8000-" + "1" * 12
    (entry,) = changes(
        f'<p><img src="/attachments/{one}/" alt="Bay"></p>', f'<p><img src="/attachments/{other}/" alt="Bay"></p>'
    )
    assert {(piece["state"], piece["picture"][13]) for piece in entry["pieces"]} == {("removed", "0"), ("added", "1")}


def test_a_caution_that_becomes_a_note_is_a_change() -> None:
    (entry,) = changes('<div class="caution"><p>Cut hazard</p></div>', '<div class="note"><p>Cut hazard</p></div>')
    assert entry["notes"] == [["callout", "caution", "note"]]


def test_a_step_that_becomes_a_sub_step_is_a_change() -> None:
    flat = '<ol><li data-step="a"><p>Open the doors</p></li><li data-step="b"><p>Look inside</p></li></ol>'
    deep = '<ol><li data-step="a"><p>Open the doors</p><ol><li data-step="b"><p>Look inside</p></li></ol></li></ol>'
    (entry,) = changes(flat, deep)
    assert entry["notes"] == [["level", "1", "2"]]
    assert (entry["was"], entry["number"]) == ("2", "1.1")


def test_a_list_that_becomes_numbered_is_a_change() -> None:
    found = changes("<ul><li>Gloves</li><li>Knife</li></ul>", "<ol><li>Gloves</li><li>Knife</li></ol>")
    assert all(["kind", "item", "step"] in entry["notes"] for entry in found)


def test_a_table_shows_its_changed_cells() -> None:
    row = "<tr><td>{}</td><td>{}</td></tr>"
    table = (
        "<table><tbody>" + row.format("Chilled food", "{limit}") + row.format("Frozen food", "-15") + "</tbody></table>"
    )
    (entry,) = changes(table.format(limit="7.0"), table.format(limit="5.0"))
    assert entry["kind"] == "table"
    assert [one["state"] for one in entry["rows"]] == ["changed", "same"]
    cells = entry["rows"][0]["cells"]
    assert [cell["state"] for cell in cells] == ["same", "changed"]


def test_texts_that_only_differ_in_hidden_markup_are_not_the_same() -> None:
    (entry,) = changes("<p>One</p>\n<p>Two</p>", "<p>One</p><p>Two</p>")
    assert entry["notes"] == [["markup", "", ""]]


# --- both texts can be read back -----------------------------------------------------------------------------


@pytest.mark.parametrize("code", [plan.code for plan in plans.PLANS if len(plan.editions) > 1])
def test_editions_of_the_demo_are_read_back(code: str) -> None:
    plan = next(plan for plan in plans.PLANS if plan.code == code)
    editions = [plans.text_of(code, number).decode() for number in range(1, len(plan.editions) + 1)]
    for before, after in zip(editions, editions[1:], strict=False):
        changes(before, after)


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            "<p>Check the seal</p>",
            "<p>Check <strong>the</strong> seal twice</p>",
            "<h2>Scope</h2>",
            "<ul><li>Gloves</li><li>Knife <em>sharp</em></li></ul>",
            '<ol class="steps"><li data-step="a"><p>One</p><ol><li data-step="b">Two</li></ol></li></ol>',
            '<ol><li data-step="c"><p>Three</p><div class="caution"><p>Hot</p></div></li></ol>',
            "<table><thead><tr><th>A</th></tr></thead><tbody><tr><td><p>x</p><ul><li>y</li></ul></td></tr></tbody></table>",
            "<table><tbody><tr><td></td><td><table><tbody><tr><td>in</td></tr></tbody></table></td></tr></tbody></table>",
            "<blockquote><p>Said</p></blockquote><hr>",
            "<pre><code>a &lt; b &amp; c</code></pre>",
            "loose text <br> after",
            "<figure><figcaption>Bay</figcaption></figure>",
            " \n ",
        ]
    ),
    max_size=8,
).map("".join)


@given(FRAGMENTS, FRAGMENTS)
@settings(max_examples=250, deadline=None)
def test_any_two_texts_are_read_back(one: str, other: str) -> None:
    before, after = (ensure_step_keys(clean(text).html) for text in (one, other))
    found = changes(before, after)
    assert (found == []) == (before == after)


def test_revisions_of_the_corpus_are_read_back(shared_data: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - the same changes in every run
    with gzip.open(shared_data / "sops" / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for number, line in enumerate(lines) if number % 12 == 0]
    for row in rows:
        html = read_markdown(row["body"], row["path"], title=row["title"]).body_html
        text = ensure_step_keys(clean(html).html)
        parts = text.split("<p>")
        for _ in range(3):
            at = chance.randrange(len(parts))
            change = chance.choice(["drop", "edit", "swap"])
            if change == "drop":
                parts[at] = parts[at][parts[at].find("</p>") + 4 :] if "</p>" in parts[at] else parts[at]
            elif change == "edit":
                parts[at] = parts[at].replace(" the ", " this very ", 1)
            else:
                other = chance.randrange(len(parts))
                parts[at], parts[other] = parts[other], parts[at]
        changed = ensure_step_keys(clean("<p>".join(parts)).html)
        assert (changes(text, changed) == []) == (text == changed)


def test_long_texts_are_compared_in_little_processor_time() -> None:
    pages = STEPS + "".join(f"<p>{f'Look at the pallet number {n} and write it down. ' * 12}</p>" for n in range(160))
    began = time.process_time()
    compare(pages, pages.replace("number 80 ", "number eighty "))
    forty = time.process_time() - began
    one, other = ("".join(f"<p>{word} number {n} {n * 7919}</p>" for n in range(2000)) for word in ("Old", "New"))
    began = time.process_time()
    compare(one.replace("number", "zahl"), other)
    all_different = time.process_time() - began
    assert (forty < 0.5, all_different < 3.0) == (True, True), (forty, all_different)
