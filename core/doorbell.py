"""Waking the worker: a row waits in the database, and this only says so. Its loss costs a minute, never the row."""

import logging
import threading
from functools import partial

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)

_on_the_way: set[str] = set()
_again: set[str] = set()
_guard = threading.Lock()


def ring(task: str) -> None:
    """Ask the worker, once the transaction is committed, to run the task of this name.

    The broker may be down or hang. So the page does not wait for it: a thread does, one for each task at most,
    and what it cannot deliver is found by the sweep of the next minute.
    """
    transaction.on_commit(partial(_ring, task), robust=True)


def _ring(task: str) -> None:
    with _guard:
        if task in _on_the_way:
            _again.add(task)
            return
        _on_the_way.add(task)
    threading.Thread(target=_send, args=[task], name=f"doorbell {task}", daemon=True).start()


def _send(task: str) -> None:
    """Ring; and once more if a row was committed meanwhile, because the worker may have looked before that."""
    while True:
        try:
            current_app.send_task(task, retry=False, ignore_result=True)
        except Exception as problem:  # whatever the broker's client raises, the row is safe
            log.warning("The doorbell for %s did not ring: %s", task, problem)
        with _guard:
            if task not in _again:
                _on_the_way.discard(task)
                return
            _again.discard(task)
