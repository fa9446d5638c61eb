"""Doorbells for the worker: each looks what is due and not yet done. Ringing twice or late changes nothing."""

import multiprocessing
from datetime import timedelta

from celery import shared_task
from celery.signals import worker_shutting_down
from django.utils import timezone

from core import attachment_check, bulk, digests, jobs, ledger, outbox, verification
from core.models import FormToken

TOKENS_KEPT = timedelta(days=7)
# Set when the worker is told to stop; made before the pool forks, so that its processes read it too.
_stopping = multiprocessing.Event()


@worker_shutting_down.connect
def _stop_soon(**_: object) -> None:
    """Long work pauses at its next step and waits for the next worker."""
    _stopping.set()


@shared_task(name="core.tasks.relay_outbox", expires=600)
def relay_outbox() -> None:
    outbox.relay()


@shared_task(name="core.tasks.run_jobs", expires=600)
def run_jobs() -> None:
    jobs.run_waiting(stopping=_stopping.is_set)


@shared_task(name="core.tasks.seal_ledger", expires=600)
def seal_ledger() -> None:
    ledger.seal()


@shared_task(name="core.tasks.verify", expires=6 * 3600)
def verify() -> None:
    """Once a night."""
    verification.verify_and_tell()


@shared_task(name="core.tasks.mail_notices", expires=600)
def mail_notices() -> None:
    digests.mail_notices()


@shared_task(name="core.tasks.forget_old", expires=24 * 3600)
def forget_old() -> None:
    """Form tokens of last week, jobs and runs of last month, private links in sent mails, parts of uploads."""
    FormToken.objects.filter(used_at__lt=timezone.now() - TOKENS_KEPT).delete()
    jobs.forget_old()
    bulk.forget_old()
    outbox.forget_private_texts()
    attachment_check.remove_orphans()
