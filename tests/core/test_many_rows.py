"""What is written for many rows in one statement is what would be written for each of them alone."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, models, transaction
from django.test import Client
from simple_history.models import HistoricalRecords
from simple_history.utils import bulk_create_with_history

from core.clock import telling
from core.history import create_with_history, save_with_history
from core.ledger import line_of, record_line, record_lines
from core.many_rows import update_rows
from core.models import LedgerLine, SearchWord
from core.search_text import remember_words
from core.search_words import variants_of
from documents.models import Document, Version
from people.models import Department, Person

pytestmark = pytest.mark.django_db


def values(row: models.Model, *own: str) -> dict[str, Any]:
    """The values of a row without those that differ from row to row."""
    names = [field.attname for field in row._meta.concrete_fields]
    return {name: getattr(row, name) for name in names if name not in {"id", "history_id", *own}}


def documents(author: Person, department: Department, codes: str) -> list[Document]:
    made = [
        Document(kind="sop", code=f"SOP-{code}", title="Größe", owner=author, department=department, created_by=author)
        for code in codes
    ]
    for document in made:
        document.audience_keys = ["everyone", f"person:{author.pk}"]
    return made


def test_history_is_what_the_library_writes(author: Person, department: Department) -> None:
    ours, theirs = documents(author, department, "ABC"), documents(author, department, "XYZ")
    create_with_history(ours, by=author, reason="started")
    bulk_create_with_history(theirs, Document, default_user=author, default_change_reason="started")
    own = ("code", "created_at", "changed_at", "history_date")
    for one, other in zip(ours, theirs, strict=True):
        line, model = one.history.get(), other.history.get()
        assert values(line, *own) == values(model, *own)
        stored = Document.objects.get(pk=one.pk)
        assert (line.id, line.code, line.created_at) == (stored.pk, stored.code, stored.created_at)
        assert stored.created_at <= line.history_date
    assert [line.code for line in Document.history.order_by("history_id")[:3]] == ["SOP-A", "SOP-B", "SOP-C"]


def test_history_leaves_out_what_a_model_leaves_out(author: Person, department: Department) -> None:
    [document] = documents(author, department, "A")
    document.save(by=author, reason="started")
    content = Version.content.field.related_model.store(b"<p>Text</p>", "text/html")
    facts = {"content_id": content, "title": "Größe", "author": author, "data": {"a": [1, None, "é"]}}
    many = [Version(document=document, sequence=1, state="discarded", created_by=author, changed_by=author, **facts)]
    create_with_history(many, by=author, reason="opened")
    Version(document=document, sequence=2, state="discarded", **facts).save(by=author, reason="opened")
    one, other = Version.history.order_by("sequence")
    assert values(one, "sequence", "created_at", "changed_at", "history_date") == values(
        other, "sequence", "created_at", "changed_at", "history_date"
    )


def test_signing_in_leaves_no_line_of_history(author: Person) -> None:
    before = author.history.count()
    Client().force_login(author)
    author.refresh_from_db()
    assert author.last_login is not None
    assert author.history.count() == before


def test_lists_are_kept_with_each_line_as_the_library_keeps_them(
    author: Person, owner: Person, department: Department
) -> None:
    document, other = documents(author, department, "AB")
    for one in (document, other):
        one.save(by=author, reason="started")
    document.readers.set([author, owner])
    other.readers.set([owner])
    document.save(by=author, reason="ours")
    HistoricalRecords.create_historical_record(Document.kept_history, document, "~")
    theirs, ours = document.history.order_by("-history_id")[:2]

    def readers(line: Any) -> list[tuple[int, int]]:
        return sorted(line.readers.values_list("document_id", "person_id"))

    assert readers(ours) == readers(theirs) == sorted((document.pk, person.pk) for person in (author, owner))
    own = ("history_date", "history_change_reason")
    assert values(ours, *own) == values(theirs, *own)
    assert [set(readers(line)) for line in other.history.all()] == [{(other.pk, owner.pk)}, set()]


def test_a_deleted_row_leaves_its_last_line(author: Person, department: Department) -> None:
    gone = Department.objects.create(name="Gone", code="GONE")
    gone._history_user, key = author, gone.pk
    gone.delete()
    line = Department.history.filter(id=key).first()
    assert (line.history_type, line.name, line.history_user) == ("-", "Gone", author)


def test_nothing_to_write_asks_nothing(author: Person, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        create_with_history([], by=author, reason="started")
        record_lines([])


def test_lines_of_the_ledger_are_those_that_are_written_one_by_one(author: Person) -> None:
    facts = {"reason": "„Größe“", "to_state": "draft", "content_hash": "ab" * 32, "data": {"z": 1, "a": [None, "é"]}}
    record_line(author, "person_added", by=author, **facts)
    record_line(None, "started", by=None)
    record_lines([line_of(author, "person_added", by=author, **facts), line_of(None, "started", by=None)])
    one, none, one_of_many, none_of_many = LedgerLine.objects.order_by("id")
    assert values(one_of_many, "at") == values(one, "at")
    assert values(none_of_many, "at") == values(none, "at")
    assert one.at <= one_of_many.at


def test_lines_of_a_told_past_bear_its_moment(author: Person) -> None:
    moment = datetime(2024, 3, 1, 8, 30, 0, 250_000, ZoneInfo("Europe/Berlin"))
    with telling(moment, demo=True):
        lines = [line_of(author, "person_added", by=author, data={"email": author.email})]
    record_lines([*lines, line_of(author, "person_changed", by=author)])
    past, now = LedgerLine.objects.order_by("id")
    assert (past.at, past.data) == (moment, {"email": author.email, "demo": True})
    assert now.at > moment


def test_words_are_kept_with_their_spellings_once() -> None:
    assert remember_words(["goods", "grosse", "boot", "日本語", "no", "sop14"]) == 4
    assert remember_words(["goods", "cold"]) == 1
    kept = dict(SearchWord.objects.values_list("word", "variants"))
    assert kept == {word: variants_of(word) for word in ("goods", "grosse", "boot", "日本語", "cold")}


def test_changed_rows_and_their_history_are_what_a_save_writes(author: Person, department: Department) -> None:
    one, many, _other = made = documents(author, department, "ABC")
    create_with_history(made, by=author, reason="started")
    for document in (one, many):
        document.title, document.audience_keys, document.review_due_on = "Naïve „Ö“", ["a,b", 'c"d'], date(2027, 1, 31)
    one.save(by=author, reason="edited")
    save_with_history([many], by=author, reason="edited")
    own = ("code", "created_at", "changed_at", "history_date")
    stored, other = Document.objects.get(pk=one.pk), Document.objects.get(pk=many.pk)
    assert values(other, *own) == values(stored, *own)
    assert values(other.history.first(), *own) == values(stored.history.first(), *own)
    assert other.changed_at > other.created_at
    assert other.history.first().changed_at == other.changed_at


def test_one_field_of_many_rows_is_written_and_no_other(author: Person, department: Department) -> None:
    made = documents(author, department, "AB")
    create_with_history(made, by=author, reason="started")
    for number, document in enumerate(made):
        document.title, document.review_months = "not this", number
    update_rows(made, ["review_months"])
    rows = Document.objects.order_by("code").values_list("title", "review_months", "row_version")
    assert list(rows) == [("Größe", 0, 1), ("Größe", 1, 1)]


def test_rows_that_are_gone_are_not_passed_over(author: Person, department: Department) -> None:
    made = documents(author, department, "A")
    made[0].pk = 2**40
    with pytest.raises(DatabaseError, match="gone"), transaction.atomic():
        update_rows(made)
