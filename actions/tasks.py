"""Doorbells for the worker: each looks what is due and not yet done."""

from celery import shared_task

from actions import reminders


@shared_task(name="actions.tasks.remind", expires=900)
def remind() -> None:
    reminders.remind()
