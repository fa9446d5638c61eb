"""A browser for the pages, and what axe finds on them.

With PORTAL_SHOTS=folder in the environment the pages are also kept as pictures, to lay beside the reference pages.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.axe import faults

WIDTHS: dict[str, Any] = {"desk": {"width": 1440, "height": 1000}, "phone": {"width": 390, "height": 844}}
COLOURS = "color-contrast"  # three quarters of the time that axe takes


@pytest.fixture
def faults_of() -> Callable[[Page], list[str]]:
    """What axe finds wrong on a page as it is now, each in one line."""
    return faults


@pytest.fixture
def faults_in_every_look() -> Callable[..., list[str]]:
    """What is wrong with a page at desk and on a phone, light and dark: axe's findings, and a page that scrolls
    sideways. In the dark only colours differ, so there only they are looked at. On a phone a page has the colours it
    has at a desk, and what stands around the pages has the same on each: those are looked at where every component is
    shown (``all_colours``)."""

    def look(page: Page, picture: str = "", *, all_colours: bool = False) -> list[str]:
        seen: list[str] = []
        for width, size in WIDTHS.items():
            page.set_viewport_size(size)
            colours = all_colours or width == "desk"
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                if theme == "light":
                    found = faults(page, without=() if colours else (COLOURS,))
                else:
                    found = faults(page, only=(COLOURS,), within=None if all_colours else "main") if colours else []
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    found.append("the page scrolls sideways")
                seen += [f"{width} {theme}: {fault}" for fault in found]
                if picture and (folder := os.environ.get("PORTAL_SHOTS")):
                    page.screenshot(path=Path(folder) / f"{picture}-{width}-{theme}.png", full_page=True)
        page.set_viewport_size(WIDTHS["desk"])
        page.emulate_media(color_scheme="light")
        return seen

    return look
