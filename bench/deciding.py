"""The last decision on a version that 5,000 people read and watch: the answer, and the work that follows it."""

import time
from collections.abc import Iterator

from bench import stage
from bench.measuring import Taken, client_of, timed
from bench.report import Figure
from core import catalog, jobs
from core.models import Job, Notice, Watch
from documents.models import Document, Version
from documents.taking_effect import announce_effective
from people.models import Person

TURNS = 7
READERS = 5_000


def figures() -> Iterator[Figure]:
    """The answer to who decides, and how long until everybody is told."""
    author, approver = stage.person("Author", "officer"), stage.person("Approver", "manager")
    approver.set_password(PASSWORD)
    approver.save(update_fields=["password"])
    document = stage.procedure("A procedure with 5,000 readers", author, author)
    entry = catalog.entry_of(document)
    people = list(Person.objects.active().order_by("pk")[:READERS])
    Watch.objects.bulk_create([Watch(person=one, entry=entry) for one in people], ignore_conflicts=True)
    stage.forget(Job.objects.all())
    taken, client = Taken(), client_of(approver)
    for _turn in range(TURNS):
        version = stage.in_review(Document.objects.get(pk=document.pk), author, approver)
        page = f"/documents/{document.code}/versions/{version.sequence}/decide/"
        client.get(page)
        sent = {"verdict": "approve", "seen_hash": version.manifest_hash, "password": PASSWORD, "comment": ""}
        with timed(taken):
            answer = client.post(page, sent)
        if answer.status_code != 302 or Version.objects.get(pk=version.pk).state != "approved":
            raise SystemExit(f"{page} answered {answer.status_code}")
    name = "decide a version that 5,000 people read, answer, slowest"
    yield Figure(name, max(taken.whole), 300, processor=taken.p50_of_processor())
    yield Figure("decide a version, queries", taken.most_queries(), None, "")
    told_before = Notice.objects.filter(entry=entry, topic="watched").count()
    began = time.perf_counter()
    announce_effective()
    jobs.run_waiting(seconds=600)
    told = Notice.objects.filter(entry=entry, topic="watched").count() - told_before
    yield Figure("… until the job has told each of them", time.perf_counter() - began, None, "s")
    yield Figure("… notices for each version", told / TURNS, READERS, "", at_least=True)
    stage.forget(Notice.objects.filter(entry=entry), Watch.objects.filter(entry=entry))


PASSWORD = "a long password of the bench"  # noqa: S105 - for a person of the seeded database
