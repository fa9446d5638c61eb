"""What the procedures do at night."""

from celery import shared_task

from sops.comparing import sweep_redlines


@shared_task(name="sops.tasks.sweep_stored_redlines", expires=24 * 3600)
def sweep_stored_redlines() -> None:
    sweep_redlines()
