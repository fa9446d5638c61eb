"""What an answer means: what was typed, checked against its question, becomes a value and an outcome.

Pure: values in, values out. The shapes of values, by type of question:

    yes_no     "yes", "no" or "na"
    choice     the key of an option, or "na"
    score      a whole number as text, or "na"
    number     a decimal number as text with a point ("5.4"), or "na"
    text, signature   the text
    date       "2026-10-01"
    photo      "yes" (the photo itself is evidence), or "na"
    sample     {"checked": 8, "conform": 7}
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from audits.checklists.asking import outcome
from audits.checklists.questions import NA, Question
from core.safe.words import Said, gettext_noop

MAX_TEXT = 5_000  # characters of a text answer or a note
MAX_DIGITS = 15
MAX_SAMPLE = 1_000_000
FIRST_YEAR, LAST_YEAR = 1900, 2199

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_MINUS = str.maketrans({"\u2212": "-", "\u00a0": "", "\u202f": "", " ": ""})


class AnswerRefused(ValueError):
    """What was typed is no answer to the question; the message says what to do."""

    def __init__(self, message: Said) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Given:
    """An answer as it is stored: its value, and what it says about conformity."""

    value: Any
    outcome: str


def clean_answer(question: Question, raw: Mapping[str, Any]) -> Given:
    """The answer in ``raw`` ("value", or "checked" and "conform") to ``question``. Raises ``AnswerRefused``."""
    value = _cleaned(question, raw)
    return Given(value, outcome(question, value))


def _cleaned(question: Question, raw: Mapping[str, Any]) -> Any:
    if question.type == "sample" and raw.get("value") != NA:
        return _sample(question, raw)
    value = _UNSEEN.sub("", str(raw.get("value") or "")).strip()
    if not value:
        raise AnswerRefused(gettext_noop("Answer the question."))
    if value == NA and question.type not in ("text", "signature"):
        return _not_applicable(question)
    return _READERS[question.type](question, value)


def _not_applicable(question: Question) -> str:
    if not question.allows_na:
        raise AnswerRefused(gettext_noop("This question applies always. Choose another answer."))
    return NA


def _yes_no(question: Question, value: str) -> str:
    if value not in ("yes", "no"):
        raise AnswerRefused(gettext_noop("Choose yes, no or not applicable."))
    return value


def _choice(question: Question, value: str) -> str:
    if value not in {option.key for option in question.options}:
        raise AnswerRefused(gettext_noop("Choose one of the options."))
    return value


def _score(question: Question, value: str) -> str:
    if not value.isascii() or not value.isdecimal() or not question.score_min <= int(value[:9]) <= question.score_max:
        raise AnswerRefused(
            gettext_noop("Choose a score from %(low)s to %(high)s.", low=question.score_min, high=question.score_max)
        )
    return str(int(value))


def _number(question: Question, value: str) -> str:
    return format(read_number(value), "f")


def read_number(text: str) -> Decimal:
    """A number as people type it: "5,4", "5.4", "−18". Raises ``AnswerRefused``, also for a unit behind it."""
    tight = text.translate(_MINUS)
    if not _NUMBER.fullmatch(tight):
        if re.match(r"[+-]?[\d.,]+\D", tight):
            raise AnswerRefused(gettext_noop("Enter the number alone, without a unit, for example 5.4."))
        raise AnswerRefused(gettext_noop("Enter a number, for example 5.4."))
    if sum(sign.isdigit() for sign in tight) > MAX_DIGITS:
        raise AnswerRefused(gettext_noop("Enter a number with at most 15 digits."))
    try:
        return Decimal(tight.replace(",", "."))
    except InvalidOperation:
        raise AnswerRefused(gettext_noop("Enter a number, for example 5.4.")) from None


def _text(question: Question, value: str) -> str:
    if len(value) > MAX_TEXT:
        raise AnswerRefused(gettext_noop("Enter at most 5,000 characters."))
    return value


def _date(question: Question, value: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise AnswerRefused(gettext_noop("Enter a date, for example 2026-10-01.")) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise AnswerRefused(gettext_noop("Enter a date between 1900 and 2199."))
    return day.isoformat()


def _photo(question: Question, value: str) -> str:
    return "yes"


def _sample(question: Question, raw: Mapping[str, Any]) -> dict[str, int]:
    counts = []
    for name in ("checked", "conform"):
        text = str(raw.get(name) or "").strip()
        if not (text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) <= MAX_SAMPLE):
            raise AnswerRefused(gettext_noop("Enter how many you checked and how many of them conform."))
        counts.append(int(text))
    checked, conform = counts
    if not checked:
        raise AnswerRefused(gettext_noop("Check at least one."))
    if conform > checked:
        raise AnswerRefused(gettext_noop("No more can conform than you checked."))
    if checked < question.sample_size:
        raise AnswerRefused(gettext_noop("Check at least %(n)s.", n=question.sample_size))
    return {"checked": checked, "conform": conform}


_READERS = {
    "yes_no": _yes_no,
    "choice": _choice,
    "score": _score,
    "number": _number,
    "text": _text,
    "date": _date,
    "photo": _photo,
    "signature": _text,
}


def answer_words(question: Question, value: Any) -> str:
    """An answer as people read it; the portal's own words can be said in another language (``Said``)."""
    if isinstance(value, dict):
        return gettext_noop("%(conform)s of %(checked)s conform", conform=value["conform"], checked=value["checked"])
    if value in WORDS and question.type in ("yes_no", "photo") or value == NA:
        return TAKEN if question.type == "photo" and value != NA else WORDS[value]
    if question.type == "choice":
        return next((option.label for option in question.options if option.key == value), str(value))
    if question.type == "score":
        return f"{value} / {question.score_max}"
    return f"{value}\u00a0{question.unit}" if question.type == "number" and question.unit else str(value)


WORDS = {"yes": gettext_noop("Yes"), "no": gettext_noop("No"), NA: gettext_noop("Not applicable")}
TAKEN = gettext_noop("Photo taken")
