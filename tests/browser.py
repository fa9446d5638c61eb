"""The browser of the browser tests: found on the machine, else installed; how it forgets and how people enter."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from playwright.sync_api import BrowserContext, Frame, Page

# The shell is the same engine without windows, and takes a sixth less processor time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    "--process-per-site",  # a new page takes the process of the one that stays open (tests/conftest.py)
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
    said = ""
    install = ["apt-get", "install", "--yes", "--no-install-recommends"]
    for command in (["apt-get", "update"], [*install, "chromium-headless-shell"], [*install, "chromium"]):
        done = subprocess.run(
            command, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, capture_output=True, text=True
        )
        if chromium():
            return None
        if done.returncode:
            said += f"\n{' '.join(command)}:\n{done.stdout[-800:]}{done.stderr[-800:]}"
    return f"there is no Chromium, and installing one failed:{said}"


@contextmanager
def forgetting(context: BrowserContext) -> Iterator[None]:
    """Afterwards the context is as it was: its first page alone, and nothing kept by the places that were visited."""
    [first] = context.pages
    visited: set[str] = set()

    def note(frame: Frame) -> None:
        place = urlsplit(frame.url)
        if place.scheme in ("http", "https"):
            visited.add(f"{place.scheme}://{place.netloc}")

    def listen(page: Page) -> None:
        page.on("framenavigated", note)

    context.on("page", listen)
    yield
    context.remove_listener("page", listen)
    for page in context.pages:
        if page is not first:
            page.close()
    context.unroute_all()
    context.clear_cookies()
    context.clear_permissions()
    line = context.new_cdp_session(first)
    for origin in visited:
        line.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    line.detach()


def enter(context: BrowserContext, live_server: Any, person: Any) -> Client:
    """Let the browser be signed in as this person; the client that is returned shares the session."""
    client = Client()
    client.force_login(person)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": str(live_server)}])
    return client
