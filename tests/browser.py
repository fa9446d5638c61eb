"""The browser of the browser tests: found on the machine, else installed, else the reason why not."""

import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def chromium() -> str | None:
    """Where Chromium is."""
    if given := os.environ.get("CHROMIUM"):
        return given
    if found := next(filter(None, map(shutil.which, NAMES)), None):
        return found
    own = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    return str(own[-1]) if own else None


def find_or_install_chromium() -> str | None:
    """None when there is a browser; otherwise why there is none and what to do."""
    if chromium():
        return None
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return "there is no Chromium, and only root can install one. Run: apt-get install chromium (or set CHROMIUM)"
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            command, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, capture_output=True, text=True
        )
        if done.returncode:
            return f"there is no Chromium and '{' '.join(command)}' failed:\n{done.stdout[-800:]}{done.stderr[-800:]}"
    return None if chromium() else "apt-get installed Chromium, but it is not on the PATH"
