"""Who has to read what: rules meet documents, once per person and version. Repeating it changes nothing."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actions.models import Task
from core import jobs
from core.catalog import entry_of
from core.jobs import Work, runs
from core.models import CatalogEntry
from core.notices import tell
from core.safe.words import gettext_noop
from core.saying import to_keep
from documents.models import Document, State, Version
from documents.moments import start_of_day
from people.audience import people_opened_by
from people.models import Person
from training.addresses import read_address
from training.models import Reading, ReadingRule

ASSIGN = "training.assign"
AT_A_TIME = 500


def readers_of(version: Version) -> dict[int, ReadingRule]:
    """Who has to read this version, by key, with the strictest rule that says so: a signature before a click, then the
    shorter time."""
    document = version.document
    audience = people_opened_by(document.audience_keys)
    rules = [rule for rule in ReadingRule.objects.active().prefetch_related("job_roles") if rule.covers(document)]
    if version.change == Version.Change.MINOR:
        rules = [rule for rule in rules if rule.covers_minor]
    found: dict[int, ReadingRule] = {}
    for rule in sorted(rules, key=lambda rule: (not rule.needs_signature, rule.window_days)):
        for pk in rule.readers_among(audience).order_by().values_list("pk", flat=True):
            found.setdefault(pk, rule)
    for pk in version.makers():  # who wrote it knows it
        found.pop(pk, None)
    return found


def assign(version: Version, step: Any = None) -> int:
    """Give the version to everybody who has to read it and does not have it yet; returns how many got it."""
    wanted = readers_of(version)
    there = set(Reading.objects.filter(version=version).values_list("person_id", flat=True))
    missing = [pk for pk in sorted(wanted) if pk not in there]
    entry = entry_of(version.document)
    for done, people in _batches(missing):
        _assign_some(version, people, wanted, entry)
        if step:
            step(done, len(missing))
    return len(missing)


def _batches(people: list[int]) -> Iterator[tuple[int, list[int]]]:
    for start in range(0, len(people), AT_A_TIME):
        batch = people[start : start + AT_A_TIME]
        yield start + len(batch), batch


def _assign_some(version: Version, people: list[int], wanted: dict[int, ReadingRule], entry: CatalogEntry) -> None:
    today = timezone.localdate()
    first_day = max(today, version.effective_on or today)
    earlier = _acknowledged_before(version.document, people)
    readings = []
    for pk in people:
        rule = wanted[pk]
        # It is read before it takes effect where there is time for it; else within the window.
        due = version.effective_on if version.effective_on and version.effective_on > today else None
        readings.append(
            Reading(
                document=version.document,
                version=version,
                person_id=pk,
                rule=rule,
                needs_signature=rule.needs_signature,
                due_on=due or first_day + timedelta(days=rule.window_days),
                earlier_id=earlier.get(pk),
            )
        )
    with transaction.atomic():
        Reading.objects.bulk_create(readings, ignore_conflicts=True)
        title = gettext_noop("Read %(code)s: %(title)s", code=version.code, title=version.title)
        tasks = [
            Task(
                key=reading.task_key,
                kind="read",
                title=str(title)[:300],
                said=to_keep(title),
                url=read_address(version),
                entry=entry,
                person_id=reading.person_id,
                due_at=start_of_day(reading.due_on + timedelta(days=1)),
            )
            for reading in readings
        ]
        Task.objects.bulk_create(tasks, ignore_conflicts=True)
        tell(
            list(Person.objects.filter(pk__in=people)),
            "asked",
            gettext_noop(
                "You are asked to read %(code)s by %(day)s: %(title)s",
                code=version.code,
                title=version.title,
                day=min(reading.due_on for reading in readings).isoformat(),
            ),
            occasion=f"read:{version.pk}",
            url=read_address(version),
            entry=entry,
        )


def _acknowledged_before(document: Document, people: list[int]) -> dict[int, int]:
    """The version of this document that each of them acknowledged last."""
    rows = Reading.objects.done().filter(document=document, person__in=people).order_by("acknowledged_at")
    return dict(rows.values_list("person_id", "version_id"))


def end_unread(versions: Iterable[Version], reason: str) -> int:
    """Ask nobody any more for versions that are not what people work by."""
    open_readings = Reading.objects.open().filter(version__in=[version.pk for version in versions])
    keys = [reading.task_key for reading in open_readings.only("version_id", "person_id")]
    Task.objects.open().filter(key__in=keys).finish()
    return open_readings.update(ended_at=timezone.now(), end_reason=reason)


def current_versions(documents: Any) -> list[Version]:
    """Of each document the version that is effective or about to be: the newest that was released."""
    found: dict[int, Version] = {}
    released = Version.objects.filter(document__in=documents, state=State.APPROVED).exclude(
        effective_until__lte=timezone.now()
    )
    for version in released.select_related("document__department").order_by("sequence"):
        found[version.document_id] = version
    return list(found.values())


def assign_missing() -> int:
    """For people who came, changed their job or department, and for rules that changed: everything they lack."""
    left = Reading.objects.open().filter(person__is_active=False)
    Task.objects.open().filter(key__in=[reading.task_key for reading in left]).finish()
    left.update(ended_at=timezone.now(), end_reason="left")
    documents = Document.objects.none()
    for rule in ReadingRule.objects.active():
        documents = documents | rule.documents()
    return sum(assign(version) for version in current_versions(documents.distinct()))


@runs(ASSIGN, label=_("Assigning a version to be read"))
def assign_version(work: Work) -> dict[str, Any]:
    """Give one version to its readers, in batches; a worker that was killed goes on with those who lack it."""
    version = Version.objects.select_related("document__department").get(pk=work.arguments["version"])
    if version.shown_state not in ("approved", "effective"):
        return {}
    assign(version, step=work.step)
    return {}


def ask_to_assign(version: Version) -> None:
    """Have a worker give the version to its readers, in the caller's transaction."""
    jobs.ask(ASSIGN, by=None, version=version.pk)
