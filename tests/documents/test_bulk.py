"""Starting many documents at once writes what starting each of them would write, field by field."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.lifecycle import NotAllowed, Refused
from core.models import SearchWord
from documents.bulk import Start, start_documents
from documents.drafting import start_document
from documents.kinds import Prepared, kind_named
from documents.models import Content, Document
from tests.documents.rows import everything_about

BODY = b"<h2>Purpose</h2><p>Goods arrive cold &amp; stay cold.</p><ol><li>Open the bay.</li><li>Measure.</li></ol>"


def start(title="Receiving cold goods", **fields):
    return Start(kind="sop", title=title, text=Prepared.by(kind_named("sop"), BODY), **fields)


def test_one_by_one_and_all_at_once_write_the_same_rows(author, owner, department):
    facts = {"department": department, "owner": owner, "source_key": ""}
    single = start_document(kind="sop", by=author, title="Receiving cold goods", body=BODY, **facts).document
    many = [v.document for v in start_documents([start(**facts), start(**facts)], by=author)]
    single.refresh_from_db()
    for document in many:
        stored = Document.objects.get(pk=document.pk)
        assert everything_about(stored) == everything_about(single)
    assert [document.code for document in (single, *many)] == ["SOP-INB-001", "SOP-INB-002", "SOP-INB-003"]
    assert Content.objects.count() == 1


def test_the_number_of_statements_does_not_grow_with_the_number_of_documents(author, owner):
    start_documents([start()], by=author)  # what is asked once: content types, the counter's first row
    counts = []
    for many in (3, 30):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            start_documents([start(title=f"Title {n}") for n in range(many)], by=author)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_words_of_all_of_them_can_be_corrected_to(author, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        start_documents([start(title="Zeppelin"), start(title="Quokka")], by=author)
    assert set(SearchWord.objects.filter(word__in=("zeppelin", "quokka")).values_list("word", flat=True)) == {
        "zeppelin",
        "quokka",
    }


def test_all_of_them_or_none(author, reader):
    with pytest.raises(Refused, match="SOP-9"):
        start_documents([start(code="SOP-8"), start(code="SOP-9"), start(code="sop 9")], by=author)
    with pytest.raises(Refused, match="Enter a title"):
        start_documents([start(), start(title=" ")], by=author)
    with pytest.raises(NotAllowed):
        start_documents([start()], by=reader)
    assert not Document.objects.exists()


def test_a_stated_number_is_not_counted_out_to_another(author):
    versions = start_documents([start(), start(code="SOP-001"), start()], by=author)
    assert [version.document.code for version in versions] == ["SOP-002", "SOP-001", "SOP-003"]


def test_nothing_asked_nothing_done(author):
    assert start_documents([], by=author) == []
