"""One bad line does not end an import."""

import gzip
import io
import json
from datetime import date

import pytest

from sops.importing.imported import CannotImport
from sops.importing.jsonlines import read_jsonlines
from sops.importing.reading import read_source
from sops.importing.sources import lines_of


def rows(data):
    return list(read_jsonlines(io.BytesIO(data)))


GOOD = {
    "id": "DOC-1",
    "title": "Cold  chain",
    "body": "# Cold",
    "code": "SOP-1",
    "effective_on": "2026-10-01",
    "version": 3,
}


def test_lines_are_read_with_their_facts_packed_or_not():
    data = json.dumps(GOOD).encode() + b"\r\n\n" + json.dumps(GOOD).encode()
    for packed in (data, gzip.compress(data)):
        first, second = rows(packed)
        assert (first.line, second.line) == (1, 3)
        assert (first.id, first.title, first.body, first.error) == ("DOC-1", "Cold chain", "# Cold", None)
        assert (first.facts.code, first.facts.version, first.facts.effective_on) == ("SOP-1", "3", date(2026, 10, 1))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{not json", "line 2: Not JSON"),
        (b"[1]", "line 2: An object"),
        (b'{"title": "x"}', "line 2: “body” is missing"),
        (b'{"title": 3, "body": "x"}', "line 2: “title” is missing or not a text"),
        (b'{"title": "\xff", "body": "x"}', "line 2: The text is not UTF-8"),
        (b"[" * 100_000, "line 2: "),
        (b'{"a": ' + b"9" * 10_000 + b"}", "line 2: "),
        (b'{"body": "' + b"x" * 5_000_000 + b'"}', "line 2: Longer than 4 MB"),
    ],
)
def test_a_bad_line_is_said_with_its_number_and_the_next_is_read(line, said):
    good = json.dumps(GOOD).encode()
    found = rows(good + b"\n" + line + b"\n" + good)
    assert [row.error is None for row in found] == [True, False, True]
    assert str(found[1].error).startswith(said)
    assert found[2].line == 3


def test_characters_no_database_holds_are_taken_out():
    [row] = rows(b'{"title": "a\\u0000b", "body": "x\\ud800y\\u0000"}')
    assert (row.title, row.body) == ("ab", "x?y")


def test_a_cut_off_packed_file_is_refused_in_words():
    with pytest.raises(CannotImport, match="damaged or cut off"):
        rows(gzip.compress(json.dumps(GOOD).encode() * 50)[:-20])


def test_the_whole_corpus_is_read(shared_data):
    with (shared_data / "sops" / "corpus.jsonl.gz").open("rb") as file:
        found = list(read_jsonlines(file))
    assert len(found) == 1454
    assert all(row.error is None and row.body for row in found)


def test_a_version_and_keys_are_as_people_and_programs_write_them():
    line = (
        b'\xef\xbb\xbf{"title": "T", "body": "x", "version": 1.10, "Effective Date": "1 Oct 2026",'
        b' "approvedBy": "Quinn", "nextReview": 20271001, "unknown": {"deep": [1]}, "approved": "in spring"}'
    )
    [row] = rows(line)
    assert (row.facts.version, row.facts.effective_on) == ("1.10", date(2026, 10, 1))
    assert (row.facts.approver, row.facts.review_due_on) == ("Quinn", date(2027, 10, 1))
    assert ["“in spring” was not understood" in str(said) for said in row.warnings] == [True]


def test_a_file_in_another_encoding_is_refused_whole_with_what_to_do():
    with pytest.raises(CannotImport, match="Save it as UTF-8"):
        rows(json.dumps(GOOD).encode("utf-16"))


@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_instead_of_lines_is_refused_whole_with_what_to_do(indent):
    with pytest.raises(CannotImport, match="on a line of its own"):
        rows(json.dumps([GOOD, GOOD], indent=indent).encode())


def bodies(*rows_of_it):
    lines = "".join(json.dumps(row) + "\n" for row in rows_of_it).encode()
    return [read_source(source) for source in lines_of(io.BytesIO(lines), "x.jsonl")]


def test_a_body_of_html_is_read_as_html_however_it_is_indented():
    page = (
        "<!DOCTYPE html><html><head><title>x</title></head><body>\n    <h1>Receiving</h1>\n\n    <p>1. Weigh *it*</p>\n"
        "<ul>\n  <li>a</li>\n\n      <li>b <img src='a.png' alt='The bay'></li>\n</ul>"
        "<h1>Forms</h1><h2>Old</h2></body></html>"
    )
    (read,) = bodies({"title": "Receiving", "body": page})
    html = " ".join(read.text.content.decode().split())
    assert html == (
        "<p>1. Weigh *it*</p> <ul> <li>a</li> <li>b [Image: The bay]</li> </ul>"
        '<h2 id="s-forms">Forms</h2><h3 id="s-old">Old</h3>'
    )
    assert any("“The bay” was not found" in str(warning) for warning in read.warnings)


@pytest.mark.parametrize(
    "body",
    ["<div>\n\n# Scope\n\n</div>", "<p>a</p>\n\n# Scope\n", "<details>\n<summary>s</summary>\n\n# Scope\n\n</details>"],
)
def test_a_body_of_markdown_with_html_in_it_is_markdown(body):
    assert b'<h2 id="s-scope">Scope</h2>' in bodies({"title": "T", "body": body})[0].text.content


def test_facts_inside_others_a_comma_at_the_end_and_a_yes_are_understood():
    line = b'{"title": "T", "body": "x", "approved": {"by": "Quinn", "date": "2024-02-20"}, "effective": true},\n'
    (row,) = rows(line)
    assert (row.error, row.warnings) == (None, ())
    assert (row.facts.approver, row.facts.approved_on) == ("Quinn", date(2024, 2, 20))
