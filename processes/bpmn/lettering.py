"""Measuring and wrapping text without a browser.

Widths are the advance widths of Inter 4 (regular), the font that pages and paper bring along, in thousandths of the
font size. It is wider than Arial and Helvetica, so that a picture opened elsewhere without it fits as well.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

MAX_LETTERS = 200  # of any label, cut before it is measured: wrapping must not depend on what was uploaded
LINE_HEIGHT = 1.2
SIZES = (12, 11, 10)

_WIDTHS: dict[str, int] = {}
for _letters, _width in (
    ("ijlı", 242),
    ("‚‘’", 261),
    ("I", 269),
    (" \N{NO-BREAK SPACE}", 281),
    ("!,.:¡·", 288),
    ("'", 300),
    (";", 302),
    ("`´", 323),
    ("t", 327),
    ("|", 333),
    ("/\\", 360),
    ("()[]", 365),
    ("f", 370),
    ("r", 376),
    ("‹›", 384),
    ("1", 407),
    ("{}", 426),
    ("„“”", 440),
    ("_°", 456),
    ("-", 460),
    ('"', 466),
    ("^", 471),
    ("–", 500),
    ("*", 501),
    ("?¿", 511),
    ("s", 528),
    ("x", 546),
    ("k", 549),
    ("z", 552),
    ("avy•", 562),
    ("L7", 566),
    ("Jc§", 571),
    ("e«»ð", 583),
    ("F", 590),
    ("hnu5", 592),
    ("oøE2", 606),
    ("bdpqg£™", 613),
    ("ß386", 619),
    ("9Z0#", 631),
    ("P$S&R4T", 645),
    ("B", 654),
    ("+<=>~±×−", 662),
    ("€K", 671),
    ("YX", 682),
    ("AV", 690),
    ("DC", 730),
    ("HUGN", 750),
    ("OQØ", 765),
    ("w", 818),
    ("…", 864),
    ("m", 876),
    ("M", 903),
    ("æ", 917),
    ("@%W", 985),
    ("Æœ—Œ", 1003),
):
    for _letter in _letters:
        _WIDTHS[_letter] = _width


@lru_cache(maxsize=4096)
def _letter_width(letter: str) -> int:
    if (known := _WIDTHS.get(letter)) is not None:
        return known
    if unicodedata.combining(letter) or unicodedata.category(letter) in {"Mn", "Me", "Cf", "Cc"}:
        return 0
    base = unicodedata.normalize("NFD", letter)[0]
    if base != letter and base in _WIDTHS:
        return _WIDTHS[base]
    return 1000 if unicodedata.east_asian_width(letter) in "WF" else 640


def width_of(text: str, size: float) -> float:
    """How wide a line of text is, in pixels, at a font size in pixels."""
    return sum(map(_letter_width, text)) * size / 1000


class Lettering(NamedTuple):
    """Text as it fits: its lines, the font size in pixels, and whether something was cut."""

    lines: tuple[str, ...]
    size: int
    is_cut: bool

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * LINE_HEIGHT

    @property
    def width(self) -> float:
        return max((width_of(line, self.size) for line in self.lines), default=0.0)


def shorten(text: str) -> str:
    """A label of at most `MAX_LETTERS` letters, without letters that XML cannot hold."""
    text = text[: MAX_LETTERS * 4]
    text = "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in {"Cc", "Cs"})
    return text if len(text) <= MAX_LETTERS else text[: MAX_LETTERS - 1].rstrip() + "…"


def wrap(text: str, width: float, size: float) -> list[str]:
    """Lines no wider than ``width``: broken at spaces, inside a word only where the word alone is too wide."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for word in paragraph.split():
            long = width_of(word, size)
            gap = width_of(" ", size) if line else 0.0
            if used + gap + long <= width:
                line, used = (f"{line} {word}" if line else word), used + gap + long
                continue
            if line:
                lines.append(line)
            pieces = [word] if long <= width else _pieces(word, width, size)
            lines += pieces[:-1]
            line, used = pieces[-1], width_of(pieces[-1], size)
        if line:
            lines.append(line)
    return lines


def _pieces(word: str, width: float, size: float) -> list[str]:
    """A word that is too wide, broken after - / _ . where there is one, else between letters."""
    pieces: list[str] = []
    piece, used, good = "", 0.0, 0
    for letter in word:
        step = _letter_width(letter) * size / 1000
        if piece and used + step > width:
            cut = good or len(piece)
            pieces.append(piece[:cut])
            piece, good = piece[cut:], 0
            used = width_of(piece, size)
        piece += letter
        used += step
        if letter in "-/_." and len(piece) > 2:
            good = len(piece)
    pieces.append(piece)
    return pieces


def fit(text: str, width: float, height: float, sizes: tuple[int, ...] = SIZES) -> Lettering:
    """Text in a box: smaller letters first, then fewer lines and an ellipsis. At least one line."""
    text = shorten(text)
    for size in sizes:
        lines = wrap(text, width, size)
        if len(lines) * size * LINE_HEIGHT <= height:
            return Lettering(tuple(lines), size, False)
    room = max(1, int(height / (size * LINE_HEIGHT)))
    kept = lines[:room]
    last = kept[-1]
    while last and width_of(f"{last}…", size) > width:
        last = last[:-1]
    return Lettering((*kept[:-1], f"{last.rstrip()}…"), size, True)
