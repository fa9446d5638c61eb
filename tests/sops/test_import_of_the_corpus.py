"""Fourteen hundred real procedures come in once, and each keeps the words that a reader saw."""

import gzip
import json
import re
from collections import Counter

import pytest
from lxml import html as lxml_html
from markdown_it import MarkdownIt
from mdit_py_plugins.tasklists import tasklists_plugin

from core.safe.html import clean, text_of
from core.safe.html_tokens import BLOCKS
from documents.models import Document, Version
from sops.importing.front_matter import split_front_matter
from tests.sops.test_import_documents import counts, run

INVISIBLE = {"script", "style", "iframe", "svg", "noscript", "title", "head", "template"}
ALL = 1454


def words_shown(html):
    """The words a browser would show, read by a parser of its own."""
    pieces = []

    def walk(element):
        if isinstance(element.tag, str) and element.tag not in INVISIBLE:
            edge = " " if element.tag in BLOCKS or element.tag in ("option", "video") else ""
            pieces.extend((edge, element.text or ""))
            for child in element:
                walk(child)
            pieces.append(edge)
        pieces.append(element.tail or "")

    if html.strip():
        walk(lxml_html.fragment_fromstring(html, create_parent="div"))
    return re.findall(r"\w+", "".join(pieces))


@pytest.mark.long
def test_the_corpus_twice_is_the_corpus_once_and_keeps_its_visible_words(author, shared_data):
    corpus = shared_data / "sops" / "corpus.jsonl.gz"
    result, said = run(corpus)
    assert result == counts(ALL, created=ALL), [line for line in said.splitlines() if line.startswith("refused")]
    assert Document.objects.count() == ALL
    stored = {version.document.source_key: version for version in Version.objects.select_related("document")}
    assert run(corpus)[0] == counts(ALL, unchanged=ALL)
    assert Document.objects.count() == Version.objects.count() == ALL

    reference = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).use(tasklists_plugin)
    other_words, other_order = [], []
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        for number, row in enumerate(map(json.loads, lines)):
            version = stored.pop(row["id"])
            text = version.body_bytes().decode()
            if number % 20 == 0:
                assert clean(text).html == text
            expected = words_shown(reference.render(split_front_matter(row["body"])[1]))
            shown = re.sub(r"\[Image: .*?\]", " ", text_of(text), flags=re.DOTALL)
            body, title = re.findall(r"\w+", shown), re.findall(r"\w+", version.title)
            if expected not in (body, title + body):
                other_order.append(row["id"])
                if Counter(expected) not in (Counter(body), Counter(title + body)):
                    other_words.append(row["id"])
    assert not stored
    assert other_words == []
    # Template marks between table rows: browsers move such words before the table, the reference parser does not.
    assert len(other_order) <= 1
