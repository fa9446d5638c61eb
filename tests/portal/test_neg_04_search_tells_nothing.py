"""NEG-04 and NEG-05: who may not see a record meets none of its words: no row, count, suggestion, facet, correction.

For each question the answer with the confidential record must equal the answer without it.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.models import CatalogEntry, SearchWord
from core.search import search, suggest
from core.search_text import remember_words
from documents.models import Document
from people.models import Department, Person
from portal.saved_searches import tell_new_hits
from tests.cast import approve, new_draft, released

pytestmark = pytest.mark.django_db
CANARY = "ZXCANARY"
TYPED = [
    CANARY,
    CANARY.lower(),
    "ZXCANAR",
    "ZXCANRAY",
    "zxcan",
    f'"{CANARY}"',
    f"cold {CANARY}",
    f"goods -{CANARY}",
    "zxcanaryx",
]


@pytest.fixture
def world(author: Person, owner: Person, approver: Person) -> Callable[[], Document]:
    """An open document; calling it adds a confidential one of another kind, department and owner."""
    released(author, owner, approver, title="Receiving cold goods")

    def hide() -> Document:
        department = Department.objects.create(name="Quiet corner", code="QUI")
        document = approve(
            new_draft(
                author,
                approver,
                title=f"{CANARY} in cold goods",
                body=f"<p>{CANARY} {CANARY}s goods arrive</p>".encode(),
                audience="named",
                kind="policy",
                department=department,
            ),
            author,
            owner,
        ).document
        remember_words([CANARY.lower(), f"{CANARY.lower()}s"])
        return document

    return hide


def answers(person: Person, everything: bool) -> list[Any]:
    """Everything that search and suggestions answer to a person, in comparable form."""
    said = []
    for typed in [*TYPED, "", "goods", "cold goods", "policy"]:
        found = search(person, typed, everything=everything)
        rows = [(hit.entry.pk, hit.state, hit.snippet) for hit in found.rows]
        facets = {name: [(v.value, v.count) for v in values] for name, values in found.facets.items()}
        said.append(
            (typed, found.count, rows, facets, found.did_you_mean, found.mode, found.related, found.not_in_force)
        )
        said.append([entry.pk for entry in suggest(person, typed)])
    return said


@pytest.mark.parametrize("everything", [False, True])
def test_neg_04_answers_are_the_same_with_and_without_the_confidential_record(
    world: Callable[[], Document], outsider: Person, reader: Person, everything: bool
) -> None:
    people = {outsider: answers(outsider, everything), reader: answers(reader, everything)}
    world()
    assert SearchWord.objects.filter(word=CANARY.lower()).exists()
    for person, before in people.items():
        assert answers(person, everything) == before


def test_neg_04_who_may_see_it_does_find_it(world: Callable[[], Document], approver: Person) -> None:
    document = world()
    assert search(approver, CANARY).rows[0].entry.code == document.code
    assert search(approver, "zxcanray").did_you_mean == CANARY.lower()
    assert suggest(approver, "zxcan")[0].code == document.code


def test_neg_04_no_page_of_the_roof_holds_the_canary(world: Callable[[], Document], reader: Person) -> None:
    document = world()
    client = Client()
    client.force_login(reader)
    for address in (
        "/",
        "/inbox/",
        "/inbox/?show=done",
        "/search",
        "/search?everything=1",
        "/me/watching/",
        "/search/saved/",
    ):
        assert CANARY.lower() not in client.get(address).content.decode().lower(), address
    entry = CatalogEntry.objects.get(code=document.code)
    for typed in ("zxcan", "goods", document.code):
        for address in (f"/search/suggest?q={typed}", f"/search?q={typed}&everything=1"):
            page = client.get(address).content.decode()
            assert entry.title not in page
            assert entry.url not in page


def test_neg_05_facets_cannot_be_used_as_an_oracle(
    world: Callable[[], Document], reader: Person, approver: Person
) -> None:
    """Asking for the hidden owner, department or kind answers like asking for one that does not exist."""
    document = world()
    hidden = {"owner": document.owner_id, "department": document.department_id}
    for name, value in hidden.items():
        for q in ("", "goods"):
            real = search(reader, q, everything=True, **{name: value})
            made_up = search(reader, q, everything=True, **{name: 10**9})
            assert (real.count, real.rows, real.facets, real.did_you_mean) == (0, [], made_up.facets, "")
    client = Client()
    client.force_login(reader)
    page = client.get(f"/search?q=goods&everything=1&department={document.department_id}").content.decode()
    assert CANARY not in page
    assert client.get("/search?q=goods&title__startswith=Z&owner__name=A").status_code == 200


def test_neg_04_a_saved_search_is_not_told_of_it(world: Callable[[], Document], reader: Person) -> None:
    client = Client()
    client.force_login(reader)
    client.post("/search/saved/", {"query": f"q={CANARY}", "name": "Curious", "wants_news": "1"})
    world()
    assert tell_new_hits() == 0


def test_neg_04_the_time_taken_tells_nothing(world: Callable[[], Document], reader: Person) -> None:
    """A word that stands only in a confidential record takes as long as one that stands nowhere."""
    world()
    taken: dict[str, list[float]] = {CANARY: [], "QYRANANC": []}
    for _turn in range(60):
        for word, times in taken.items():
            start = time.perf_counter()
            search(reader, word)
            times.append(time.perf_counter() - start)
    medians = sorted(statistics.median(times) for times in taken.values())
    assert medians[1] <= medians[0] * 1.2 + 0.001
