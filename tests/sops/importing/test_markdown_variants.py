"""Markdown as other programs write it: nothing is lost in silence, and what is known elsewhere is understood."""

from datetime import date

import pytest

from core.safe.html import text_of
from sops.importing.front_matter import split_front_matter
from sops.importing.markdown import read_markdown

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
FOLDER = {"img/floor plan.png", "img/bay.png", "Cold goods.png"}
PAGES = {"my page.md": "/documents/SOP-1/", "Cold chain": "/documents/SOP-2/"}


def read(text, name="a.md"):
    return read_markdown(text, name, find_picture=lambda a: PNG if a in FOLDER else None, find_link=PAGES.get)


def test_a_version_in_toml_or_json_is_as_it_is_written():
    for text in (
        '+++\r\ntitle = "Cold goods"\r\nversion = 1.10\r\n+++\r\n# Scope\r\n',
        '{\n  "title": "Cold goods",\n  "version": 1.10\n}\n\n# Scope\n',
    ):
        imported = read(text)
        assert (imported.title, imported.facts.version) == ("Cold goods", "1.10")
        assert ">Scope</h2>" in imported.body_html
        assert "{" not in imported.body_html


def test_a_text_that_only_begins_with_a_brace_is_text():
    assert split_front_matter("{\n not json }\n") == ({}, "{\n not json }\n", [])
    assert "{date}" in read("{date}\n\nText").body_html


def test_properties_inside_others_and_lists_of_one_are_understood():
    imported = read(
        "---\ntitle: T\napproved:\n  by: Quinn Approver\n  date: 2024-02-20\nowner: [Omar Owner]\n---\nText"
    )
    assert (imported.facts.approver, imported.facts.approved_on) == ("Quinn Approver", date(2024, 2, 20))
    assert imported.facts.owner == "Omar Owner"


def test_a_colon_in_a_title_loses_no_property():
    imported = read("---\ntitle: SOP: Receiving: cold goods\nversion: 3.10\n---\nText")
    assert (imported.title, imported.facts.version) == ("SOP: Receiving: cold goods", "3.10")
    assert any("read by lines" in warning for warning in imported.warnings)


@pytest.mark.parametrize(
    "line",
    ["effectiveDate: 2024-03-01", "Effective Date: 2024-03-01", "Gültig ab: 01.03.2024", "effective: 20240301"],
)
def test_keys_are_understood_in_any_spelling(line):
    assert read(f"---\n{line}\n---\nText").facts.effective_on == date(2024, 3, 1)


def test_a_date_nobody_understands_is_told():
    imported = read("---\neffective: spring\n---\nText")
    assert imported.facts.effective_on is None
    assert any("“spring” was not understood" in warning for warning in imported.warnings)


def test_a_name_among_properties_that_means_something_else_is_no_fact():
    assert read("---\nid: intro-2\nreference: 12\n---\nText").facts.code == "12"
    assert read("---\nid: intro-2\n---\nText").facts.code is None


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_every_encoding_of_an_editor_is_read(encoding):
    imported = read("# Größe prüfen\n\nÄpfel wiegen.\n".encode(encoding))
    assert imported.title == "Größe prüfen"
    assert "Äpfel wiegen." in imported.body_html


def test_pictures_and_pages_with_blanks_and_in_double_brackets_are_found():
    imported = read(
        "![The floor](img/floor plan.png) ![The floor](img/floor%20plan.png) [that page](my page.md)\n\n"
        "![[Cold goods.png|300]] [[Cold chain|the chain]] [[Cold chain]]\n\n`![x](img/floor plan.png)`\n"
    )
    assert len(imported.images) == 2
    assert imported.body_html.count('src="attachment:0" alt="The floor"') == 2
    assert 'src="attachment:1" alt="Cold goods"' in imported.body_html
    assert '<a href="/documents/SOP-1/" rel="noopener noreferrer">that page</a>' in imported.body_html
    assert imported.body_html.count('href="/documents/SOP-2/"') == 2
    assert "<code>![x](img/floor plan.png)</code>" in imported.body_html


def test_what_is_not_found_in_double_brackets_stays_as_it_is_written():
    html = read("![a](no such.png) [[nowhere]] ![[gone.png]] <b>[[x & y]]</b>").body_html
    for words in ("![a](no such.png)", "[[nowhere]]", "![[gone.png]]", "[[x &amp; y]]"):
        assert words in html


def test_cells_beyond_the_head_of_a_table_are_told():
    imported = read("| a | b |\n|---|---|\n| `x|y` | kept? |\n| c \\| d | e |\n\n| f |\n|---|\n| g |\n")
    assert [str(warning) for warning in imported.warnings] == [
        "A row of a table has more cells than its head; left out: “kept?”"
    ]
    assert "c | d" in imported.body_html


def test_a_title_behind_badges_is_the_title():
    text = "<a name='top'></a>\n\n[![build](https://example.org/b.svg)](https://example.org)\n\n# Receiving\n\nText\n"
    imported = read(text, "README.md")
    assert imported.title == "Receiving"
    assert read("Some words.\n\n# Receiving\n", "README.md").title == "Readme"


