"""One thing done to many records: chosen on a list, looked at first, then done to each by the rule of the single act.

An app says which list there is and what may be asked of its records, from ``AppConfig.ready()``::

    register_list(BulkList("documents", _("Procedures"), visible, chosen, described, "documents:list"))
    register_action("documents", BulkAction("hand-over", _("Hand over"), "swap", plan, apply, form=OwnerForm))

``plan`` says what would change in one record for one person, or raises ``Refused`` with the reason; ``apply`` does it
through the same verb that the record's own page uses. Every look at a record starts from what the person may see,
when it is chosen, when it is looked at, and again when it is done: what is hidden is not there.

An action that can be taken back says how (``Undo``), and its ``apply`` returns what it changed as exact values. An undo
is a run as every other (``core.bulk_undo``).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import models, transaction
from django.db.models import Count
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import jobs
from core.jobs import Work, runs
from core.ledger import record_line
from core.lifecycle import Invalid, NotAllowed, Refused
from core.models import BulkRow, BulkRun, Job
from core.notices import tell
from core.safe.words import gettext_noop

MOST = 5_000  # records in one run
INLINE = 50  # more than these are looked at and done by a worker
AT_A_TIME = 100
Outcome = BulkRow.Outcome


@dataclass(frozen=True)
class Change:
    """One thing that becomes different, in words."""

    label: Any
    before: Any
    after: Any

    def words(self) -> list[str]:
        return [str(self.label), str(self.before), str(self.after)]


@dataclass(frozen=True)
class Described:
    """How a row names its record."""

    code: str
    title: str
    url: str


@dataclass(frozen=True)
class Undo:
    """How what an action did to one record is taken back; ``kept`` is what ``apply`` returned when it did it.

    ``plan`` says what would go back to what, or raises ``Refused`` where the record has moved since; ``apply`` returns
    what it did in the same form, so that an undo can be taken back as well."""

    plan: Callable[[Any, Any, dict[str, Any]], list[Change]]  # (record, person, kept)
    apply: Callable[[Any, Any, dict[str, Any], str], dict[str, Any] | None]  # (record, person, kept, reason)


@dataclass(frozen=True)
class BulkAction:
    """One thing that may be asked of many records at once."""

    name: str
    label: Any
    icon: str
    plan: Callable[[Any, Any, dict[str, Any]], list[Change]]  # (record, person, values)
    apply: Callable[[Any, Any, dict[str, Any]], dict[str, Any] | None]  # what was changed, if it can be taken back
    form: type[forms.Form] | None = None  # what is asked once for all records
    is_for: Callable[[Any], bool] = lambda person: True
    order: int = 100
    in_bar: bool = True  # False: begun elsewhere, as an import of a table is
    undo: Undo | None = None  # none: it cannot be taken back


@dataclass(frozen=True)
class BulkList:
    """A list whose rows can be chosen."""

    name: str
    label: Any
    visible: Callable[[Any], models.QuerySet]  # begins with ``visible_to(person)``
    chosen: Callable[[Any, QueryDict], models.QuerySet]  # the same filters as the list, from its address
    described: Callable[[Any], Described]
    url_name: str


_lists: dict[str, BulkList] = {}
_actions: dict[str, dict[str, BulkAction]] = {}


def register_list(bulk_list: BulkList) -> None:
    """Let rows of a list be chosen."""
    _lists[bulk_list.name] = bulk_list


def register_action(list_name: str, action: BulkAction) -> None:
    """Let something be asked of the records of a list."""
    _actions.setdefault(list_name, {})[action.name] = action


def list_named(name: str) -> BulkList | None:
    return _lists.get(name)


def all_lists() -> list[BulkList]:
    return list(_lists.values())


def actions_for(list_name: str, person: Any) -> list[BulkAction]:
    """What this person may ask of chosen rows, for the bar above the list."""
    found = _actions.get(list_name, {}).values()
    return sorted((a for a in found if a.in_bar and a.is_for(person)), key=lambda action: action.order)


def action_of(run: BulkRun) -> BulkAction:
    return action_named(run.listing, run.action, run.asked_by)


def known_action(run: BulkRun) -> BulkAction | None:
    """The action of a run, whether or not the person may still ask for it: to show what came of it."""
    return _actions.get(run.listing, {}).get(run.action)


def action_named(list_name: str, name: str, person: Any) -> BulkAction:
    """The action, if there is such a one and the person may ask for it at all."""
    action = _actions.get(list_name, {}).get(name)
    if action is None:
        raise Invalid(_t("Choose what should happen to the chosen rows."))
    if not action.is_for(person):
        raise NotAllowed(_t("You may not do this: %(move)s.") % {"move": action.label})
    return action


# --- choosing --------------------------------------------------------------------------------------------


def choose(
    bulk_list: BulkList, action: BulkAction, *, by: Any, picked: list[str], query: str = "", every: bool = False
) -> BulkRun:
    """Keep which records were chosen: the picked ones, or every one that the list's filters find for this person.

    What the person may not see is counted as missing, exactly as what does not exist."""
    missing = 0
    if every:
        ids = list(bulk_list.chosen(by, QueryDict(query)).values_list("pk", flat=True)[: MOST + 1])
    else:
        wanted = list(dict.fromkeys(int(pk) for pk in picked if pk.isdecimal() and len(pk) < 18))[: MOST + 1]
        known = set(bulk_list.visible(by).filter(pk__in=wanted).values_list("pk", flat=True))
        ids = [pk for pk in wanted if pk in known]
        missing = len(wanted) - len(ids)
    if len(ids) > MOST:
        raise Refused(_t("More than %(most)s are too many at once. Narrow the list first.") % {"most": f"{MOST:,}"})
    if not ids and not missing:
        raise Invalid(_t("Choose at least one row."))
    with transaction.atomic():
        run = new_run(bulk_list, action, by, back=query[:600], missing=missing, is_answered=action.form is None)
        rows = [BulkRow(run=run, position=n, object_id=pk) for n, pk in enumerate(ids, start=1)]
        BulkRow.objects.bulk_create(rows, batch_size=1000)
    return run


def new_run(bulk_list: BulkList, action: BulkAction, by: Any, **fields: Any) -> BulkRun:
    """A run that speaks to its person later in the language they work in now."""
    language = translation.get_language() or "en"
    return BulkRun.objects.create(listing=bulk_list.name, action=action.name, asked_by=by, language=language, **fields)


@dataclass(frozen=True)
class TableRow:
    """One row of a file: where it stands, how it names its record, which one that is, and what it says of it."""

    line: int
    said: str
    object_id: int | None
    values: dict[str, str]
    problem: str = ""  # why nothing can become of it


def from_table(
    bulk_list: BulkList, action: BulkAction, *, by: Any, file_name: str, rows: list[TableRow], unknown: list[str]
) -> BulkRun:
    """Keep the rows of a file, each with values of its own, to be looked at and done like chosen rows."""
    if len(rows) > MOST:
        raise Refused(_t("More than %(most)s are too many at once. Split the file.") % {"most": f"{MOST:,}"})
    with transaction.atomic():
        about = {"file_name": file_name[:200], "unknown_columns": unknown, "is_answered": True}
        run = new_run(bulk_list, action, by, **about)
        BulkRow.objects.bulk_create(
            [
                BulkRow(
                    run=run,
                    position=position,
                    line=row.line,
                    said=row.said[:120],
                    object_id=row.object_id,
                    values=row.values,
                    outcome=Outcome.REFUSED if row.problem else Outcome.OPEN,
                    reason=row.problem,
                )
                for position, row in enumerate(rows, start=1)
            ],
            batch_size=1000,
        )
    return run


def answer(run: BulkRun, sent: QueryDict) -> forms.Form:
    """Keep what was answered once for all records; the form that comes back may hold errors, then nothing is kept."""
    action = action_of(run)
    if action.form is None or run.is_undo:
        raise Invalid(_t("There is nothing to answer."))
    if run.is_working or run.apply_asked_at:
        raise Refused(_t("The work is under way already."))
    form = action.form(sent)
    if form.is_valid():
        run.values = {name: sent.getlist(name) for name in form.fields if name in sent}
        run.is_answered, run.prepared_at = True, None
        run.save(update_fields=["values", "is_answered", "prepared_at"])
        run.rows.update(outcome=Outcome.OPEN, changes=[], reason="")
    return form


def values_of(run: BulkRun, action: BulkAction) -> dict[str, Any]:
    """The answers as clean values, judged anew: the person chosen may have left since."""
    if action.form is None:
        return {}
    sent = QueryDict(mutable=True)
    for name, values in run.values.items():
        sent.setlist(name, values)
    form = action.form(sent)
    if not form.is_valid():
        raise Refused(" ".join(str(text) for errors in form.errors.values() for text in errors))
    return form.cleaned_data


@dataclass(frozen=True)
class _Way:
    """How the records of one run are looked at and changed: as its action says, or as it says that is taken back."""

    plan: Callable[[Any, BulkRow], list[Change]]
    apply: Callable[[Any, BulkRow], dict[str, Any] | None]


def _way_of(run: BulkRun) -> _Way:
    action, by = action_of(run), run.asked_by
    if run.is_undo:
        undo, reason = undo_of(action), run.values["reason"]
        return _Way(
            lambda record, row: undo.plan(record, by, row.values),
            lambda record, row: undo.apply(record, by, row.values, reason),
        )
    values = values_of(run, action)
    return _Way(
        lambda record, row: action.plan(record, by, {**values, **row.values}),
        lambda record, row: action.apply(record, by, {**values, **row.values}),
    )


def undo_of(action: BulkAction) -> Undo:
    """How the action is taken back; ``Refused`` where it says that it cannot be."""
    if action.undo is None:
        raise Refused(_t("This cannot be undone."))
    return action.undo


# --- looking first ---------------------------------------------------------------------------------------


def look(run: BulkRun) -> None:
    """Find out what would change: at once for few records, else by a worker."""
    if run.rows.count() <= INLINE:
        for _done in _look(run):
            pass
        return
    with transaction.atomic():
        kind = "core.look_at_undo" if run.is_undo else "core.look_at_many"
        run.job = jobs.ask(kind, by=run.asked_by, run=run.pk)
        run.save(update_fields=["job"])


def _look(run: BulkRun) -> Iterator[int]:
    bulk_list = _lists[run.listing]
    with translation.override(run.language):
        way = _way_of(run)
        for rows in _batches(run, Outcome.OPEN):
            records = _records(bulk_list, run, rows)
            for row in rows:
                _judge(row, records.get(row.object_id), way)
            BulkRow.objects.bulk_update(rows, ["outcome", "changes", "reason"])
            yield len(rows)
    run.prepared_at = timezone.now()
    run.save(update_fields=["prepared_at"])


def _batches(run: BulkRun, outcome: str) -> Iterator[list[BulkRow]]:
    after = 0
    while rows := list(run.rows.filter(outcome=outcome, position__gt=after).order_by("position")[:AT_A_TIME]):
        yield rows
        after = rows[-1].position


def _records(bulk_list: BulkList, run: BulkRun, rows: list[BulkRow]) -> dict[int, Any]:
    """The records of these rows that the person may see now."""
    ids = [row.object_id for row in rows if row.object_id]
    return {record.pk: record for record in bulk_list.visible(run.asked_by).filter(pk__in=ids)}


def _judge(row: BulkRow, record: Any, way: _Way) -> None:
    """Write into the row what would happen to its record."""
    row.changes, row.reason = [], ""
    if record is None:
        row.outcome, row.reason = Outcome.REFUSED, gone_words()
        return
    try:
        changes = way.plan(record, row)
    except Refused as refusal:
        row.outcome, row.reason = Outcome.REFUSED, str(refusal.message)
        return
    row.changes = [change.words() for change in changes]
    row.outcome = Outcome.CHANGE if changes else Outcome.UNCHANGED


def gone_words() -> str:
    """What is said of a record that is hidden and of one that does not exist: the same."""
    return _t("There is no such record, or you may not see it.")


# --- doing -----------------------------------------------------------------------------------------------


def go(run: BulkRun) -> None:
    """Do to each record what was looked at, once: at once for few, else by a worker."""
    action_of(run)  # the person may still ask for it
    if run.is_undo and run.undoes_id is None:
        raise Refused(too_long_ago())
    if not run.rows.filter(outcome=Outcome.CHANGE).exists():
        raise Refused(_t("There is nothing to change."))
    with transaction.atomic():
        asked = BulkRun.objects.filter(pk=run.pk, apply_asked_at=None).exclude(prepared_at=None)
        if not asked.update(apply_asked_at=timezone.now()):
            return  # a second press
        run.refresh_from_db()
        rows = run.rows.filter(outcome=Outcome.CHANGE).count()
        event = "bulk_undone" if run.is_undo else "bulk_applied"
        record_line(
            run, event, by=run.asked_by, reason=run.values["reason"] if run.is_undo else "", data=_told(run, rows)
        )
        if rows > INLINE:
            run.job = jobs.ask("core.undo_many" if run.is_undo else "core.change_many", by=run.asked_by, run=run.pk)
            run.save(update_fields=["job"])
            return
    for _done in _go(run):
        pass


def _told(run: BulkRun, rows: int) -> dict[str, Any]:
    """What the ledger says of a run; ``undoes`` is the number of the run whose own line says what was done."""
    told = {"action": run.action, "list": run.listing, "rows": rows}
    if run.is_undo:
        return told | {"undoes": run.undoes_id}
    return told | ({"file": run.file_name} if run.file_name else {})


def too_long_ago() -> str:
    """Why an old run is not taken back."""
    return _t("Changes can be undone for %(days)s days.") % {"days": jobs.KEPT.days}


def _go(run: BulkRun) -> Iterator[int]:
    bulk_list = _lists[run.listing]
    with translation.override(run.language):
        way = _way_of(run)
        for rows in _batches(run, Outcome.CHANGE):
            run.refresh_from_db(fields=["asked_by"])  # who lost a right while the work runs has lost it for the rest
            for row in rows:
                _do(row, run, bulk_list, way)
                yield 1
    run.applied_at = timezone.now()
    run.save(update_fields=["applied_at"])


class _DoneBefore(Exception):
    """Somebody else has done this row: another worker, or the same one before it was taken for dead."""


def _do(row: BulkRow, run: BulkRun, bulk_list: BulkList, way: _Way) -> None:
    """One record and its row in one transaction, so that a killed worker's successor does nothing twice."""
    try:
        with transaction.atomic():
            record = bulk_list.visible(run.asked_by).select_for_update(no_key=True, of=["self"]).get(pk=row.object_id)
            if [change.words() for change in way.plan(record, row)] != row.changes:
                row.outcome, row.reason = Outcome.LEFT, _t("It has changed since you looked. Look again.")
            else:
                row.kept, row.outcome = way.apply(record, row), Outcome.DONE
            if not _settle(row):
                raise _DoneBefore
            return
    except _DoneBefore:
        return
    except models.ObjectDoesNotExist:
        row.outcome, row.reason = Outcome.REFUSED, gone_words()
    except Refused as refusal:
        row.outcome, row.reason = Outcome.REFUSED, str(refusal.message)
    row.kept = None
    _settle(row)


