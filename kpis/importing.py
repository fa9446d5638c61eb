"""Measurements from a file: looked at first, then stored in one transaction, and taken back as one.

A worker that is killed leaves nothing behind: the next one reads the file again from its beginning, and what is stored
already is the same and stays as it is.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import jobs
from core.jobs import Work, runs
from core.ledger import line_of, record_lines
from core.lifecycle import Invalid, Refused
from core.models import Job
from core.notices import tell
from core.safe.spreadsheet import UnreadableTable
from core.safe.words import gettext_noop
from kpis.column_mapping import headings_hash
from kpis.measurement_rows import Row, RowReader, headings_of, table_rows
from kpis.measuring import CHANGED, NEW, SAME, Plan, measured, take_back
from kpis.models import ColumnMapping, Kpi, Measurement, MeasurementImport, Way

IMPORT, UNDO = "kpis.import", "kpis.undo_import"
PROBLEMS_KEPT = 500
AT_ONCE = 2000  # rows that a page checks while the person waits; more of them are a worker's
STEP = 1000
REFUSED = "refused"
Step = Callable[[int, int], None]


def keep_file(name: str, content: bytes, *, kpi: Kpi | None, by: Any) -> MeasurementImport:
    """Keep an uploaded file; raises ``UnreadableTable`` where it is no table. Nothing is read of its rows yet."""
    return MeasurementImport.objects.create(
        kpi=kpi,
        file_name=name[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        headings=headings_of(content, name),
        asked_by=by,
    )


def remembered(kept: MeasurementImport) -> ColumnMapping | None:
    """How this person read a file with the same headings the last time."""
    known = ColumnMapping.objects.filter(person=kept.asked_by, headings_hash=headings_hash(kept.headings))
    return known.filter(kpi=kept.kpi).first()


def choose_columns(kept: MeasurementImport, mapping: dict[str, int], options: dict[str, Any]) -> None:
    """Set how the file is read, remember it for the next one, and forget what an earlier look found."""
    with transaction.atomic():
        kept.mapping, kept.options = mapping, options
        kept.state, kept.counts, kept.problems, kept.job = MeasurementImport.State.UPLOADED, {}, [], None
        kept.save()
        ColumnMapping.objects.update_or_create(
            person=kept.asked_by,
            kpi=kept.kpi,
            headings_hash=headings_hash(kept.headings),
            defaults={"mapping": mapping, "options": {k: v for k, v in options.items() if k != "reason"}},
        )


def first_rows(kept: MeasurementImport, count: int) -> list[list[str]]:
    """The first rows of the file, as a help for choosing the columns."""
    try:
        return list(islice(table_rows(kept), 1, count + 1))
    except UnreadableTable:
        return []


class Reading:
    """All rows of an import, sorted by KPI, with what is wrong and what storing the others would do."""

    def __init__(self, kept: MeasurementImport, *, by: Any, today: date | None = None) -> None:
        self.reader = RowReader(kept, by=by, today=today)
        self.replaces = bool(kept.options.get("replace"))
        self.today = self.reader.today
        self.by_kpi: dict[Kpi, list[Row]] = defaultdict(list)
        self.refused: list[Row] = []
        self.counts = {"rows": 0, NEW: 0, CHANGED: 0, SAME: 0, REFUSED: 0}

    def read(self, step: Step) -> None:
        """Read all rows; ``step`` is told how many."""
        try:
            self._read(step)
        except UnreadableTable as problem:
            raise Invalid(str(problem)) from problem

    def _read(self, step: Step) -> None:
        seen: dict[tuple[Any, ...], int] = {}
        for row in self.reader:
            self.counts["rows"] += 1
            if row.entry and not row.problems and row.kpi:
                first = seen.setdefault((row.kpi.pk, *row.entry.key), row.line)
                if first != row.line:
                    row.problems["period"] = _t("Line %(line)d has the same period already.") % {"line": first}
            if row.problems:
                self.refuse(row)
            else:
                self.by_kpi[row.kpi].append(row)  # type: ignore[index]  # a row without problems has a KPI
            if row.line % STEP == 0:
                step(row.line, 0)

    def refuse(self, row: Row) -> None:
        self.counts[REFUSED] += 1
        if len(self.refused) < PROBLEMS_KEPT:
            self.refused.append(row)

    def plan(self, kpi: Kpi) -> Plan:
        """What storing the rows of a KPI would do; rows that would replace a value unasked are refused."""
        rows = self.by_kpi[kpi]
        plan = Plan.of(kpi, [row.entry for row in rows if row.entry], today=self.today)
        unexplained = plan.without_reason(replaces=self.replaces)
        if unexplained:
            for number, problems in unexplained.items():
                rows[number].problems = problems
                self.refuse(rows[number])
            rows = [row for number, row in enumerate(rows) if number not in unexplained]
            plan = Plan(kpi, [row.entry for row in rows if row.entry], plan.stored)
        for outcome in plan.outcomes:
            self.counts[outcome] += 1
        return plan

    def problems(self) -> list[dict[str, Any]]:
        """What is wrong, by line, as it is kept."""
        rows = sorted(self.refused, key=lambda row: row.line)
        return [
            {"line": row.line, "field": name, "words": words} for row in rows for name, words in row.problems.items()
        ]


def look_through(kept: MeasurementImport, *, by: Any, step: Step = lambda _done, _total: None) -> None:
    """Find out what importing would do, and store nothing but that."""
    reading = Reading(kept, by=by)
    reading.read(step)
    for kpi in reading.by_kpi:
        reading.plan(kpi)
    kept.counts, kept.problems = reading.counts, reading.problems()
    kept.state = MeasurementImport.State.CHECKED
    kept.save(update_fields=["counts", "problems", "state"])


def store(kept: MeasurementImport, *, by: Any, step: Step = lambda _done, _total: None) -> None:
    """Store what can be stored; rows that are refused are left out and listed."""
    reading = Reading(kept, by=by)
    reading.read(step)
    with transaction.atomic():
        locked = MeasurementImport.objects.select_for_update(of=("self",)).get(pk=kept.pk)
        if locked.state == MeasurementImport.State.IMPORTED:
            return
        lines, changed = [], []
        for kpi in sorted(reading.by_kpi, key=lambda kpi: kpi.pk):
            Kpi.objects.select_for_update(no_key=True).get(pk=kpi.pk)
            plan = reading.plan(kpi)
            counts = {outcome: plan.outcomes.count(outcome) for outcome in (NEW, CHANGED)}
            if any(counts.values()):
                plan.store(by=by, way=Way.FILE, batch=kept)
                changed.append(kpi)
                lines.append(_line(kpi, "measurements_imported", kept, by=by, **counts))
        record_lines(lines)
        kept.counts, kept.problems = reading.counts, reading.problems()
        kept.state, kept.imported_at = MeasurementImport.State.IMPORTED, timezone.now()
        kept.save(update_fields=["counts", "problems", "state", "imported_at"])
        if changed:
            measured.send(sender=Measurement, kpis=changed, by=by)


def _line(kpi: Kpi, event: str, kept: MeasurementImport, *, by: Any, **counts: int) -> Any:
    reason = str(kept.options.get("reason", "")) if event == "measurements_imported" else ""
    return line_of(kpi, event, by=by, reason=reason, data={"file": kept.file_name, "import": kept.pk, **counts})


def take_import_back(kept: MeasurementImport, *, by: Any) -> int:
    """Undo an import: what it stored and nobody corrected since is replaced by what was there before, or withdrawn.
    Returns how many values were corrected meanwhile and therefore stay."""
    with transaction.atomic():
        kept = MeasurementImport.objects.select_for_update(of=("self",)).get(pk=kept.pk)
        if kept.state != MeasurementImport.State.IMPORTED:
            raise Refused(_t("This import was undone already."))
        kpis = list(
            Kpi.objects.select_for_update(no_key=True)
            .filter(pk__in=kept.measurements.order_by().values("kpi").distinct())
            .order_by("pk")
        )
        rows = list(kept.measurements.current().values_list("pk", "kpi"))
        left = kept.measurements.count() - len(rows)
        reason = _t("Import of %(file)s undone") % {"file": kept.file_name}
        take_back([pk for pk, _kpi in rows], by=by, way=Way.FILE, reason=reason)
        record_lines([_line(kpi, "import_undone", kept, by=by) for kpi in kpis])
        kept.state, kept.undone_at = MeasurementImport.State.UNDONE, timezone.now()
        kept.counts = kept.counts | {"kept": left}
        kept.save(update_fields=["state", "undone_at", "counts"])
        measured.send(sender=Measurement, kpis=kpis, by=by)
    return left


# --- in the worker -------------------------------------------------------------------------------------


def ask_to_look(kept: MeasurementImport, *, by: Any) -> None:
    """Look at once where it takes no time; else let a worker do it."""
    if kept.content and len(bytes(kept.content)) <= 100 * AT_ONCE:
        look_through(kept, by=by)
    else:
        _ask(kept, IMPORT, by=by, only_looks=True)


def ask_to_store(kept: MeasurementImport, *, by: Any) -> None:
    """Ask a worker to import what was looked at; a second press finds it asked for."""
    with transaction.atomic():
        kept = MeasurementImport.objects.select_for_update(of=("self",)).select_related("job").get(pk=kept.pk)
        if kept.is_working or kept.state == MeasurementImport.State.IMPORTED:
            return
        if kept.state != MeasurementImport.State.CHECKED:
            raise Invalid(_t("Preview the import before you start it."))
        _ask(kept, IMPORT, by=by)


def ask_to_undo(kept: MeasurementImport, *, by: Any) -> None:
    with transaction.atomic():
        kept = MeasurementImport.objects.select_for_update(of=("self",)).select_related("job").get(pk=kept.pk)
        if not kept.is_working and kept.state == MeasurementImport.State.IMPORTED:
            _ask(kept, UNDO, by=by)


def _ask(kept: MeasurementImport, kind: str, *, by: Any, **arguments: Any) -> None:
    kept.job = jobs.ask(kind, by=by, kept=kept.pk, **arguments)
    kept.save(update_fields=["job"])


def _tell(job: Job) -> None:
    """Tell who asked that it is over; somebody who waits for a preview is looking at its page."""
    kept = MeasurementImport.objects.get(pk=job.arguments["kept"])
    if job.arguments.get("only_looks") or not job.asked_by:
        return
    words = gettext_noop("The import of %(file)s did not work", file=kept.file_name)
    if job.state == Job.State.DONE:
        is_undone = job.kind == UNDO
        done = gettext_noop("The import of %(file)s is undone", file=kept.file_name)
        words = done if is_undone else gettext_noop("The values of %(file)s are imported", file=kept.file_name)
    tell([job.asked_by], "jobs", words, occasion=f"job:{job.pk}", url=kept.get_absolute_url())


@runs(IMPORT, label=_("Import of measurements"), tell=_tell)
def run_import(work: Work) -> dict[str, Any]:
    """Look through the file, or store it."""
    kept = MeasurementImport.objects.select_related("kpi", "asked_by").get(pk=work.arguments["kept"])
    total = int(kept.counts.get("rows", 0))

    def step(done: int, _total: int) -> None:
        work.step(min(done, total) if total else done, total)

    with translation.override(work.by.language):
        if work.arguments.get("only_looks"):
            look_through(kept, by=work.by, step=step)
        else:
            store(kept, by=work.by, step=step)
    return {"url": kept.get_absolute_url()}


@runs(UNDO, label=_("Undo of an import of measurements"), tell=_tell)
def run_undo(work: Work) -> dict[str, Any]:
    kept = MeasurementImport.objects.get(pk=work.arguments["kept"])
    with translation.override(work.by.language):
        if kept.state == MeasurementImport.State.IMPORTED:
            take_import_back(kept, by=work.by)
    return {"url": kept.get_absolute_url()}


def count_words(counts: dict[str, int]) -> str:
    """What an import does or did, in one line."""
    parts = [
        ngettext("%(n)d new value", "%(n)d new values", counts.get(NEW, 0)) % {"n": counts.get(NEW, 0)},
        ngettext("%(n)d replaced", "%(n)d replaced", counts.get(CHANGED, 0)) % {"n": counts.get(CHANGED, 0)},
        ngettext("%(n)d unchanged", "%(n)d unchanged", counts.get(SAME, 0)) % {"n": counts.get(SAME, 0)},
        ngettext("%(n)d row left out", "%(n)d rows left out", counts.get(REFUSED, 0)) % {"n": counts.get(REFUSED, 0)},
    ]
    return ", ".join(parts)
