"""What must be done before the portal starts, done only when something changed since it was last done."""

import datetime
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from processportal.services.children import end_with_parent
from processportal.services.command_line import CHECKOUT
from processportal.services.places import ServiceError

COLLECTED = CHECKOUT / "collected"
DEMO_NOTE = "demo"  # in the data folder: what became of the demo organisation
OUTSIDE = {".venv", "node_modules", "collected", "var", "tests", "bench"}


class Step:
    """One piece of work in a process of its own, with a note of what it was made from."""

    def __init__(self, command: list[str], note: Path, made_from: str) -> None:
        self.command = [sys.executable, *command]
        self.note = note
        self.made_from = made_from
        self._process: subprocess.Popen | None = None

    def begin(self, environment: dict[str, str]) -> None:
        """Start the work unless it was already done from the same files."""
        if self.note.exists() and self.note.read_text() == self.made_from:
            return
        self.note.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            self.command,
            cwd=CHECKOUT,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the parent to answer
            preexec_fn=end_with_parent,
        )

    def finish(self) -> None:
        """Wait until the work is done."""
        if self._process is None:
            return
        try:
            failed = self._process.wait()
        finally:
            self._process.kill()
        if failed:
            raise ServiceError(f"This failed, see above: {' '.join(self.command[1:])}")
        self.note.write_text(self.made_from)


def static_files() -> Step:
    """Collect the static files under names that carry their content's hash."""
    sources = [CHECKOUT / "constraints.txt", CHECKOUT / "processportal" / "settings.py"]
    for folder in (CHECKOUT / "static", *CHECKOUT.glob("*/static")):
        sources += _files(folder)
    command = ["manage.py", "collectstatic", "--noinput", "--clear", "--verbosity", "0"]
    return Step(command, COLLECTED / ".made-from", _fingerprint(sources))


def database(data: Path, *, demo: bool) -> Step:
    """Migrate and, once a day, let the demo organisation have things due today."""
    sources = [path for path in _files(CHECKOUT) if path.suffix in (".py", ".txt")]
    day = datetime.datetime.now(datetime.UTC).date().isoformat() if demo else "no demo"
    # The role is chosen inside; a database elsewhere may have been replaced, so it is looked at each time.
    elsewhere = os.urandom(8).hex() if os.environ.get("DATABASE_URL") else "embedded"
    return Step(["-m", "processportal.prepare"], data / "prepared", f"{_fingerprint(sources)} {day} {elsewhere}")


def _files(folder: Path) -> Iterable[Path]:
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in OUTSIDE and not name.startswith((".", "__"))]
        yield from (Path(where) / name for name in names)


def _fingerprint(sources: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for path in sorted(sources):
        status = path.stat()
        found.update(f"{path.relative_to(CHECKOUT)}|{status.st_size}|{status.st_mtime_ns}\n".encode())
    return found.hexdigest()
