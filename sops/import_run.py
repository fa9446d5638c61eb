"""Importing procedures: from sources to drafts, or to versions in force that were approved before the portal."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction

from core.ledger import line_of, record_lines
from core.lifecycle import NotAllowed, Refused
from core.models import CatalogEntry
from core.safe.words import gettext_noop
from documents.bulk import Start, start_documents
from documents.drafting import open_draft
from documents.kinds import Prepared, kind_named
from documents.models import Document
from people.models import Person
from sops.import_adopting import adopt_plans
from sops.import_drafts import hashes_as_they_are
from sops.import_files import files_being_written, keep_files
from sops.import_numbers import numbers_are_used, reserve_numbers
from sops.import_plan import CREATED, OUTCOMES, UPDATED, Options, Plan, Planner
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
        for reads in _batches(
            read_in_order(marked(sources, partial(hashes_as_they_are, options.as_effective)), processes)
        ):
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
        reserve_numbers(new)
        for chunk in _in_chunks(new):
            self._start(sorted(chunk, key=lambda plan: plan.read.key))  # two imports at once wait in one order
        for plan in plans:
            if plan.outcome == UPDATED and not plan.takes_up:
                self._update(plan)
        for chunk in _in_chunks(plans):  # when all are there, because they link to one another
            self._adopt(chunk)
        return plans

    # --- new documents --------------------------------------------------------------------------------

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
            self.planner.look_again(plans[0])

    def _write(self, plans: list[Plan]) -> None:
        with files_being_written(_files_of(plans)) as names:
            versions = start_documents([self._as_start(plan) for plan in plans], by=self.by)
            for plan, version in zip(plans, versions, strict=True):
                plan.version, plan.document = version, version.document
            self._keep_sources(plans, names)
            numbers_are_used(plans)

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
        """Where that is wanted, let versions take effect; those of a chunk together."""
        if self.options.as_effective:
            with transaction.atomic():
                adopt_plans(plans, run=self.options.run, by=self.by)


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
