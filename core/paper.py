"""The style sheet of paper: what the PDF renderer can read, with colours made from the tokens of the pages.

The renderer drops cascade layers, ``oklch()``, ``light-dark()``, ``color-mix()``, grid and nesting without a word. So
paper has a sheet of its own (``static/css/paper.css``: flex and tables), and the tokens are turned into hex values.
"""

import base64
import math
import re
from functools import cache
from pathlib import Path

from django.conf import settings

CSS = Path(settings.BASE_DIR) / "static" / "css"
FONT = Path(settings.BASE_DIR) / "static" / "fonts" / "inter-latin.woff2"
_TOKEN = re.compile(r"(--[\w-]+):\s*([^;]+);")
_LIGHT = re.compile(r"light-dark\(\s*((?:[^(),]|\([^()]*\))+)\s*,")
_OKLCH = re.compile(r"oklch\(\s*([\d.]+)\s+([\d.]+)\s+([\d.]+)\s*(?:/\s*([\d.]+)%\s*)?\)")


def hex_of_oklch(lightness: float, chroma: float, hue: float, alpha: float = 1.0) -> str:
    """The sRGB colour of an OKLCH one as ``#rrggbb`` on white paper; lightness and alpha 0–1, hue in degrees.

    Matrices: Björn Ottosson, "A perceptual color space for image processing" (2020). Colours outside sRGB are clipped.
    """
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    signs = (_gamma(min(1.0, max(0.0, value))) for value in linear)
    return "#" + "".join(f"{round(255 * (alpha * value + 1 - alpha)):02x}" for value in signs)


def _gamma(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def light_tokens(tokens_css: str) -> dict[str, str]:
    """The custom properties of a style sheet as they are in the light theme, colours as hex values."""
    tokens: dict[str, str] = {}
    for name, value in _TOKEN.findall(tokens_css):
        light = _LIGHT.search(value)
        plain = light[1] if light else value
        tokens.setdefault(name, _OKLCH.sub(_as_hex, plain).strip())
    return tokens


def _as_hex(found: re.Match[str]) -> str:
    lightness, chroma, hue, alpha = found.groups()
    return hex_of_oklch(float(lightness), float(chroma), float(hue), float(alpha) / 100 if alpha else 1.0)


@cache
def paper_css() -> str:
    """Font, tokens and rules for everything that is drawn on paper."""
    # With ``format()`` the renderer drops the font without a word.
    font = base64.b64encode(FONT.read_bytes()).decode()
    face = f"@font-face{{font-family:Inter;font-weight:100 900;src:url(data:font/woff2;base64,{font})}}"
    tokens = light_tokens((CSS / "tokens.css").read_text(encoding="utf-8"))
    properties = "".join(f"{name}:{value};" for name, value in tokens.items())
    return f"{face}\n:root{{{properties}}}\n{(CSS / 'paper.css').read_text(encoding='utf-8')}"


def css_string(text: str) -> str:
    """Text as a string of a style sheet, for the words in the margins of a page."""
    return '"' + re.sub(r"[^\w .,:;/+()–-]", lambda sign: f"\\{ord(sign[0]):x} ", text) + '"'
