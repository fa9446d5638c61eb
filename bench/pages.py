"""Home, inbox, record and list over 100,000 documents, and whether they ask the database as often as over 100."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator

from actions.models import Task
from bench.measuring import Taken, ask, client_of
from bench.report import Figure
from core.models import CatalogEntry

TURNS = 60


def asked() -> Iterator[tuple[str, Taken]]:
    """What each page takes the same reader."""
    chance = random.Random(7)  # noqa: S311 - the same records each time
    person = Task.objects.order_by("pk").first().person  # has work, over 100 documents as well
    client = client_of(person)
    visible = list(CatalogEntry.objects.visible_to(person).in_force().order_by("pk").values_list("url", flat=True))
    records = chance.choices(visible, k=TURNS)
    for name, addresses in (
        ("home", ["/"] * TURNS),
        ("inbox", ["/inbox/"] * TURNS),
        ("a record", records),
        ("list", ["/documents/"] * (TURNS // 2)),
        ("list, filtered", ["/documents/?kind=policy&state=effective"] * (TURNS // 2)),
        ("list by title", ["/documents/?sort=title", "/documents/?sort=-title&page=3"] * (TURNS // 4)),
        ("list by owner", ["/documents/?sort=owner", "/documents/?sort=-owner&page=3"] * (TURNS // 4)),
        ("list by review date", ["/documents/?sort=review", "/documents/?sort=-review"] * (TURNS // 4)),
    ):
        yield name, ask(client, addresses)


def figures() -> Iterator[Figure]:
    """Time, processor time and queries, beside the queries over 100 documents."""
    command = [sys.executable, "-W", "ignore::UserWarning", "-m", "bench.few"]
    few = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    for name, taken in asked():
        yield Figure(f"{name}, p95", taken.p95(), 80, processor=taken.p50_of_processor())
        yield Figure(f"{name}, queries", taken.most_queries(), 12, "")
        yield Figure(f"{name}, queries more than over 100 documents", taken.usual_queries() - few[name], 0, "")
