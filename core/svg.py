"""Elements of SVG as text, for pure modules that draw: values in, markup out. No Django here.

Attribute names are written as Python allows them: `class_` for class, `stroke_width` for stroke-width, `viewBox` as it
is; None leaves an attribute out. Everything that comes in as text is escaped; content that is markup already is `Svg`.
"""

from collections.abc import Iterable
from html import escape


class Svg(str):
    """Text that is SVG already."""

    __slots__ = ()


def number(value: float) -> str:
    """A coordinate with at most one decimal: 12, 12.5, -0.3."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def element(name: str, *content: str, **attributes: str | float | None) -> Svg:
    """`<name attr="…">content</name>`; plain strings are escaped, `Svg` is not, numbers become coordinates."""
    inside = "".join(part if isinstance(part, Svg) else escape(part, quote=False) for part in content)
    start = name + "".join(_attribute(key, value) for key, value in attributes.items() if value is not None)
    return Svg(f"<{start}>{inside}</{name}>" if inside else f"<{start}/>")


def _attribute(key: str, value: str | float | None) -> str:
    name = key.rstrip("_") if key.endswith("_") else key
    text = number(value) if isinstance(value, int | float) else escape(str(value))
    return f' {name.replace("_", "-")}="{text}"'


def group(*content: str, **attributes: str | float | None) -> Svg:
    """A group of elements."""
    return element("g", *content, **attributes)


def polyline(points: Iterable[tuple[float, float]]) -> str:
    """Path data through points: `M0 0L10 5`."""
    return "".join(f"{'L' if place else 'M'}{number(x)} {number(y)}" for place, (x, y) in enumerate(points))


def joined(parts: Iterable[str]) -> Svg:
    """Several elements one after another."""
    return Svg("".join(parts))
