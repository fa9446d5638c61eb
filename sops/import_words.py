"""Sentences of an import as they are stored: pattern and values, so that each reader has them in their language."""

from typing import Any

from django.utils.translation import gettext

from core.safe.words import Said


def packed(said: Any) -> list[Any]:
    """A sentence as JSON can hold it."""
    if isinstance(said, Said):
        return [said.pattern, {name: packed(v) if isinstance(v, Said) else v for name, v in said.values.items()}]
    return [str(said), {}] if said else []


def spoken(stored: list[Any]) -> str:
    """The stored sentence in the language of now."""
    if not stored:
        return ""
    pattern, values = stored
    words = {name: spoken(v) if isinstance(v, list) else v for name, v in values.items()}
    return gettext(pattern) % words if words else gettext(pattern)