def _settle(row: BulkRow) -> bool:
    """Write what came of a row, unless that is written already."""
    waiting = BulkRow.objects.filter(pk=row.pk, outcome=Outcome.CHANGE)
    return bool(waiting.update(outcome=row.outcome, reason=row.reason, kept=row.kept))


def counts_of(run: BulkRun) -> dict[str, int]:
    """How many rows have which outcome."""
    return dict(run.rows.order_by().values_list("outcome").annotate(n=Count("pk")))


def forget_old() -> int:
    """Remove runs of more than thirty days ago; what they did stands in the ledger."""
    return BulkRun.objects.filter(asked_at__lt=timezone.now() - jobs.KEPT).delete()[0]


# --- the work --------------------------------------------------------------------------------------------


def _end_words(run: BulkRun) -> str:
    """What the notice says when the long work is over."""
    if run.stage == "ready":
        return gettext_noop("What you asked of many records is looked at: see what would change")
    if run.puts_back:
        return gettext_noop("What you changed in many records is undone: see what came of it")
    return gettext_noop("What you asked of many records is done: see what came of it")


def _finished(job: Job) -> None:
    """Tell who asked that the long work is over; it stands in the notices."""
    run = BulkRun.objects.filter(pk=job.arguments.get("run")).first()
    if run and job.asked_by:
        tell([job.asked_by], "jobs", _end_words(run), occasion=f"job:{job.pk}", url=run.get_absolute_url())


@runs("core.look_at_undo", label=_("Looking at what would change"), tell=_finished)
@runs("core.look_at_many", label=_("Looking at what would change"), tell=_finished)
def look_at_many(work: Work) -> dict[str, Any]:
    return _carry_out(work, _look, done_already=lambda run: run.rows.exclude(outcome=Outcome.OPEN).count())


@runs("core.undo_many", label=_("Undoing changes of many records"), tell=_finished)
@runs("core.change_many", label=_("Changing many records"), tell=_finished)
def change_many(work: Work) -> dict[str, Any]:
    ended = (Outcome.DONE, Outcome.LEFT)
    return _carry_out(work, _go, done_already=lambda run: run.rows.filter(outcome__in=ended).count())


def _carry_out(work: Work, walk: Callable[[BulkRun], Iterator[int]], *, done_already: Callable[[BulkRun], int]) -> dict:
    run = BulkRun.objects.select_related("asked_by").get(pk=work.arguments["run"])
    done, total = done_already(run), run.rows.count()
    work.step(done, total)
    for more in walk(run):
        done += more
        work.step(min(done, total), total)
    return {"url": run.get_absolute_url()}
