"""The Celery application: its tasks are doorbells, the rows they point at are the truth."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "processportal.settings")

app = Celery("processportal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _keep_our_logging(**_: object) -> None:
    """Celery would replace the handlers set by Django's LOGGING."""
