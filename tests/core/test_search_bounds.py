"""Very common words: counting ends, says so, and narrowing counts again."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast
from django.test import Client
from django.utils import timezone

from core.models import CatalogEntry, CatalogText
from core.search import search
from core.search_text import store_words_of_new

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counted_to_five(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.search_facets.COUNTED", 5)
    monkeypatch.setattr("core.search_facets.OTHERS", 4)


@pytest.fixture(autouse=True)
def nine_pallets(reader: Any) -> None:
    content_type = ContentType.objects.get_for_model(CatalogEntry)
    entries = CatalogEntry.objects.bulk_create(
        CatalogEntry(
            content_type=content_type,
            object_id=number,
            kind="policy" if number < 3 else "sop",
            title=f"Pallet {number}",
            title_key=f"pallet {number}",
            url=f"/documents/P-{number}/",
            state="effective",
            current_from=timezone.now(),
            audience_keys=["everyone"],
        )
        for number in range(9)
    )
    store_words_of_new([(entry, "pallet", "", "") for entry in entries])


def test_more_than_are_counted_is_said_and_every_number_is_at_least(reader: Any) -> None:
    found = search(reader, "pallet")
    assert (found.count, found.is_bounded) == (5, True)
    assert all(value.count <= 5 for value in found.facets["kind"])
    page = search(reader, "")
    assert (page.count, page.is_bounded) == (5, True)


def test_narrowed_hits_are_counted_for_themselves(reader: Any) -> None:
    found = search(reader, "pallet", kind="policy")
    assert (found.count, found.is_bounded, len(found.rows)) == (3, False, 3)
    assert {hit.entry.kind for hit in found.rows} == {"policy"}
    assert {(value.value, value.count, value.is_chosen, value.is_bounded) for value in found.facets["kind"]} == {
        ("policy", 3, True, True),
        ("sop", 4, False, True),
    }


def test_the_page_says_more_than(client: Client, reader: Any) -> None:
    client.force_login(reader)
    page = client.get("/search?q=pallet").content.decode()
    assert "More than 5 results" in page
    assert "+</span>" in page
    assert "More than" not in client.get("/search?q=pallet+3").content.decode()


def test_of_more_hits_than_are_counted_the_newest_come_first(reader: Any) -> None:
    for number, entry in enumerate(CatalogEntry.objects.order_by("pk")):
        CatalogEntry.objects.filter(pk=entry.pk).update(
            changed_at=timezone.now() + timedelta(hours=number * 7 % 9), code=f"P-{number * 7 % 9}"
        )
    assert [hit.entry.code for hit in search(reader, "pallet", sort="changed").rows] == [
        f"P-{n}" for n in range(8, -1, -1)
    ]
    assert [hit.entry.code for hit in search(reader, "pallet", sort="code").rows] == [f"P-{n}" for n in range(9)]
    of_kind = search(reader, "pallet", sort="changed", kind="sop")
    assert [hit.entry.kind for hit in of_kind.rows] == ["sop"] * 6
    assert not search(reader, "pallet", sort="changed", kind="policy").is_bounded


@pytest.mark.parametrize("kind", ["", "sop'", "so\\'p", "sop' | ' policy", "sop:*", "!", "sop & x", "Sop", "\\"])
def test_no_spelling_of_a_kind_finds_another_one(reader: Any, kind: str) -> None:
    found = search(reader, "pallet", kind=(kind, "form"))
    assert (found.count, found.rows) == (0, [])
    assert search(reader, "pallet", kind=(kind, "policy")).count == 3


def test_the_kind_is_no_word_of_the_text(reader: Any) -> None:
    for typed in ("sop", '"sop"', "so", "pallet -sop"):
        expected = 5 if typed.startswith("pallet") else 0
        assert search(reader, typed, exact=True).count == expected, typed


def test_what_was_indexed_before_gets_its_kind_by_the_migration(reader: Any) -> None:
    def stored() -> set[tuple[int, str]]:
        return set(CatalogText.objects.values_list("pk", Cast("vector", TextField())))

    migration = import_module("core.migrations.0011_kind_among_the_words")
    as_written = stored()
    with connection.cursor() as cursor:
        cursor.execute(migration.REMOVE)
        assert search(reader, "pallet", kind="policy").count == 0
        cursor.execute(migration.ADD)
    assert stored() == as_written
    assert search(reader, "pallet", kind="policy").count == 3
