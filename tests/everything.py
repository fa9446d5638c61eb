"""`make test`: every check, then every test. All of it runs even where something fails; the tests speak last."""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.browser import find_or_install_chromium

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "only-for-this-check-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "DATABASE_URL": "postgres://owner:password@database/portal",
    "APP_DATABASE_URL": "postgres://app:password@database/portal",
    "REDIS_URL": "redis://broker:6379/0",
    "PORTAL_BASE_URL": "https://portal.example.org",
    "PORTAL_TRUSTED_PROXIES": "1",
}


@dataclass
class Check:
    """One command that must succeed."""

    name: str
    command: list[str]
    environment: dict[str, str] | None = None
    folder: Path = ROOT

    def run(self) -> tuple[bool, float, str]:
        """Run it and return whether it succeeded, how long it took and what it said."""
        began = time.monotonic()
        done = subprocess.run(
            self.command,
            cwd=self.folder,
            env=os.environ | (self.environment or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        return done.returncode == 0, time.monotonic() - began, (done.stdout + done.stderr).strip()


def main(arguments: list[str]) -> int:
    """Run the checks three at a time, then pytest with the arguments on all processors; 0 only when all succeeded.

    Where the browser is missing it is installed meanwhile: that is mostly waiting for the network.
    """
    failed = []
    checks = all_checks()
    with ThreadPoolExecutor(1) as beside, ThreadPoolExecutor(3) as pool:
        browser = beside.submit(find_or_install_chromium)
        for check, (succeeded, seconds, said) in zip(checks, pool.map(Check.run, checks), strict=True):
            print(f"{'ok    ' if succeeded else 'FAILED'} {check.name} ({seconds:.0f} s)", flush=True)
            if not succeeded:
                print(said, flush=True)
                failed.append(check.name)
    if (reason := browser.result()) is not None:
        print(f"FAILED browser: {reason}", flush=True)
        failed.append("browser")
    if failed:
        print(f"\nFailed before the tests: {', '.join(failed)}\n", flush=True)
    tests = subprocess.run([str(BIN / "pytest"), *side_by_side(), *arguments], cwd=ROOT)
    return tests.returncode or int(bool(failed))


def side_by_side() -> list[str]:
    """One process more than there are processors, because tests wait for browsers and workers too (two on two took a
    third longer); up to as many as have a queue of their own on the broker (tests/conftest.py)."""
    processes = min((os.cpu_count() or 1) + 1, 4)
    return ["--durations=15", *(["-n", str(processes), "--dist", "worksteal"] if processes > 1 else [])]


def all_checks() -> list[Check]:
    """Format, lint, types, layers, migrations, production settings, and the built scripts where Node exists.

    That no migration is missing is asked by a test (tests/processportal/test_services.py), and not a second time here.
    """
    python = str(BIN / "python")
    # First what is not Python: two that begin to import the portal at once would both compile all of it.
    return [
        Check("types", [str(BIN / "mypy")]),
        *built_scripts(),
        Check("format", [str(BIN / "ruff"), "format", "--check", "."]),
        Check("lint", [str(BIN / "ruff"), "check", "."]),
        Check("templates", [str(BIN / "djlint"), "templates", "--lint", "--quiet"]),
        Check("migrations", [python, "-m", "tests.database"]),
        # Each process of the tests would compile them for itself.
        Check("tests are found", [str(BIN / "pytest"), "--collect-only", "--quiet"]),
        Check("layers", [str(BIN / "lint-imports")]),
        Check("production settings", [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
    ]


def built_scripts() -> list[Check]:
    """Build the scripts again and compare them with the committed ones."""
    assets = ROOT / "assets"
    if not (assets / "package.json").exists():
        return []
    if shutil.which("npm") is None:
        print("passed over: built scripts (there is no Node to build static/dist again)", flush=True)
        return []
    before = 'before="$(mktemp -d)" && cp -R ../static/dist/. "$before"'
    build = f'{before} && npm ci --no-audit --no-fund && npm run build && diff -rq "$before" ../static/dist'
    return [Check("built scripts", ["sh", "-c", build], folder=assets)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
