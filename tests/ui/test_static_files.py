"""One style sheet, its layers in order; and a frame small enough to leave room for a procedure."""

import gzip
import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

from core.static_files import JOINED, joined_css

CSS = Path(settings.BASE_DIR) / "static" / "css"


def test_every_imported_sheet_is_joined_in_its_layer() -> None:
    joined = joined_css(CSS)
    assert "@import" not in joined
    assert joined.startswith("@layer reset, tokens, base, layout, components, pages, utilities;")
    imported = re.findall(r'url\("([\w-]+\.css)"\)', (CSS / "portal.css").read_text())
    linked = "".join(path.read_text() for path in (CSS.parent.parent / "templates").rglob("*.html"))
    by_pages = {path.name for path in CSS.glob("*.css") if f"css/{path.name}" in linked}  # sheets of single pages
    alone = by_pages | {"portal.css", "paper.css"}  # and what core/paper.py reads
    assert set(imported) | alone == {path.name for path in CSS.glob("*.css")}
    assert joined.count("@layer ") == len(imported) + 1
    assert joined.count("{") == joined.count("}")


def test_the_joined_sheet_is_found_like_any_other_file() -> None:
    assert Path(finders.find(JOINED)).read_text() == joined_css(CSS)


def test_the_frame_of_every_page_leaves_room_for_a_procedure() -> None:
    """45 kB is the whole budget of a first visit without the font."""
    static = Path(settings.BASE_DIR) / "static"
    parts = [joined_css(CSS).encode(), (static / "icons.svg").read_bytes(), (static / "js" / "portal.js").read_bytes()]
    assert sum(len(gzip.compress(part, 9)) for part in parts) < 21_500
    assert (static / "fonts" / "inter-latin.woff2").stat().st_size <= 30_000
