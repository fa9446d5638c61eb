"""Pieces of SVG: numbers, escaping, paths, and own colours that hold against the page's classes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from processes.bpmn.symbols import Sign


def n(value: float) -> str:
    """A number as short as it can be said: one decimal at most."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def attribute(value: str) -> str:
    """Text for an attribute or an element."""
    return escape(value, quote=True)


def rectangle(x: float, y: float, width: float, height: float, css: str, radius: float = 0, style: str = "") -> str:
    rounded = f' rx="{n(radius)}"' if radius else ""
    return (
        f'<rect class="{css}" x="{n(x)}" y="{n(y)}" width="{n(max(0.0, width))}" height="{n(max(0.0, height))}"'
        f"{rounded}{style}/>"
    )


def path(data: str, css: str, style: str = "") -> str:
    return f'<path class="{css}" d="{data}"{style}/>'


def circle(x: float, y: float, radius: float, css: str, style: str = "") -> str:
    return f'<circle class="{css}" cx="{n(x)}" cy="{n(y)}" r="{n(radius)}"{style}/>'


def polyline(points: Iterable[tuple[float, float]]) -> str:
    """Path data through points."""
    return "M" + "L".join(f"{n(x)} {n(y)}" for x, y in points)


class Colours:
    """A shape's own colours. Classes ``of``, ``os`` and ``oi`` keep the page's rules away from them."""

    def __init__(self, fill: str = "", stroke: str = "", text: str = "") -> None:
        self.fill, self.stroke = fill, stroke
        # On an own fill the theme's ink may vanish: black or white, whichever can be read.
        ink = "" if not fill else ("#000" if luminance(fill) > 0.18 else "#fff")
        self.ink = ink
        self.text = text if text and not fill else ink
        self.classes = "".join((" of" if fill else "", " os" if stroke else ""))
        self.style = "".join((f' fill="{fill}"' if fill else "", f' stroke="{stroke}"' if stroke else ""))

    @property
    def line_style(self) -> str:
        """For what is stroked only."""
        return f' stroke="{self.stroke}"' if self.stroke else ""

    @property
    def line_classes(self) -> str:
        return " os" if self.stroke else ""

    def sign(self, sign: Sign, x: float, y: float, scale: float = 1.0) -> str:
        """A sign at a place, readable on the shape's own fill."""
        if not sign:
            return ""
        ink = self.ink or self.stroke
        drawn = []
        for css, data in sign:
            style = ""
            if ink:
                solid = css == "solid"
                fill = ink if solid else (self.fill or "")
                line = ("#fff" if ink == "#000" else "#000") if css == "fold" and self.ink else ink
                if css == "fold" and not self.ink:
                    drawn.append(path(data, css))
                    continue
                style = (f' fill="{fill}"' if fill and css in {"solid", "hollow"} else "") + f' stroke="{line}"'
                owned = (" of" if fill and css in {"solid", "hollow"} else "") + " os"
                drawn.append(path(data, f"{css}{owned}", style))
                continue
            drawn.append(path(data, css, style))
        scaled = f" scale({n(scale) if scale >= 1 else f'{scale:.2f}'})" if abs(scale - 1) > 0.01 else ""
        return f'<g class="sign" transform="translate({n(x)} {n(y)}){scaled}">{"".join(drawn)}</g>'


def luminance(colour: str) -> float:
    """Relative luminance of #rgb, #rrggbb or rgb(), 0 to 1 (WCAG 2.2)."""
    if colour.startswith("#"):
        digits = colour[1:]
        if len(digits) == 3:
            digits = "".join(2 * digit for digit in digits)
        values = [int(digits[at : at + 2], 16) for at in (0, 2, 4)]
    else:
        values = [min(255, int(number)) for number in re.findall(r"\d+", colour)[:3]]
    linear = [v / 255 / 12.92 if v / 255 <= 0.04045 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in values]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def text_lines(
    lines: Iterable[str], x: float, first_base: float, size: int, css: str, colour: str = "", turn: float = 0.0
) -> str:
    """Lines of text; each ends with a blank, so that copying and the browser's search find words apart."""
    lines = list(lines)
    if not lines:
        return ""
    style = f' fill="{colour}"' if colour else ""
    css = f"{css}{' oi' if colour else ''}{f' s{size}' if size != 12 else ''}"
    if turn:
        style += f' transform="rotate({n(turn)} {n(x)} {n(first_base)})"'
    if len(lines) == 1:
        return f'<text class="{css}" x="{n(x)}" y="{n(first_base)}"{style}>{attribute(lines[0])} </text>'
    rows = "".join(
        f'<tspan x="{n(x)}"{"" if index == 0 else f" dy={chr(34)}{n(size * 1.2)}{chr(34)}"}>{attribute(line)} </tspan>'
        for index, line in enumerate(lines)
    )
    return f'<text class="{css}" x="{n(x)}" y="{n(first_base)}"{style}>{rows}</text>'
