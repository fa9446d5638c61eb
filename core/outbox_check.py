"""Does anything wait in the outbox that should have left?"""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from core.models import OutboxMessage

LATE = timedelta(hours=1)


def check_outbox() -> Iterator[str]:
    """What is wrong with outgoing mail, in words."""
    late = OutboxMessage.objects.stuck(timezone.now() - LATE).count()
    if late:
        yield f"{late} mails are due for more than an hour. Is the worker running?"
    dead = OutboxMessage.objects.dead().count()
    if dead:
        yield f"{dead} mails were given up; see /administration/outbox/."
    both = OutboxMessage.objects.exclude(sent_at=None).exclude(dead_at=None).count()
    if both:
        yield f"{both} mails are marked as sent and as given up."
