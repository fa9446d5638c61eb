"""A sentence is kept with its pattern, so that each reader gets it in their own language."""

from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import gettext

from core.safe.words import Said, gettext_noop

in_their_way = lazy(date_format, str)  # a day as the language of who reads it writes it


def in_words(text: str) -> str:
    """The sentence in the language that is active; a plain text as it is."""
    return text.in_language(gettext) if isinstance(text, Said) else str(text)


def in_language_of(person: Any, text: str) -> str:
    """The sentence in the person's language, whoever's language is active."""
    with translation.override(person.language):
        return in_words(text)


def to_keep(text: str) -> dict[str, Any]:
    """What a row or a job keeps of a sentence to say it again later; nothing of a plain text."""
    if not isinstance(text, Said):
        return {}
    return {"pattern": text.pattern, "values": {name: str(value) for name, value in text.values.items()}}


def say_again(kept: dict[str, Any], otherwise: str) -> str:
    """The kept sentence, or the plain text that stands beside it."""
    return gettext_noop(kept["pattern"], **kept["values"]) if kept else otherwise
