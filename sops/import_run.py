"""Importing procedures: from sources to drafts, or to versions in force that were approved before the portal."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.ledger import line_of, record_lines
from core.lifecycle import NotAllowed, Refused
from core.models import CatalogEntry
from core.numbering import next_codes
from core.safe.words import gettext_noop
from documents.bulk import Start, start_documents
from documents.drafting import open_draft, prefix_of
from documents.kinds import Prepared, kind_named
from documents.models import Document, Version
from documents.moments import start_of_day
from people.models import Person
from sops.import_files import files_being_written, keep_files
from sops.import_plan import CREATED, OUTCOMES, UPDATED, Options, Plan, Planner, newest_hashes
from sops.importing.reading import KeptFile, Read, marked, read_in_order
from sops.importing.sources import opened
from sops.kinds import WRITE

ADOPT = "documents.adopt_versions"
LINES_AT_ONCE, FILES_AT_ONCE, BYTES_AT_ONCE = 100, 2_000, 200 * 1024 * 1024

Progress = Callable[[list[Plan]], None]


def import_path(
    path: Path, options: Options, *, by: Person, name: str = "", processes: int = 0, progress: Progress | None = None
) -> Counter[str]:
    """Import what lies behind a path; ``progress`` is told of each batch. Raises ``CannotImport`` or ``NotAllowed``."""
    refuse_unless_allowed(options, by=by)
    importer = Importer(options, by=by)
    counts: Counter[str] = Counter(dict.fromkeys(("read", *OUTCOMES), 0))
    with opened(path, name) as sources:
        for reads in _batches(read_in_order(marked(sources, newest_hashes), processes)):
            plans = importer.take(reads)
            counts.update([*(plan.outcome for plan in plans), *("read" for _plan in plans)])
            if progress:
                progress(plans)
    return counts


def refuse_unless_allowed(options: Options, *, by: Person) -> None:
    """Raise ``NotAllowed`` unless this person may import at all, and in this way."""
    if not by.has_perm(kind_named(options.kind).write_permission if options.kind else WRITE):
        raise NotAllowed(gettext_noop("You may not import procedures."))
    if options.as_effective and not by.has_perm(ADOPT):
        raise NotAllowed(gettext_noop("You may not take over versions as approved before the portal."))


def _batches(reads: Iterator[Read]) -> Iterator[list[Read]]:
    """Lines in small batches as they come; files many at once, because they link to one another."""
    first = next(reads, None)
    if first is None:
        return
    batch, size = [first], 0
    for read in reads:
        size += sum(len(kept.data) for kept in read.files)
        if len(batch) >= (LINES_AT_ONCE if first.is_row else FILES_AT_ONCE) or size > BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(read)
    yield batch


class Importer:
    """Takes in what was read, batch by batch."""

    def __init__(self, options: Options, *, by: Person) -> None:
        self.options, self.by = options, by
        self.planner = Planner(options, by=by)

    def take(self, reads: list[Read]) -> list[Plan]:
        """Plan each source, and unless it is a dry run, write it."""
        plans = self.planner.plan(reads)
        if self.options.dry_run:
            return plans
        new = [plan for plan in plans if plan.outcome == CREATED]
        self._reserve_numbers(new)
        for chunk in _in_chunks(new):
            self._start(chunk)
        for plan in plans:
            if plan.outcome == UPDATED:
                self._update(plan)
                self._adopt([plan])
        for chunk in _in_chunks(new):  # when all are there, because they link to one another
            self._adopt(chunk)
        return plans

    # --- new documents --------------------------------------------------------------------------------

    def _reserve_numbers(self, plans: list[Plan]) -> None:
        """Give out numbers before anything is written, so that texts can link to one another."""
        waiting: dict[str, list[Plan]] = defaultdict(list)
        for plan in plans:
            if not plan.code:
                waiting[prefix_of(kind_named(plan.kind), plan.department)].append(plan)
        with transaction.atomic():
            for prefix, unnumbered in sorted(waiting.items()):
                for plan, code in zip(unnumbered, next_codes(prefix, len(unnumbered)), strict=True):
                    plan.code, plan.number_is_reserved = code, True

    def _start(self, plans: list[Plan]) -> None:
        """Write new documents together; if one of them is refused, each alone, so that the others come in."""
        try:
            with transaction.atomic():
                self._write(plans)
        except (Refused, IntegrityError) as problem:
            if len(plans) > 1:
                for plan in plans:
                    self._start([plan])
                return
            said = problem.message if isinstance(problem, Refused) else gettext_noop("Its number was taken meanwhile.")
            plans[0].version = plans[0].document = None
            plans[0].refuse(said)

    def _write(self, plans: list[Plan]) -> None:
        with files_being_written(_files_of(plans)) as names:
            versions = start_documents([self._as_start(plan) for plan in plans], by=self.by)
            for plan, version in zip(plans, versions, strict=True):
                plan.version, plan.document = version, version.document
            self._keep_sources(plans, names)

    def _as_start(self, plan: Plan) -> Start:
        text = plan.read.text
        return Start(
            kind=plan.kind,
            title=plan.read.title,
            text=Prepared(self.planner.linked(plan), text.words, text.parts, text.indexed),
            department=plan.department,
            owner=plan.owner,
            code=plan.code,
            number_is_reserved=plan.number_is_reserved,
            source_key=plan.read.key,
            data={"source_sha256": plan.read.sha256},
        )

    def _keep_sources(self, plans: list[Plan], names: list["Future[str]"]) -> None:
        """The original and its pictures as attachments, and a ledger line that names them."""
        kind = ContentType.objects.get_for_model(Document)
        ids = [plan.document.pk for plan in plans]
        entries = {
            entry.object_id: entry for entry in CatalogEntry.objects.filter(content_type=kind, object_id__in=ids)
        }
        files, lines = [], []
        for plan in plans:
            files += [(entries[plan.document.pk], kept) for kept in plan.read.files]
            told = _told_of(plan) | ({"run": self.options.run} if self.options.run else {})
            lines.append(line_of(plan.version, "imported", by=self.by, data=told, content_hash=plan.read.sha256))
        keep_files(files, names, by=self.by)
        record_lines(lines)

    # --- documents that are here already -----------------------------------------------------------------

    def _update(self, plan: Plan) -> None:
        """The changed file becomes the next draft."""
        try:
            with transaction.atomic(), files_being_written(_files_of([plan])) as names:
                plan.version = open_draft(
                    plan.document,
                    by=self.by,
                    reason=gettext_noop("Imported again: %(place)s", place=plan.read.place[:200]),
                    title=plan.read.title,
                    body=self.planner.linked(plan),
                    data={"source_sha256": plan.read.sha256},
                )
                self._keep_sources([plan], names)
        except Refused as refusal:
            plan.version = None
            plan.refuse(refusal.message)

    # --- approved before the portal ------------------------------------------------------------------------

    def _adopt(self, plans: list[Plan]) -> None:
        """Where that is wanted, let versions take effect; many of new documents wait for the disk once."""
        if self.options.as_effective:
            with transaction.atomic():
                for plan in plans:
                    if plan.version:
                        self._adopt_one(plan)

    def _adopt_one(self, plan: Plan) -> None:
        """Let the version take effect with the old number, people and dates; where it cannot, it stays a draft."""
        facts, version = plan.read.facts, plan.version
        number = facts.version or "1.0"
        if not facts.version:
            plan.warnings.append(gettext_noop("No version is stated; it became 1.0."))
        effective_on = facts.effective_on or facts.approved_on or facts.dated_on
        if effective_on is None:
            effective_on = timezone.localdate()
            plan.warnings.append(gettext_noop("No effective date is stated; it takes effect today."))
        elif not facts.effective_on:
            said = gettext_noop("No effective date is stated; the file's date %(day)s counts.", day=str(effective_on))
            plan.warnings.append(said)
        before = version.document.versions.released().exclude(effective_from=None).order_by("-effective_from")
        newest = before.first() if plan.outcome == UPDATED else None
        if newest and newest.effective_from >= start_of_day(effective_on):
            said = gettext_noop("It stays a draft: version %(number)s took effect later.", number=newest.number)
            plan.warnings.append(said)
            return
        approved_before = {
            "approver": facts.approver or "",
            "approved_on": facts.approved_on.isoformat() if facts.approved_on else "",
            "version": number,
            "source": plan.read.place,
        }
        try:
            with transaction.atomic():
                plan.version = version.move(
                    "adopt", by=self.by, number=number, effective_on=effective_on, approved_before=approved_before
                )
                _keep_review_date(plan.version, facts.review_due_on, by=self.by)
            plan.adopted = True
        except Refused as refusal:
            plan.warnings.append(gettext_noop("It stays a draft: %(why)s", why=str(refusal.message)))
        except IntegrityError:
            said = gettext_noop("It stays a draft: there is a version %(number)s already.", number=number)
            plan.warnings.append(said)


def _keep_review_date(version: Version, day: Any, *, by: Person) -> None:
    if day:
        document = Document.objects.get(pk=version.document_id)
        document.review_due_on = day
        document.save(by=by, reason="next review as the imported file states it")


def _in_chunks(plans: list[Plan]) -> Iterator[list[Plan]]:
    waiting = iter(plans)
    while chunk := list(islice(waiting, LINES_AT_ONCE)):
        yield chunk


def _files_of(plans: list[Plan]) -> list[KeptFile]:
    return [kept for plan in plans for kept in plan.read.files]


def _told_of(plan: Plan) -> dict[str, Any]:
    read = plan.read
    return {
        "source": read.place,
        "key": read.key,
        "sha256": read.sha256,
        "original": [str(kept.id) for kept in read.files if kept.purpose == "original"],
        "pictures": [str(kept.id) for kept in read.files if kept.purpose == "image"],
    }
