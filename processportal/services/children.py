"""Run several programs in one terminal: their lines tidy, one Ctrl-C for all, none left behind."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

STOP_PATIENCE = 15
LONGEST_LOG = 20 * 1024 * 1024
TOO_QUICK = 5  # seconds; a program that ends sooner will not do better the next time
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One program, started again when it ends by itself."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen | None = None
    started: float = 0.0
    quick_ends: int = field(default=0)

    def start(self, environment: dict[str, str]) -> None:
        """Start the program in a session of its own and read its lines."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=environment,
            start_new_session=True,  # Ctrl-C reaches only us; we stop the children in our order
            preexec_fn=end_with_parent,
        )
        threading.Thread(target=self._pass_lines_on, args=(self.process,), daemon=True).start()

    def signal(self, number: signal.Signals) -> None:
        """Signal the program and everything it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def _pass_lines_on(self, process: subprocess.Popen) -> None:
        for line in process.stdout or ():
            self._keep(line)
            if said := readable(line.rstrip()):
                say(f"{self.name:<6} | {said}")

    def _keep(self, line: str) -> None:
        """Where the disk is full the line is lost: a program whose lines nobody reads would stand still before long."""
        with contextlib.suppress(OSError), self.log.open("a") as log:
            log.write(line)


class Children:
    """The programs of one portal."""

    def __init__(self, environment: dict[str, str], logs: Path) -> None:
        self.environment = environment
        self.logs = logs
        self.all: list[Child] = []
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)

    def start(self, name: str, command: list[str]) -> None:
        """Start one more program."""
        log = self.logs / f"{name}.log"
        if log.exists() and log.stat().st_size > LONGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        self.all.append(Child(name, command, log))
        self.all[-1].start(self.environment)

    def watch_once(self) -> bool:
        """Start again what ended; False when something ends as soon as it starts."""
        for child in self.all:
            if child.process is None or child.process.poll() is None:
                continue
            child.quick_ends = child.quick_ends + 1 if time.monotonic() - child.started < TOO_QUICK else 0
            if child.quick_ends >= 3:
                say(f"{child.name} ends as soon as it starts; see {child.log}")
                return False
            say(f"{child.name} ended ({child.process.returncode}); starting it again")
            child.start(self.environment)
        return True

    def stop(self) -> None:
        """Ask every program to end, then make it."""
        for child in self.all:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_PATIENCE
        for child in self.all:
            if child.process is not None:
                try:
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    say(f"{child.name} does not stop; ending it")
                child.signal(signal.SIGKILL)  # also what it may have left behind
                child.process.wait()


def say(text: str) -> None:
    """One line to the terminal, at once; lost where that is a file on a full disk."""
    with contextlib.suppress(OSError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def readable(line: str) -> str:
    """A JSON log line as a person reads it; other lines as they are. The log file keeps the original."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    if not isinstance(entry, dict) or "message" not in entry:
        return line
    if entry.get("level") in ("debug", "info") and not entry.get("logger", "").startswith(("django", "core", "portal")):
        return ""  # what Celery and others chat about is in the log file
    request = f" [{entry['request_id']}]" if "request_id" in entry else ""
    traceback = f"\n{entry['traceback']}" if "traceback" in entry else ""
    return f"{entry['time'][11:19]} {entry['level']:<7} {entry['message']}{request}{traceback}"


def end_with_parent() -> None:
    """On Linux the kernel ends the child when we are killed and cannot do it ourselves."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
