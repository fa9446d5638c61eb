"""HTML to PDF, without network and without files: the one door to the renderer (plutoprint).

Always called by a worker or a command, never while a page waits. The HTML is the portal's own, made by a template from
cleaned content; the pictures it shows are given by the caller. Nothing else is ever fetched: an address that was not
given leaves a gap. The file holds no structure tags: the accessible form of a text is its page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO

import plutoprint
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core.paper import css_string, paper_css

# An address that leads nowhere: relative addresses need one to be resolved against.
BASE_URL = "portal://paper"
MAX_PICTURES_BYTES = 100 * 1024 * 1024


@dataclass(frozen=True)
class Picture:
    """What a page of paper shows from outside its HTML."""

    data: bytes
    media_type: str


@dataclass(frozen=True)
class Margins:
    """Words in the margins of every page; "page x of y" is added at the lower right."""

    top_left: str = ""
    top_right: str = ""
    bottom_left: str = ""


@dataclass(frozen=True)
class Paper:
    """One document to print: title for the reader's window, cleaned HTML for the pages."""

    title: str
    html: SafeString
    margins: Margins = field(default_factory=Margins)
    is_landscape: bool = False
    extra_css: str = ""


class _Fetcher(plutoprint.ResourceFetcher):
    """Answers with what the caller gave; asks neither network nor disk."""

    def __init__(self, pictures: Mapping[str, Picture] | Callable[[str], Picture | None]) -> None:
        super().__init__()
        self._find = pictures if callable(pictures) else pictures.get
        self._left = MAX_PICTURES_BYTES

    def fetch_url(self, url: str) -> plutoprint.ResourceData:
        """The given picture; for everything else nothing, which leaves a gap."""
        picture = self._find(url.removeprefix(BASE_URL))
        if picture is None or len(picture.data) > self._left:
            return plutoprint.ResourceData(b"", "text/plain")
        self._left -= len(picture.data)
        return plutoprint.ResourceData(picture.data, picture.media_type)


def render_pdf(paper: Paper, pictures: Mapping[str, Picture] | Callable[[str], Picture | None] | None = None) -> bytes:
    """The document as PDF bytes. ``pictures`` by address as the HTML names it (``/attachments/…/``)."""
    page = render_to_string(
        "paper/base.html",
        {
            "paper": paper,
            "language": get_language() or "en",
            "css": SafeString(paper_css() + _margins_css(paper) + paper.extra_css),
        },
    )
    size = plutoprint.PAGE_SIZE_A4.landscape() if paper.is_landscape else plutoprint.PAGE_SIZE_A4
    book = plutoprint.Book(size, plutoprint.PAGE_MARGINS_NORMAL, plutoprint.MEDIA_TYPE_PRINT)
    book.custom_resource_fetcher = _Fetcher(pictures or {})
    book.load_html(page, base_url=f"{BASE_URL}/")
    book.set_metadata(plutoprint.PDF_METADATA_TITLE, paper.title)
    stream = BytesIO()
    book.write_to_pdf_stream(stream)
    return stream.getvalue()


def render_png(html: SafeString, *, width: int, height: int, extra_css: str = "") -> bytes:
    """A picture of drawn HTML, ``width`` by ``height`` px, for files that hold no SVG; it fetches nothing."""
    paper = Paper(title="", html=html)
    css = SafeString(paper_css() + f"@page{{size:{width}px {height}px;margin:0}}" + extra_css)
    page = render_to_string("paper/base.html", {"paper": paper, "language": get_language() or "en", "css": css})
    size = plutoprint.PageSize(width * plutoprint.UNITS_PX, height * plutoprint.UNITS_PX)
    book = plutoprint.Book(size, plutoprint.PAGE_MARGINS_NONE, plutoprint.MEDIA_TYPE_PRINT)
    book.custom_resource_fetcher = _Fetcher({})
    book.load_html(page, base_url=f"{BASE_URL}/")
    stream = BytesIO()
    book.write_to_png_stream(stream, width, height)
    return stream.getvalue()


def _margins_css(paper: Paper) -> str:
    margins = paper.margins
    boxes = {
        "top-left": css_string(margins.top_left),
        "top-right": css_string(margins.top_right),
        "bottom-left": css_string(margins.bottom_left),
        "bottom-right": 'counter(page) " / " counter(pages)',
    }
    style = "font-family:Inter;font-size:8pt;color:#555555"
    rules = "".join(f"@{place}{{content:{words};{style}}}" for place, words in boxes.items() if words != '""')
    orientation = "size:A4 landscape;" if paper.is_landscape else ""
    return f"\n@page{{{orientation}{rules}}}\n"
