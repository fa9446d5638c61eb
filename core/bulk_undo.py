"""Taking back what a run changed: a run of its own, looked at first, done row by row by the verbs of the record's page.

Each of its rows holds what one row of the other run did, as exact values, so it stands on its own. It goes back to what
was before where those facts are as the run left them; a record that has moved since is refused with the reason. What
was not put back can be tried again, and an undo is taken back as any other run.
"""

from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _t

from core import bulk, jobs
from core.bulk import BulkAction, Outcome
from core.lifecycle import Refused
from core.models import BulkRow, BulkRun

_DONE = Count("rows", filter=Q(rows__outcome=Outcome.DONE))


def begin_undo(run: BulkRun) -> BulkRun:
    """The run that would take this one back, looked at; nothing has happened yet. Pressed twice it is the same one."""
    action = bulk.action_of(run)  # the person may still ask for it
    bulk.undo_of(action)
    if run.asked_at < timezone.now() - jobs.KEPT:
        raise Refused(bulk.too_long_ago())
    with transaction.atomic():
        runs = BulkRun.objects.select_for_update(no_key=True, of=["self"]).select_related("job", "asked_by")
        run = runs.get(pk=run.pk)
        undo = runs.filter(undoes=run, apply_asked_at=None).first()
        if undo and undo.is_working:
            return undo
        _refuse_unless_something_to_undo(run)
        undo = _anew(undo) if undo else _new(run, action)
        _fill(undo, run)
    bulk.look(undo)
    return undo


def _fill(undo: BulkRun, run: BulkRun) -> None:
    done = rows_to_undo(run).order_by("position")
    rows = [
        BulkRow(run=undo, position=position, object_id=row.object_id, values=row.kept)
        for position, row in enumerate(done, start=1)
    ]
    BulkRow.objects.bulk_create(rows, batch_size=1000)


def _refuse_unless_something_to_undo(run: BulkRun) -> None:
    if run.stage not in ("done", "stopped") or any(undo.is_working for undo in applied_undos(run)):
        raise Refused(_t("The work is under way already."))
    if not rows_to_undo(run).exists():
        undo = applied_undos(run).first()
        raise Refused(
            _t("It was undone already, by %(name)s.") % {"name": undo.asked_by}
            if undo
            else _t("There is nothing to undo.")
        )


def _new(run: BulkRun, action: BulkAction) -> BulkRun:
    about = {"undoes": run, "undo_depth": run.undo_depth + 1, "is_answered": True, "back": run.back}
    undo = bulk.new_run(bulk.list_named(run.listing), action, run.asked_by, **about)
    undo.values = {"reason": _reason(run, action, undo), "said": _said(run)}
    undo.save(update_fields=["values"])
    return undo


def _anew(undo: BulkRun) -> BulkRun:
    """An undo that was looked at and not carried out is looked at again: its rows may stand differently by now."""
    undo.rows.all().delete()
    undo.prepared_at, undo.job, undo.asked_at = None, None, timezone.now()
    undo.language = translation.get_language() or "en"
    undo.save(update_fields=["prepared_at", "job", "asked_at", "language"])
    return undo


def _said(run: BulkRun) -> str:
    """The reason that was given when it was done first; with it each undo can say what it takes back."""
    if run.is_undo:
        return run.values["said"]
    return " ".join(run.values.get("reason", []))


def _reason(run: BulkRun, action: BulkAction, undo: BulkRun) -> str:
    """What history and ledger of each record say: that it is taken back, and what."""
    what = {"what": _said(run) or action.label}
    return _t("Undone: %(what)s") % what if undo.puts_back else _t("Done again: %(what)s") % what


def rows_to_undo(run: BulkRun) -> QuerySet[BulkRow]:
    """What the run changed and no undo has put back; a record stands in one row of a run."""
    back = BulkRow.objects.filter(run__undoes=run, outcome=Outcome.DONE).values("object_id")
    return run.rows.filter(outcome=Outcome.DONE, kept__isnull=False).exclude(object_id__in=back)


def applied_undos(run: BulkRun) -> QuerySet[BulkRun]:
    """The undos of a run that were carried out, newest first: how many records each put back, and whether that was
    taken back as well."""
    return _carried_out().filter(undoes=run).select_related("asked_by", "job")


def _carried_out() -> QuerySet[BulkRun]:
    taken_back = BulkRow.objects.filter(run__undoes=OuterRef("pk"), outcome=Outcome.DONE)
    return BulkRun.objects.exclude(apply_asked_at=None).annotate(done=_DONE, was_taken_back=Exists(taken_back))


def left_to_undo(run: BulkRun, undos: list[BulkRun]) -> int:
    """How many records its page offers to put back: none where the action cannot be taken back, the person may not ask
    for it, or one of its undos is at work."""
    action = bulk.known_action(run)
    is_offered = (
        action is not None
        and action.undo is not None
        and run.stage in ("done", "stopped")
        and action.is_for(run.asked_by)
        and not any(undo.is_working for undo in undos)
    )
    return rows_to_undo(run).count() if is_offered else 0


def runs_of(person: Any) -> QuerySet[BulkRun]:
    """What a person asked of many records, newest first, with how many were changed and the undos that hold."""
    undos = Prefetch("undos", _carried_out().filter(done__gt=0, was_taken_back=False), to_attr="that_put_back")
    runs = BulkRun.objects.visible_to(person).select_related("job").prefetch_related(undos)
    return runs.annotate(chosen=Count("rows"), done=_DONE).order_by("-pk")
