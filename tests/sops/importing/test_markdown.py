"""Markdown becomes a procedure with the same visible words."""

import re
import time
from datetime import date

import pytest

from core.safe.html import clean
from sops.importing.imported import CannotImport
from sops.importing.markdown import read_markdown

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def test_properties_at_the_top_become_facts_and_not_text():
    imported = read_markdown(
        "---\ntitle: Cold chain\ncode: SOP-INB-014\nversion: 1.10\neffective_date: 2026-10-01\nowner: Omar Haddad\n"
        "next_review: 1 Oct 2027\napproved_by: Quinn Adeyemi\napproval_date: 18.09.2026\n---\n# Cold chain\n\nText\n"
    )
    assert imported.title == "Cold chain"
    assert imported.body_html == "<p>Text</p>\n"
    facts = imported.facts
    assert (facts.code, facts.version, facts.owner, facts.approver) == (
        "SOP-INB-014",
        "1.10",
        "Omar Haddad",
        "Quinn Adeyemi",
    )
    assert facts.effective_on == date(2026, 10, 1)
    assert facts.review_due_on == date(2027, 10, 1)
    assert facts.approved_on == date(2026, 9, 18)


@pytest.mark.parametrize(
    "block",
    ["title: [broken", "title: &a x\nother: *a", "a: " + "[" * 5_000, "title: x\n" + "k: v\n" * 20_000],
)
def test_broken_properties_are_left_out_and_spoken_of(block):
    imported = read_markdown(f"---\n{block}\n---\n# Scope\n\nText")
    assert imported.title == "Scope"
    assert imported.body_html == "<p>Text</p>\n"
    assert any("properties" in warning for warning in imported.warnings)


def test_a_rule_at_the_top_is_not_taken_for_properties():
    assert "First words" in read_markdown("---\nFirst words\n\n---\nMore").body_html


def test_the_first_heading_is_the_title_and_the_others_keep_their_distance():
    imported = read_markdown("<!-- x -->\n# Title *now*\n\n## A\n\n# B\n\n### C\n")
    assert imported.title == "Title now"
    assert re.findall(r"<(h\d)", imported.body_html) == ["h3", "h2", "h4"]
    assert re.findall(r"<(h\d)", read_markdown("# T\n\n## A\n\n### B").body_html) == ["h2", "h3"]


def test_words_above_the_first_heading_keep_it_in_the_text():
    imported = read_markdown("Intro\n\n# Part\n", "guides/cold-chain.md")
    assert imported.title == "Cold chain"
    assert ">Part</h2>" in imported.body_html


def test_tables_lists_tasks_and_code_are_kept():
    html = read_markdown(
        "| a | b |\n|:--|--:|\n| 1 | ~~2~~ |\n\n3. three\n   - inner\n4. four\n\n- [ ] open\n- [x] done\n\n"
        "```bash\nls <dir> && x\n```\n"
    ).body_html
    assert "<table><thead><tr><th>a</th>" in html.replace("\n", "")
    assert "<s>2</s>" in html
    assert '<ol start="3">' in html
    assert "☐" in html
    assert "☑" in html
    assert "<pre><code>ls &lt;dir&gt; &amp;&amp; x\n</code></pre>" in html


def test_pictures_are_found_by_the_caller_or_named():
    asked = []

    def find(address):
        asked.append(address)
        return PNG if address == "img/dock door.png" else b"<svg/>" if address == "x.svg" else None

    imported = read_markdown(
        "A ![The dock](img/dock%20door.png) b ![again](img/dock%20door.png)\n\n"
        '<img src="img/dock%20door.png" alt=\'q "x"\'>\n\n'
        "![](missing/plan.png) ![Far](https://example.org/x.png) ![s](x.svg)",
        find_picture=find,
    )
    assert [(image.name, image.bytes) for image in imported.images] == [("dock door.png", PNG)]
    assert imported.body_html.count('src="attachment:0"') == 3
    assert "[Image: plan.png]" in imported.body_html
    assert '<a href="https://example.org/x.png" rel="noopener noreferrer">[Image: Far]</a>' in imported.body_html
    assert "[Image: s]" in imported.body_html
    assert len(imported.warnings) == 3
    stored = imported.body_with({0: "/attachments/0b9f1d0e-5a55-4c4e-9a5e-0f7d3c1a2b3c/dock.png"})
    assert clean(stored).html == stored
    assert clean(stored).removed == []


def test_links_to_neighbours_are_resolved_or_become_words():
    imported = read_markdown(
        "[here](../b.md) [gone](c.md) [web](https://example.org) [part](#scope) <a href='../b.md'>raw</a>\n\n## Scope",
        find_link=lambda address: "/documents/SOP-002/" if address == "../b.md" else None,
    )
    assert imported.body_html.count('href="/documents/SOP-002/"') == 2
    assert "c.md" not in imported.body_html
    assert 'href="#s-scope"' in imported.body_html
    assert [str(warning) for warning in imported.warnings] == [
        "1 × link to a page that is not here, now plain words: c.md"
    ]


def test_template_marks_stay_as_words_with_a_warning():
    imported = read_markdown("Go to {{ site.url }} {% if x %}now{% endif %}")
    assert "{{ site.url }} {% if x %}now{% endif %}" in imported.body_html
    assert any("template mark" in warning for warning in imported.warnings)


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>\n\ntext",
        "[a](javascript:alert(1)) ![x](javascript:alert(1))",
        "<img src=x onerror=alert(1)><svg onload=alert(1)>",
        "<a href='java&#10;script:alert(1)'>x</a>",
        "![x](data:image/svg+xml;base64,PHN2Zy8+)",
        '![x" onerror="alert(1)](a.png "onload=alert(1)")',
        "<details ontoggle=alert(1) open>x",
    ],
)
def test_neg_18_hostile_markdown_is_imported_clean(source):
    html = read_markdown(source).body_html
    tags = " ".join(re.findall(r"<[^>]*>", html))
    assert not re.search(r"(?i)script|\son\w+=|<svg|data:", tags)


@pytest.mark.parametrize("source", ["> " * 50_000, "[" * 20_000, "- " * 20_000 + "x", "x\n" * 30_000, "\0\0# A\0"])
def test_text_made_to_hurt_is_read_or_refused(source):
    try:
        assert read_markdown(source).title
    except CannotImport as error:
        refused = str(error)
    else:
        refused = "not refused"
    assert refused


def test_bytes_of_other_encodings_are_read():
    assert read_markdown("# Größe\n".encode("cp1252")).title == "Größe"
    assert read_markdown("# Größe\n".encode("utf-16")).title == "Größe"
    assert read_markdown(b"\xef\xbb\xbf# Gr\xc3\xb6\xc3\x9fe").title == "Größe"


@pytest.mark.parametrize(
    "text",
    ["---\n" + "\n" * 20_000 + "@\n---\n", "---\n" + " \n#\n" * 10_000 + "@\n---\n", "{{" * 100_000, "{%" * 100_000]
    + ["<!--" * 50_000, "<!-- a " * 30_000],
    ids=["empty lines before what is no property", "remarks", "marks", "other marks", "comments", "more comments"],
)
def test_text_made_to_be_slow_is_read_in_time(text):
    """The first two took twice as long with each line more: thirty lines, a minute."""
    started = time.process_time()
    read_markdown(text)
    assert time.process_time() - started < 5
