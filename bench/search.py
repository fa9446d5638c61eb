"""Search, suggestions, and the pages of the roof, over 100,000 documents: `python -m bench.search`."""

from bench import database

if __name__ == "__main__":
    database.prepare()

import random
import sys
from collections.abc import Iterator

from bench import seed
from bench.language import Language
from bench.measuring import ask, client_of
from bench.report import Figure, write
from core.models import CatalogEntry
from people.models import Person
from tests.core.test_search_quality import misspell

TURNS = 60


def figures() -> Iterator[Figure]:
    """Each figure as soon as it is measured."""
    chance = random.Random(7)  # noqa: S311 - the same questions each time
    language = Language(seed=20261122)
    person = Person.objects.get(pk=4_321)
    client = client_of(person)
    visible = CatalogEntry.objects.visible_to(person).in_force()
    entries = list(visible.filter(pk__in=chance.sample(range(1, 100_000), 300))[:TURNS])
    titles = [entry.title for entry in entries]

    common = ask(client, ["/search?q=the"] * (TURNS // 3))
    yield Figure("search, the commonest word, p95", common.p95(), 150, "ms")
    phrases = [" ".join(language.words[chance.randrange(30, 3_000)] for _ in range(2)) for _ in range(TURNS)]
    for name, questions in (
        ("words of a title", [" ".join(title.split()[:3]) for title in titles]),
        ("two words from texts", phrases),
        ("a number", [entry.code.replace("-", " ") for entry in entries]),
        ("a misspelt title", [misspell(title, chance) for title in titles]),
    ):
        taken = ask(client, [f"/search?q={question}" for question in questions])
        yield Figure(f"search, {name}, p95", taken.p95(), 60, "ms")
        yield Figure(f"search, {name}, request without its SQL, p50", taken.p50_without_sql(), 25, "ms")
        yield Figure(f"search, {name}, queries", taken.most_queries(), 12 if "misspelt" not in name else 18, "")
    begun = [title[: chance.randrange(2, 12)].strip() for title in titles]
    taken = ask(client, [f"/search/suggest?q={words}" for words in begun])
    yield Figure("suggestion while typing, p95", taken.p95(), 40, "ms")
    yield Figure("suggestion while typing, queries", taken.most_queries(), 12, "")
    for name, addresses in (
        ("home", ["/"] * TURNS),
        ("inbox", ["/inbox/"] * TURNS),
        ("a record", [entry.url for entry in entries]),
        ("list", ["/documents/"] * (TURNS // 2)),
        ("list, filtered", ["/documents/?kind=policy&state=effective"] * (TURNS // 2)),
    ):
        taken = ask(client, addresses)
        yield Figure(f"{name}, p95", taken.p95(), 80, "ms")
        yield Figure(f"{name}, queries", taken.most_queries(), 12, "")


def main() -> int:
    """Seed when needed, measure, print; 1 when a figure misses its target."""
    if not seed.is_seeded():
        write([Figure("seeding 100,000 documents", seed.seed(), 180, "s")])
    database.work_as_the_application()
    return write(figures())


if __name__ == "__main__":
    sys.exit(main())
