"""Doorbells for the worker: each looks what is due and not yet done."""

from celery import shared_task

from documents.models import Content
from documents.reviewing import ask_for_due_reviews
from documents.taking_effect import announce_effective


@shared_task(name="documents.tasks.announce_effective_versions", expires=600)
def announce_effective_versions() -> None:
    announce_effective()


@shared_task(name="documents.tasks.ask_for_reviews", expires=3600)
def ask_for_reviews() -> None:
    ask_for_due_reviews()


@shared_task(name="documents.tasks.sweep_contents", expires=24 * 3600)
def sweep_contents() -> None:
    Content.sweep()
