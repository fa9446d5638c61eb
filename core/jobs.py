"""Long work as a row: asked by, progress, lease, resume, cancel, result. Celery only runs it.

    @runs("documents.export", label=_("Export of documents"))
    def export(work: Work) -> dict | None:
        for number, pk in enumerate(ids, start=1):
            ...
            work.step(number, len(ids), after=pk)      # kept: the next worker starts at work.cursor["after"]
        return {"url": "/…"}

    job = ask("documents.export", by=person, ids=[…])

A worker that is killed leaves a lease behind; when it has run out, the next worker goes on from the cursor. So the
work between two steps may happen twice: write it so that twice is once.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _t

from core.doorbell import ring
from core.lifecycle import Refused
from core.models import Job

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MAX_TRIES = 5
KEPT = timedelta(days=30)
UNKNOWN_FOR = timedelta(days=7)  # how long work that no worker knows waits for a release that knows it
SAVE_EVERY = 0.5  # seconds between two writes of progress


class Cancelled(Exception):
    """Somebody asked for the work to stop."""


class Paused(Exception):
    """The worker is being stopped: another one goes on from the cursor."""


class LeaseLost(Exception):
    """Another worker took the job over, because this one was silent for too long."""


@dataclass(frozen=True)
class Sort:
    """One sort of long work."""

    run: Callable[["Work"], dict[str, Any] | None]
    label: Any
    tell: Callable[[Job], None] | None


_sorts: dict[str, Sort] = {}


def runs(kind: str, label: Any, tell: Callable[[Job], None] | None = None) -> Callable[..., Any]:
    """Register the decorated function as the work of a kind. ``tell`` is called when it is over."""

    def register(function: Callable[["Work"], dict[str, Any] | None]) -> Callable[["Work"], dict[str, Any] | None]:
        _sorts[kind] = Sort(function, label, tell)
        return function

    return register


def label_of(kind: str) -> Any:
    """What people call a kind of work."""
    return _sorts[kind].label if kind in _sorts else kind


def ask(kind: str, by: Any = None, **arguments: Any) -> Job:
    """Write the job, in the caller's transaction, and wake a worker."""
    if kind not in _sorts:
        raise LookupError(kind)
    job = Job.objects.create(kind=kind, asked_by=by, arguments=arguments)
    ring("core.tasks.run_jobs")
    return job


def cancel(job: Job) -> None:
    """Stop a job: at once when nobody works on it, else at its next step."""
    now = timezone.now()
    Job.objects.filter(pk=job.pk, state=Job.State.WAITING).update(
        state=Job.State.CANCELLED, cancel_asked=True, finished_at=now
    )
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_asked=True)


class Work:
    """What a running function holds: its arguments, where it was, and the way to say how far it is."""

    def __init__(self, job: Job, stopping: Callable[[], bool] = lambda: False) -> None:
        self.job = job
        self._stopping = stopping
        self.arguments: dict[str, Any] = job.arguments
        self.cursor: dict[str, Any] = dict(job.cursor)
        self.by = job.asked_by
        self._saved_at = 0.0

    def step(self, done: int, total: int | None = None, /, **cursor: Any) -> None:
        """Keep the progress and extend the lease. Raises when the work was cancelled, taken over or must pause."""
        self.cursor.update(cursor)
        self.job.done_count = done
        self.job.total = self.job.total if total is None else total
        if self._stopping():
            self.save()
            raise Paused
        if time.monotonic() - self._saved_at < SAVE_EVERY and done != self.job.total:
            return
        self.save()

    def save(self) -> None:
        """Write the progress now."""
        lease = timezone.now() + LEASE
        held = Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING, lease_until=self.job.lease_until)
        if not held.update(done_count=self.job.done_count, total=self.job.total, cursor=self.cursor, lease_until=lease):
            raise LeaseLost
        self.job.lease_until = lease
        self._saved_at = time.monotonic()
        if Job.objects.filter(pk=self.job.pk, cancel_asked=True).exists():
            raise Cancelled


def run_waiting(seconds: float = 50, stopping: Callable[[], bool] = lambda: False) -> int:
    """Run jobs one after the other until none waits, the time is over or the worker is ``stopping``; returns how many
    were run."""
    until = time.monotonic() + seconds
    count = 0
    while time.monotonic() < until and not stopping() and (job := _claim()):
        _run(job, stopping)
        count += 1
    return count


def _claim() -> Job | None:
    """Take one job: the oldest that waits, or one whose worker fell silent. Work that this release does not know is
    left for a worker that does."""
    now = timezone.now()
    silent = Q(state=Job.State.RUNNING) & Q(lease_until__lt=now)
    with transaction.atomic():
        waiting = Job.objects.filter(Q(state=Job.State.WAITING) | silent, kind__in=_sorts).order_by("pk")
        job = waiting.select_for_update(skip_locked=True, of=["self"]).first()
        if job is None:
            return None
        interrupted = job.state == Job.State.RUNNING
        job.state, job.lease_until, job.tries = Job.State.RUNNING, now + LEASE, job.tries + 1
        job.message = _t("Interrupted, started again") if interrupted else ""
        job.save(update_fields=["state", "lease_until", "tries", "message"])
    return job


def _run(job: Job, stopping: Callable[[], bool]) -> None:
    sort = _sorts[job.kind]
    if job.tries > MAX_TRIES:
        return _finish(job, Job.State.FAILED, message=_t("Given up: it was interrupted too often."))
    if job.cancel_asked:
        return _finish(job, Job.State.CANCELLED)
    work = Work(job, stopping)
    try:
        result = sort.run(work)
    except Cancelled:
        _finish(job, Job.State.CANCELLED)
    except Paused:
        held = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, lease_until=job.lease_until)
        held.update(state=Job.State.WAITING, lease_until=None, tries=F("tries") - 1)
    except LeaseLost:
        log.warning("Job %s was taken over by another worker", job.pk)
    except Refused as refusal:
        _finish(job, Job.State.FAILED, message=str(refusal.message))
    except Exception as problem:
        log.exception("Job %s failed", job.pk)
        _finish(job, Job.State.FAILED, message=f"{type(problem).__name__}: {problem}")
    else:
        _finish(job, Job.State.DONE, result=result or {})
    return None


def _finish(job: Job, state: str, **fields: Any) -> None:
    """Write how it ended, if it is still ours, and tell who asked."""
    if state == Job.State.DONE and job.total:
        fields["done_count"] = job.total
    held = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, lease_until=job.lease_until)
    with transaction.atomic():
        if not held.update(state=state, finished_at=timezone.now(), lease_until=None, **fields):
            return
        job.refresh_from_db()
        sort = _sorts.get(job.kind)
        if sort and sort.tell:
            sort.tell(job)


def forget_old() -> int:
    """Remove jobs that ended more than thirty days ago; work that no worker knew for a week has failed."""
    now = timezone.now()
    unknown = Job.objects.filter(state=Job.State.WAITING, asked_at__lt=now - UNKNOWN_FOR).exclude(kind__in=_sorts)
    unknown.update(state=Job.State.FAILED, finished_at=now, message=_t("This release does not know this work."))
    return Job.objects.filter(finished_at__lt=timezone.now() - KEPT).delete()[0]
