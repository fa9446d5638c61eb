"""HTML becomes PDF without asking for anything from outside, in our font and in colours made from the tokens."""

import re
import struct
import time
import zlib
from io import BytesIO

import pypdf
import pytest
from django.utils.safestring import SafeString

from core.paper import CSS, css_string, hex_of_oklch, light_tokens, paper_css
from core.safe.pdf import Margins, Paper, Picture, render_pdf


def png() -> bytes:
    """A red dot."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0\xff\0\0")), (b"IEND", b""))
    parts = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def read(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(BytesIO(pdf))


def test_text_pages_and_running_head_are_in_the_file() -> None:
    html = "<h1>Receive chilled goods</h1>" + "<p>Check the seal. Größe ≥ 3 °C – “ok”.</p>" * 120
    margins = Margins('SOP-INB-001 "quoted" \\ 4.0', "Effective 1 Oct 2026", "Uncontrolled when printed")
    pdf = read(render_pdf(Paper("SOP-INB-001", SafeString(html), margins)))
    words = pdf.pages[1].extract_text()
    assert 3 <= len(pdf.pages) <= 6
    assert "Größe ≥ 3 °C – “ok”." in words
    assert 'SOP-INB-001 "quoted" \\ 4.0' in words
    assert "Uncontrolled when printed" in words
    assert f"2 / {len(pdf.pages)}" in words
    assert pdf.metadata.title == "SOP-INB-001"


def test_the_font_is_ours_on_a_machine_without_fonts() -> None:
    pdf = read(render_pdf(Paper("t", SafeString("<p>Words</p>"))))
    fonts = {str(font.get_object()["/BaseFont"]) for font in pdf.pages[0]["/Resources"]["/Font"].values()}
    assert all("Inter" in font for font in fonts), fonts


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.png", "file:///etc/hostname", "/attachments/other/"])
def test_nothing_that_was_not_given_is_fetched(address: str) -> None:
    asked: list[str] = []

    def find(url: str) -> Picture | None:
        asked.append(url)
        return None

    html = SafeString(f'<img src="{address}"><link rel="stylesheet" href="{address}"><p>still there</p>')
    words = read(render_pdf(Paper("t", html), find)).pages[0].extract_text()
    assert "still there" in words
    assert asked


def test_a_given_picture_is_drawn() -> None:
    html = SafeString('<img src="/attachments/abc/" width="40" height="40">')
    pdf = read(render_pdf(Paper("t", html), {"/attachments/abc/": Picture(png(), "image/png")}))
    assert len(pdf.pages[0].images) == 1


def test_svg_is_drawn_in_the_colours_of_the_tokens() -> None:
    svg = '<svg width="200" height="40" viewBox="0 0 200 40"><rect class="bar" width="200" height="40"/></svg>'
    paper = Paper("t", SafeString(svg), extra_css=".bar{fill:var(--c-1)}")
    stream = read(render_pdf(paper)).pages[0].get_contents().get_data().decode("latin-1")
    fills = re.findall(r"^([\d.]+) ([\d.]+) ([\d.]+) rg", stream, re.MULTILINE)
    colours = ["#" + "".join(f"{round(255 * float(part)):02x}" for part in fill) for fill in fills]
    assert light_tokens((CSS / "tokens.css").read_text())["--c-1"] in colours


def test_twenty_pages_take_less_processor_time_than_two_seconds() -> None:
    row = "<tr><td>1</td><td>Check the seal of the trailer before the doors are opened</td><td>Dock team</td></tr>"
    html = SafeString(f"<table><thead><tr><th>No.</th><th>Step</th><th>Who</th></tr></thead>{row * 900}</table>")
    began = time.process_time()
    pages = len(read(render_pdf(Paper("t", html))).pages)
    assert pages >= 18
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("colour", "expected"),
    [((1, 0, 0), "#ffffff"), ((0, 0, 0), "#000000"), ((0.62796, 0.25768, 29.234), "#ff0000")],
)
def test_oklch_becomes_the_published_srgb_value(colour: tuple[float, float, float], expected: str) -> None:
    assert hex_of_oklch(*colour) == expected


def test_no_token_of_paper_holds_what_the_renderer_drops() -> None:
    sheet = paper_css().split("base64,")[1].split(")}", 1)[1]
    for dropped in ("oklch", "light-dark", "color-mix", "@layer", "display: grid", "&"):
        assert dropped not in sheet, dropped


def test_text_cannot_leave_its_string_in_the_style_sheet() -> None:
    assert css_string('a"}@page{}</style>\\') == r'"a\22 \7d \40 page\7b \7d \3c /style\3e \5c "'
