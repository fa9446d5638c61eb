"""What is due today, for the page of the demo that shows it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone

from actions.models import Task
from core.due_today import DueThing

MOST = 50


def tasks_due_today(person: Any) -> Iterator[DueThing]:
    """Open tasks of anybody that fall due today or are late, on records that the person may see."""
    tomorrow = (timezone.localtime() + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    due = Task.objects.open().visible_to(person).filter(due_at__lte=tomorrow)
    for task in due.select_related("person", "role", "entry").order_by("due_at")[:MOST]:
        # The task's own page is for who is asked; everybody else is led to the record.
        url = task.url if task.person_id == person.pk else task.entry.url
        yield DueThing(task.words, str(task.person or task.role), url, task.due_at)