def test_lists_four_deep_keep_their_kinds_and_what_stands_in_them():
    html = read("1. a\n   1. b\n      - c\n        1. d\n\n           more of d\n   2. e\n2. f\n").body_html
    assert html.replace("\n", "") == (
        "<ol><li>a<ol><li>b<ul><li>c<ol><li><p>d</p><p>more of d</p></li></ol></li></ul></li><li>e</li></ol></li>"
        "<li>f</li></ol>"
    )


def test_footnotes_stand_at_the_end_with_links_both_ways():
    imported = read(
        "# Weighing[^t]\n\n[^scale]: The *scale*.\n\n    - Twice a day.\n[^t]: Of the title.\n\n## Steps\n\n"
        "1. Weigh[^scale] `[^scale]`\n2. Note it[^1] and again[^scale].\n\n[^1]: In the book[^scale].\n"
        "[^nobody]: Kept.\n[^1]: Kept too.\n\nEnd [^no such].\n"
    )
    assert imported.title == "Weighing"
    mention = '<sup><a href="#s-{0}" rel="noopener noreferrer">[{0}]</a></sup>'
    text, notes = imported.body_html.replace("\n", "").split("<hr>")
    assert f"<li>Weigh{mention.format(2)} <code>[^scale]</code></li>" in text
    assert f"<li>Note it{mention.format(3)} and again{mention.format(2)}.</li>" in text
    assert "<p>[^nobody]: Kept.</p><p>[^1]: Kept too.</p><p>End [^no such].</p>" in text
    back = '<a href="#s-steps" rel="noopener noreferrer">↩</a>'
    assert notes == (
        '<h6 id="s-1">[1]</h6><p>Of the title. <a href="#" rel="noopener noreferrer">↩</a></p>'
        f'<h6 id="s-2">[2]</h6><p>The <em>scale</em>.</p><ul><li>Twice a day.</li></ul><p>{back}</p>'
        f'<h6 id="s-3">[3]</h6><p>In the book{mention.format(2)}. {back}</p>'
    )


def test_a_footnote_is_found_although_a_heading_is_called_as_it_is():
    html = read("## 1\n\na[^x]\n\n###### [1]\n\n[^x]: note\n").body_html
    assert '<a href="#s-1-3" rel="noopener noreferrer">[1]</a>' in html
    assert '<h6 id="s-1-3">[1]</h6>\n<p>note <a href="#s-1" ' in html


def test_bare_addresses_are_links_as_on_github():
    html = read(
        "(see www.example.org/a_(b)), https://example.org/?a=1&b=2. ask@example.org! `http://code.example` "
        "[http://label.example](https://other.example) xhttp://no.example\n"
    ).body_html
    assert (
        '(see <a href="http://www.example.org/a_(b)" rel="noopener noreferrer">www.example.org/a_(b)</a>), <a' in html
    )
    assert '">https://example.org/?a=1&amp;b=2</a>. <a href="mailto:ask@example.org"' in html
    assert html.count("<a ") == 4


def test_one_tilde_strikes_as_two_do():
    assert read("~old~ ~~older~~ ~a~~ ~5 kg to ~6 kg").body_html == (
        "<p><s>old</s> <s>older</s> ~a~~ ~5 kg to ~6 kg</p>\n"
    )


def test_words_in_angle_brackets_that_are_no_html_are_told():
    imported = read("Enter <order number>, List<String> or <b>this</b>. <!-- <x> -->\n\n<Tabs>\nAlpha\n</Tabs>\n")
    assert [str(warning) for warning in imported.warnings] == [
        "3 × something in angle brackets that is no HTML, left out, for example “<order number>”."
    ]


@pytest.mark.parametrize(
    "source",
    ["[^a]" * 5_000, "[^a]: " * 2_000 + "x", "www." * 100_000, "a@b." * 50_000, "<div>\n" + "<script " * 100_000],
)
def test_many_notes_and_addresses_are_read_in_time(source):
    assert "x" in text_of(read(f"[^a]: x\n\n{source}").body_html)


@pytest.mark.parametrize(
    "opening",
    [
        "| Document number | SOP-QA-7 |\n|---|---|\n| Version | 3.1 |\n| Effective date | 1 May 2024 |\n",
        "**Document No.:** SOP-QA-7  \n**Version:** 3.1  \nEffective date: 1 May 2024\n",
    ],
)
def test_number_version_and_date_may_stand_in_a_table_or_in_lines_at_the_start(opening):
    facts = read(f"# Receiving\n\n{opening}\nSee SOP-QA-9.\n").facts
    assert (facts.code, facts.version, facts.effective_on) == ("SOP-QA-7", "3.1", date(2024, 5, 1))
    assert read("# Receiving\n\nSee SOP-QA-9, version 3.\n").facts.code is None


def test_words_between_two_rules_are_no_properties():
    imported = read("---\nNote: read all of it\nbefore you begin\n---\nText\n")
    assert "Note: read all of it\nbefore you begin" in imported.body_html
    assert imported.warnings == []


def test_properties_in_a_box_and_lines_of_old_macs_are_understood():
    facts = read("---\rdocument:\r  number: SOP-1\r  version: 4.10\r---\r# Scope\r").facts
    assert (facts.code, facts.version) == ("SOP-1", "4.10")
