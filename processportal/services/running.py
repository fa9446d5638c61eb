"""Whether `make run` holds a data folder."""

import fcntl
import os
from pathlib import Path

from processportal.services.command_line import data_folder

LOCK = "run.lock"


def hold(data: Path) -> bool:
    """Take the folder for the life of this process; False when another portal has it."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(data / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    return True  # the descriptor stays open, and with it the lock


def portal_runs(data: Path | None = None) -> bool:
    """True when a portal runs with this data folder."""
    path = (data or data_folder()) / LOCK
    if not path.exists():
        return False
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
