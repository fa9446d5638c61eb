"""Figures of the import: JSON lines into an empty portal, the same lines again, and their drafts taking effect."""

import gzip
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group
from django.urls import reverse

from bench.database import work_as_the_application
from bench.language import Language
from bench.measuring import processor_time
from bench.report import Figure
from people.models import Person
from sops.import_plan import Options
from sops.import_run import import_path

PROCESSES = 2
MADE_UP = 1_500
A_SECOND, IN_FORCE_A_SECOND = 100, 60


def lines(folder: Path) -> Path:
    """The corpus where it is, else as many procedures of our own making."""
    data = Path(os.environ.get("PORTAL_TEST_DATA") or settings.BASE_DIR.parent / "shared" / "data")
    corpus = data / "sops" / "corpus.jsonl.gz"
    if corpus.exists():
        return corpus
    language, made = Language(1), folder / "made.jsonl.gz"
    words = language.some(900)
    with gzip.open(made, "wt") as file:
        for number in range(MADE_UP):
            body = "\n\n".join(f"1. {language.sentences(words[at : at + 30])}" for at in range(0, 900, 30))
            file.write(json.dumps({"id": f"made/{number}", "title": language.title(), "body": body}) + "\n")
    return made


def figures() -> Iterator[Figure]:
    """All figures; the files go where they are forgotten."""
    by = Person.objects.create_user("officer@bench.example", name="Officer")
    by.groups.set(Group.objects.filter(name__in=("staff", "officer")))
    work_as_the_application()
    reverse("documents:list")  # the first address loads every view: not the import's work
    with tempfile.TemporaryDirectory(prefix="bench-import-") as folder:
        settings.MEDIA_ROOT = folder
        path = lines(Path(folder))
        for name, outcome, options, target in (
            ("import of JSON lines", "created", Options(), A_SECOND),
            ("import of the same lines again", "unchanged", Options(), A_SECOND),
            ("the same lines taking effect", "updated", Options(as_effective=True), IN_FORCE_A_SECOND),
        ):
            worked, began = processor_time(), time.perf_counter()
            counts: Counter[str] = import_path(path, options, by=by, processes=PROCESSES)
            taken, worked = time.perf_counter() - began, processor_time() - worked
            if counts[outcome] != counts["read"]:
                raise SystemExit(f"The import did something else than it should: {dict(counts)}")
            # The processor time is that of the process that writes, and of its database; readers work beside it.
            yield Figure(
                f"{name} ({counts['read']})",
                counts["read"] / taken,
                target,
                "/s",
                at_least=True,
                processor=worked / counts["read"],
            )
