"""Codes such as SOP-FIN-014: given out by locked counters, never used twice."""

import re

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _t

from core.models.numbering import Counter, TakenNumber

_WELL_FORMED = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]{0,78}[A-Z0-9])?")


class NumberTaken(Exception):
    """The code belongs, or once belonged, to another record; the message is for people."""


def tidy_code(text: str) -> str:
    """Bring a typed code into its stored form: upper case, one hyphen for blanks, slashes and long dashes."""
    return re.sub(r"[\s‐-―/\\-]+", "-", text.strip()).strip("-").upper()


def is_well_formed(code: str) -> bool:
    """Whether a tidied code can stand in an address and on paper."""
    return bool(_WELL_FORMED.fullmatch(code))


def code_key(text: str) -> str:
    """The form in which spellings of one code agree: "SOP 14", "sop-014" and "SOP-14" all give "sop14"."""
    return re.sub(r"0*(\d+)", r"\1", re.sub(r"[^a-z0-9]+", "", re.sub(r"[^a-z0-9]+0*(?=\d)", "", text.lower())))


def take_code(code: str) -> str:
    """Reserve a code for good. Raises ``NumberTaken`` when it was ever in use."""
    try:
        with transaction.atomic():
            TakenNumber.objects.create(code=code)
    except IntegrityError:
        raise NumberTaken(_t("The number %(code)s is or was in use. Choose another.") % {"code": code}) from None
    return code


def take_codes(codes: list[str]) -> None:
    """Reserve many codes for good. Raises ``NumberTaken`` naming one that was ever in use; then none is taken."""
    try:
        with transaction.atomic():
            TakenNumber.objects.bulk_create([TakenNumber(code=code) for code in sorted(codes)])  # all wait in one order
    except IntegrityError:
        taken = TakenNumber.objects.filter(code__in=codes).values_list("code", flat=True).first()
        code = taken or next((code for code in codes if codes.count(code) > 1), "")
        raise NumberTaken(_t("The number %(code)s is or was in use. Choose another.") % {"code": code}) from None


def next_codes(prefix: str, count: int, *, digits: int = 3) -> list[str]:
    """Take the next ``count`` free codes of a prefix, in order. The counter is locked until the transaction ends."""
    counter, _made = Counter.objects.select_for_update(no_key=True).get_or_create(prefix=prefix)
    codes: list[str] = []
    while len(codes) < count:
        numbers = range(counter.last + 1, counter.last + 1 + count - len(codes))
        wanted = [f"{prefix}-{number:0{digits}d}" for number in numbers]
        taken = set(TakenNumber.objects.filter(code__in=wanted).values_list("code", flat=True))
        codes += [code for code in wanted if code not in taken]
        counter.last += len(wanted)
    counter.save(update_fields=["last"])
    take_codes(codes)
    return codes


def next_code(prefix: str, *, digits: int = 3) -> str:
    """Take the next free code of a prefix."""
    return next_codes(prefix, 1, digits=digits)[0]
