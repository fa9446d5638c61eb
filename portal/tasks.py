"""Doorbells of the roof."""

from celery import shared_task

from portal.saved_searches import tell_new_hits


@shared_task(name="portal.tell_new_hits")
def ring_saved_searches() -> None:
    """Rung every hour; what is new is counted from the last look, so a missed ring loses nothing."""
    tell_new_hits()
