"""A real worker on the real broker does what it is rung for."""

import time

from django.core.cache import cache

from processportal import health
from processportal.celery import note_worker


def test_a_ring_reaches_the_worker_and_the_database_shows_it(celery_worker):
    cache.delete(health.WORKER_KEY)
    note_worker.delay()
    deadline = time.monotonic() + 20
    while cache.get(health.WORKER_KEY) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert time.time() - cache.get(health.WORKER_KEY) < 20
