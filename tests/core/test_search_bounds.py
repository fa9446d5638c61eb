"""Very common words: counting ends, says so, and narrowing counts again."""

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from core.models import CatalogEntry
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
