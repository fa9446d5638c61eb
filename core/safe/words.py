"""Sentences said by modules that know no Django, kept together with the pattern a translator needs."""

from __future__ import annotations

from collections.abc import Callable


class Said(str):
    """An English sentence that still knows its pattern and values, so that a page can say it in another language."""

    pattern: str
    values: dict[str, object]

    def in_language(self, gettext: Callable[[str], str]) -> str:
        """The same sentence through a translator such as Django's `gettext`."""
        translated = gettext(self.pattern)
        return translated % self.values if self.values else translated


def gettext_noop(pattern: str, **values: object) -> Said:
    """Say a sentence; named as `makemessages` expects, so that the pattern lands in the catalogue."""
    said = Said(pattern % values if values else pattern)
    said.pattern = pattern
    said.values = values
    return said
