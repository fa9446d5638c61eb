"""What reading does by the clock."""

from celery import shared_task

from training.assigning import assign_missing


@shared_task(name="training.tasks.assign_missing_readings", expires=24 * 3600)
def assign_missing_readings() -> None:
    assign_missing()
