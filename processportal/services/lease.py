"""Who uses the embedded services right now: the last one out stops them."""

import atexit
import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from processportal.services import credentials
from processportal.services.places import Place, locate, remember
from processportal.services.postgres import Postgres
from processportal.services.valkey import Valkey


class Lease:
    """This process's share in the running services, given back by `close` or at exit."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._process = os.getpid()
        self._use: int | None = None

    def start(self, *, broker: bool) -> None:
        """Make the services answer and hold the shared lock; a second call may add the broker."""
        remember(self.place)
        with self._alone():
            self.place.home.mkdir(mode=0o755, parents=True, exist_ok=True)
            Postgres(self.place, credentials.ensure(self.place.data)).start()
            if broker:
                Valkey(self.place).start()
            if self._use is None:
                self._use = os.open(self.place.data / "services.use", os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._use, fcntl.LOCK_SH)

    def close(self) -> None:
        """Let go; stop the services when nobody else holds them."""
        if self._use is None or os.getpid() != self._process:
            return  # a forked child inherits the object, not the duty
        with _undisturbed(), self._alone():
            try:
                fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                Valkey(self.place).stop()
                Postgres(self.place, credentials.read(self.place.data)).stop()
            os.close(self._use)
            self._use = None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one process starts or stops at a time."""
        descriptor = os.open(self.place.data / "services.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C or SIGTERM must not interrupt the stopping that the first one asked for."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_leases: dict[Path, Lease] = {}


def start(data: Path, *, broker: bool = False) -> Place:
    """Start what is needed for this data folder and keep it running while this process lives."""
    place = locate(data)
    if place.data not in _leases:
        _leases[place.data] = Lease(place)
        atexit.register(_leases[place.data].close)
    _leases[place.data].start(broker=broker)
    return _leases[place.data].place
