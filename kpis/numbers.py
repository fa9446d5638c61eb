"""Numbers as people and files write them, read into ``Decimal`` without a guess. No Django here."""

import re
from decimal import Decimal

MAX_MAGNITUDE = Decimal(10) ** 18
MAX_DECIMALS = 15
POINT, COMMA = ".", ","

_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009'\u2019_]")
_PLAIN = re.compile(r"[+-]?\d+")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,4}")
_SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-", "\ufe63": "-", "\uff0d": "-"})


class UnreadableNumber(ValueError):
    """The text is no number that can be stored.

    ``reason``: "text", "two_ways" (1,234 or 1.234 without a known decimal mark), "mark" (the other decimal mark),
    "large" (10^18 or more) or "decimals" (more than fifteen).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse_number(text: str, decimal_mark: str | None = None) -> Decimal:
    """The number that ``text`` shows; raises ``UnreadableNumber``.

    Blanks and apostrophes group thousands; a trailing per cent sign is dropped. Without ``decimal_mark`` (".", ",")
    the last of two different marks is the decimal one, and a single mark before exactly three digits is refused,
    because it can be read in two ways.
    """
    bare = _BLANKS.sub("", text.translate(_SIGNS)).removesuffix("%")
    if not bare.isascii():
        raise UnreadableNumber("text")
    if _PLAIN.fullmatch(bare):
        return _checked(Decimal(bare))
    if _SCIENTIFIC.fullmatch(bare):
        return _checked(Decimal(bare))
    mark = decimal_mark or _mark_of(bare)
    return _checked(Decimal(_with_point(bare, mark)))


def _mark_of(text: str) -> str:
    points, commas = text.count(POINT), text.count(COMMA)
    if points and commas:
        return max(POINT, COMMA, key=text.rfind)
    used, count = (POINT, points) if points else (COMMA, commas)
    if count > 1:  # 1.234.567 has no decimal mark, so the other one would be it
        return COMMA if used == POINT else POINT
    if count and re.fullmatch(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", text):
        raise UnreadableNumber("two_ways")
    return used


def _with_point(text: str, mark: str) -> str:
    group = COMMA if mark == POINT else POINT
    whole, _mark, rest = text.partition(mark)
    grouped = re.fullmatch(rf"[+-]?(?:\d*|\d{{1,3}}(?:{re.escape(group)}\d{{3}})+)", whole)
    if not grouped or (rest and not rest.isdigit()) or not re.search(r"\d", whole + rest):
        other = re.fullmatch(rf"[+-]?\d+{re.escape(group)}\d+", text)
        raise UnreadableNumber("mark" if other else "text")
    return f"{whole.replace(group, '')}.{rest or '0'}"


def _checked(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise UnreadableNumber("text")
    if abs(number) >= MAX_MAGNITUDE:
        raise UnreadableNumber("large")
    if -number.as_tuple().exponent > MAX_DECIMALS:
        raise UnreadableNumber("decimals")
    return number


def decimal_mark_of(texts: list[str]) -> str | None:
    """The decimal mark that a column uses, when its cells leave no doubt; None when none shows it, or both do."""
    found = set()
    for text in texts:
        bare = _BLANKS.sub("", text.translate(_SIGNS)).removesuffix("%")
        points, commas = bare.count(POINT), bare.count(COMMA)
        if points and commas:
            found.add(max(POINT, COMMA, key=bare.rfind))
        elif points > 1 or commas > 1:
            found.add(COMMA if points else POINT)
        elif points + commas == 1 and not re.fullmatch(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", bare):
            found.add(POINT if points else COMMA)
    return found.pop() if len(found) == 1 else None
