"""The figures of all web processes together. Each counts for itself otherwise, and `/metrics` tells those of whichever
process was asked: a counter that jumps back and forth."""

import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

WHERE = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client looks there for it, once, when it is loaded
NAME = "process-portal-figures-"


def begin() -> None:
    """Count in files of one folder for each server, known by the process that started this one. Where figures are
    counted already, or somebody chose the folder, nothing is changed."""
    if WHERE in os.environ or "prometheus_client" in sys.modules:
        return
    place = Path(tempfile.gettempdir())
    _remove_left_over(place)
    folder = place / f"{NAME}{os.getppid()}"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.lstat().st_uid == os.geteuid() and folder.is_dir() and not folder.is_symlink():
            os.environ[WHERE] = str(folder)


def _remove_left_over(place: Path) -> None:
    """Folders of servers that have ended."""
    for folder in place.glob(f"{NAME}*"):
        number = folder.name.removeprefix(NAME)
        with contextlib.suppress(OSError):
            if number.isdecimal() and folder.lstat().st_uid == os.geteuid() and not _lives(int(number)):
                shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
