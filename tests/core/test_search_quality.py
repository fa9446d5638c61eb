"""How well real procedures are found by their titles, rightly and wrongly spelt, and by the words in them."""

import gzip
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from core.models import CatalogEntry
from core.numbering import code_key
from core.search import search
from core.search_text import remember_words, store_words_of_new
from core.search_words import plain
from people.models import Person

SOPS = Path(__file__).resolve().parents[3] / "shared" / "data" / "sops"
LETTERS = "abcdefghijklmnopqrstuvwxyz"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SOPS.exists(), reason="the shared test data is not beside this checkout"),
]


def misspell(title: str, chance: random.Random) -> str:
    """One slip in one word of at least four letters: a letter lost, doubled, wrong, or two swapped."""
    words = title.split()
    long = [at for at, word in enumerate(words) if len(word) >= 4 and word.isalpha()]
    if not long:
        return title
    at = chance.choice(long)
    word, place = words[at], chance.randrange(1, len(words[at]) - 1)
    slips = [
        word[:place] + word[place + 1 :],
        word[:place] + word[place] + word[place:],
        word[:place] + chance.choice(LETTERS) + word[place + 1 :],
        word[:place] + word[place + 1] + word[place] + word[place + 2 :],
    ]
    words[at] = chance.choice([slip for slip in slips if slip != word])
    return " ".join(words)


@pytest.fixture(scope="module")
def corpus() -> list[dict[str, Any]]:
    with gzip.open(SOPS / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture
def indexed(db: None, corpus: list[dict[str, Any]]) -> dict[str, CatalogEntry]:
    content_type = ContentType.objects.get_for_model(CatalogEntry)
    entries = CatalogEntry.objects.bulk_create(
        CatalogEntry(
            content_type=content_type,
            object_id=at,
            kind="sop",
            code=document["id"],
            code_key=code_key(document["id"]),
            title=document["title"][:300],
            title_key=plain(document["title"])[:300],
            url=f"/documents/{document['id']}/",
            state="effective",
            current_from=timezone.now(),
            audience_keys=["everyone"],
        )
        for at, document in enumerate(corpus, 1)
    )
    words: set[str] = set()
    store_words_of_new([(entry, document["body"], "", "") for entry, document in zip(entries, corpus, strict=True)])
    for document in corpus:
        words.update(plain(document["title"] + " " + document["body"]).split())
    remember_words(words)
    return {entry.code: entry for entry in entries}


def place_of(entry: CatalogEntry, person: Person, typed: str) -> int:
    """At which place the entry stands on the first page; 0 for nowhere."""
    ids = [hit.entry.pk for hit in search(person, typed).rows]
    return ids.index(entry.pk) + 1 if entry.pk in ids else 0


@pytest.mark.long
@pytest.mark.parametrize("titles", [75, pytest.param(300, marks=pytest.mark.faults)])
def test_procedures_are_found_by_title_also_misspelt_and_by_their_words(
    indexed: dict[str, CatalogEntry], reader: Person, titles: int
) -> None:
    counted = Counter(plain(entry.title) for entry in indexed.values())
    unique = [e for e in indexed.values() if counted[plain(e.title)] == 1 and len(e.title) >= 8]
    chance = random.Random(20261122)  # noqa: S311 - the same titles and slips each time
    tried = chance.sample(unique, titles)
    right = [place_of(entry, reader, entry.title) for entry in tried]
    slips = [(entry, misspell(entry.title, chance)) for entry in tried]
    wrong = [place_of(entry, reader, typed) for entry, typed in slips]
    figures = {
        name: (_share(places), _mean_reciprocal(places)) for name, places in (("right", right), ("wrong", wrong))
    }
    print(
        f"\n{len(unique)} titles, {titles} tried (first or second, mean reciprocal rank): {figures}\n",
        [(typed, place) for (_entry, typed), place in zip(slips, wrong, strict=True) if place not in (1, 2)],
    )
    assert figures["right"][0] >= 0.9
    assert figures["wrong"][0] >= 0.8
    assert figures["wrong"][1] > 0.87

    for query in json.loads((SOPS / "search_truth.json").read_text(encoding="utf-8"))["queries"]:
        found = search(reader, query["query"])
        exact = search(reader, f'"{query["query"]}"', exact=True).count
        assert exact >= query["documents"], query["query"]
        if not found.did_you_mean and found.mode == "all":
            assert found.count >= query["documents"], query["query"]
        if query["in_title"]:
            assert plain(query["query"]) in found.rows[0].entry.title_key, query["query"]


def _share(places: list[int]) -> float:
    return sum(place in (1, 2) for place in places) / len(places)


def _mean_reciprocal(places: list[int]) -> float:
    return sum(1 / place for place in places if place) / len(places)
