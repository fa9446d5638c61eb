"""Reading the canonical HTML that the sanitiser writes, piece by piece and without a second parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape

# The sanitiser writes every attribute in double quotes and escapes `"`, so this pattern cannot lose its place.
_TOKEN = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^<>\"]|\"[^\"]*\")*)>|[^<]+|<")
_ATTRIBUTE = re.compile(r"([^\s\"=<>/]+)=\"([^\"]*)\"")


def names(listed: str) -> frozenset[str]:
    """Tag names written in one line, as a set."""
    return frozenset(listed.split())


VOID = names("br hr img col wbr")
BLOCKS = names(
    "address article aside blockquote br caption center col colgroup dd details div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section summary table tbody td tfoot th thead "
    "tr ul"
)
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


class Token:
    """An opening tag, a closing tag, or a run of text (`tag` empty, `text` as written)."""

    __slots__ = ("attributes", "closing", "opens", "tag", "text")

    def __init__(
        self, tag: str = "", closing: bool = False, text: str = "", attributes: dict[str, str] | None = None
    ) -> None:
        self.tag, self.closing, self.text = tag, closing, text
        self.opens = tag != "" and not closing
        self.attributes = {} if attributes is None else attributes

    def __str__(self) -> str:
        if not self.tag:
            return self.text
        if self.closing:
            return f"</{self.tag}>"
        if not self.attributes:
            return f"<{self.tag}>"
        written = "".join(f' {name}="{escape_attribute(value)}"' for name, value in self.attributes.items())
        return f"<{self.tag}{written}>"


def tokens_of(html: str) -> Iterator[Token]:
    """The tags and texts of sanitised HTML in order."""
    for match in _TOKEN.finditer(html):
        tag = match[2]
        if not tag:
            yield Token("", False, match[0])
        elif match[1]:
            yield Token(tag.lower(), True)
        elif match[3]:
            yield Token(tag.lower(), False, "", {name: unescape(value) for name, value in _ATTRIBUTE.findall(match[3])})
        else:
            yield Token(tag.lower())


def escape_attribute(value: str) -> str:
    """Write an attribute's value as the sanitiser does, so that a second cleaning changes nothing."""
    return escape(value, quote=False).replace('"', "&quot;").replace("\N{NO-BREAK SPACE}", "&nbsp;")
