"""Figures as people read them: rounded as the definition says, with a true minus and the unit."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.formats import number_format

NO_BREAK = "\u00a0"
MINUS = "\u2212"
MONEY = ("£", "€", "$", "¥")


def number_words(number: Decimal | None, decimals: int) -> str:
    """A number with so many decimals, grouped by thousands; a dash for none."""
    if number is None:
        return "–"
    rounded = Decimal(number).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP) + 0  # no minus before 0
    return number_format(rounded, decimals, use_l10n=True, force_grouping=True).replace("-", MINUS)


def figure_words(number: Decimal | None, definition: Any) -> str:
    """A figure of a KPI (or of one of its definitions) with its unit: “93.4 %”, “€1,200”."""
    return with_unit(number_words(number, definition.decimals), definition.unit)


def with_unit(words: str, unit: str) -> str:
    """A number's words with its unit: behind a no-break space, signs of money in front."""
    if not unit or words == "–":
        return words
    if unit in MONEY:
        sign, bare = (words[0], words[1:]) if words[0] in (MINUS, "+") else ("", words)
        return f"{sign}{unit}{bare}"
    return f"{words}{NO_BREAK}{unit}"


def plain_words(number: Decimal | None) -> str:
    """All digits of a number as it was entered."""
    if number is None:
        return "–"
    exponent = Decimal(number).normalize().as_tuple().exponent
    return number_words(number, max(0, -exponent) if isinstance(exponent, int) else 0)
