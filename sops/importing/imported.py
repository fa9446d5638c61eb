"""What every reader of a procedure's file hands over, whatever the format was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from core.safe.words import Said
from sops.importing.facts import Facts


class CannotImport(ValueError):
    """The file is not read; the message says why in words a person can act on."""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture found in the file; the body shows it as `attachment:<n>`, n being its place in the list."""

    name: str
    bytes: bytes
    alt: str = ""


_PENDING = re.compile(r"<img src=\"attachment:(\d+)\"((?: [a-z]+=\"[^\"]*\")*)>")


@dataclass(frozen=True, slots=True)
class Imported:
    """A procedure as read: clean HTML whose pictures still wait for an address, facts, and what to look at."""

    title: str
    body_html: str
    images: list[Image] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    warnings: list[Said] = field(default_factory=list)

    def body_with(self, addresses: Mapping[int, str]) -> str:
        """The body with each stored picture's address; a picture without one stays as a named placeholder."""

        def addressed(match: re.Match[str]) -> str:
            number = int(match[1])
            if number in addresses:
                return f'<img src="{escape(addresses[number])}"{match[2]}>'
            name = self.images[number].name if number < len(self.images) else match[1]
            return f"[Image: {escape(name, quote=False)}]"

        return _PENDING.sub(addressed, self.body_html)
