"""Search and suggestions over 100,000 documents."""

import random
from collections.abc import Iterator

from django.db import connection

from bench.language import Language
from bench.measuring import ask, client_of
from bench.report import Figure
from bench.seed import SEED
from core.models import CatalogEntry
from people.models import Person
from tests.core.test_search_quality import misspell

TURNS = 60
# What the commonest word can be narrowed to or sorted by.
COMMONEST = {
    "": "",
    " of a kind": "&kind=policy",
    " of the largest kind": "&kind=sop",
    " of a department": "&department=7",
    " of an owner": "&owner=99",
    " in a state": "&everything=1&state=retired",
    ", last changed first": "&sort=changed",
    ", by number": "&sort=code",
}
# A server that has run for an hour holds its texts in memory, and reads them again after a start (pg_prewarm).
READ_ALL = "SELECT sum(length(body)), sum(length(vector)) FROM core_catalogtext"


def figures() -> Iterator[Figure]:
    """Each figure as soon as it is measured."""
    chance = random.Random(7)  # noqa: S311 - the same questions each time
    language = Language(SEED)
    person = Person.objects.get(pk=4_321)
    client = client_of(person)
    visible = CatalogEntry.objects.visible_to(person).in_force()
    entries = list(visible.filter(pk__in=chance.sample(range(1, 100_000), 300))[:TURNS])
    titles = [entry.title for entry in entries]

    with connection.cursor() as cursor:
        cursor.execute(READ_ALL)
    for name, rest in COMMONEST.items():
        common = ask(client, [f"/search?q=the{rest}"] * (TURNS // 3))
        yield Figure(f"search, the commonest word{name}, p95", common.p95(), 150, processor=common.p50_of_processor())
    phrases = [" ".join(language.words[chance.randrange(30, 3_000)] for _ in range(2)) for _ in range(TURNS)]
    for name, questions in (
        ("words of a title", [" ".join(title.split()[:3]) for title in titles]),
        ("two words from texts", phrases),
        ("a number", [entry.code.replace("-", " ") for entry in entries]),
        ("a misspelt title", [misspell(title, chance) for title in titles]),
    ):
        taken = ask(client, [f"/search?q={question}" for question in questions])
        yield Figure(f"search, {name}, p95", taken.p95(), 60, processor=taken.p50_of_processor())
        yield Figure(f"search, {name}, request without its SQL, p50", taken.p50_without_sql(), 25)
        yield Figure(f"search, {name}, queries", taken.most_queries(), None, "")  # more where it must guess
    begun = [title[: chance.randrange(2, 12)].strip() for title in titles]
    taken = ask(client, [f"/search/suggest?q={words}" for words in begun])
    yield Figure("suggestion while typing, p95", taken.p95(), 40, processor=taken.p50_of_processor())
    yield Figure("suggestion while typing, queries", taken.most_queries(), 12, "")
