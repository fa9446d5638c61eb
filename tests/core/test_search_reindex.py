"""The index says what the records say, and can be built again."""

import pytest
from django.core.management import call_command

from core.catalog_check import check_catalog
from core.models import CatalogEntry, CatalogText, SearchWord
from core.search import search
from people.models import Person
from tests.cast import new_draft, released

pytestmark = pytest.mark.django_db


def test_the_index_agrees_with_the_records(author: Person, owner: Person, approver: Person) -> None:
    released(author, owner, approver)
    new_draft(author, owner, title="Another")
    assert check_catalog() == []


def test_a_difference_is_named(author: Person, owner: Person, approver: Person) -> None:
    document = released(author, owner, approver).document
    CatalogEntry.objects.update(title="Something else", state="retired", audience_keys=["everyone", "person:0"])
    found = {difference.field: str(difference) for difference in check_catalog()}
    assert set(found) == {"title", "state", "audience_keys"}
    assert found["state"] == f"documents.Document {document.pk}: state is retired, should be effective"


def test_missing_and_left_over_entries_are_named_and_mended(author: Person, owner: Person, approver: Person) -> None:
    document = released(author, owner, approver).document
    entry = CatalogEntry.objects.get()
    CatalogEntry.objects.filter(pk=entry.pk).update(object_id=document.pk + 1)
    assert sorted(difference.kind for difference in check_catalog()) == ["missing", "orphan"]
    call_command("reindex", verbosity=0)
    assert check_catalog() == []
    assert CatalogEntry.objects.get().object_id == document.pk


def test_reindex_keeps_entries_and_brings_back_words(
    author: Person, owner: Person, approver: Person, reader: Person
) -> None:
    released(author, owner, approver)
    entry = CatalogEntry.objects.get()
    CatalogText.objects.update(vector=None)
    SearchWord.objects.all().delete()
    SearchWord.objects.create(word="leftover", variants=["leftover"])
    assert search(reader, "goods arrive").count == 0
    call_command("reindex", verbosity=0)
    assert CatalogEntry.objects.get().pk == entry.pk
    assert search(reader, "goods arrive").count == 1
    assert search(reader, "goods arive").did_you_mean == "goods arrive"
    assert not SearchWord.objects.filter(word="leftover").exists()
