"""The Celery application: its tasks are doorbells, the rows they point at are the truth."""

import os

from celery import Celery
from celery.signals import setup_logging, worker_ready
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "processportal.settings")

app = Celery("processportal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _keep_our_logging(**_: object) -> None:
    """Celery would replace the handlers set by Django's LOGGING."""


@worker_ready.connect
def _first_sign(**_: object) -> None:
    """A worker that has just started counts at once, not only when beat rings the next time."""
    note_worker.run()


@app.task(name="processportal.note_worker", expires=60)
def note_worker() -> None:
    """Rung every minute, so that /healthz/ready can tell whether anybody works."""
    import_string("processportal.health.note_worker")()  # health reads models; this module is loaded before them
