"""Which questions are asked, given what was answered so far; and whether an answer conforms. Pure.

Answers come as the values that a run stores: "yes", "no", the key of an option, a score or number as text,
{"checked": 8, "conform": 7} for a sample, a text, a date, and "na" for not applicable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from audits.checklists.questions import NA, Checklist, Question

PASSED, FAILED, NOT_APPLICABLE, NOTED = "passed", "failed", "not_applicable", "noted"


def asked_questions(checklist: Checklist, answers: Mapping[str, Any]) -> list[Question]:
    """The questions that apply, in order. One that depends on a hidden question is hidden too.

    A value of ``answers`` may be a list: where several people answered, one of them is enough to show a question."""
    shown: dict[str, bool] = {}
    for question in checklist.questions.values():
        condition = question.show_if
        shown[question.key] = condition is None or (
            shown.get(condition.question, False)
            and any(
                value in condition.values
                for answer in _several(answers.get(condition.question))
                for value in comparable(checklist.questions[condition.question], answer)
            )
        )
    return [question for question in checklist.questions.values() if shown[question.key]]


def comparable(question: Question, answer: Any) -> tuple[str, ...]:
    """The values that conditions compare: the answer as text; for numbers and samples whether it conforms."""
    if answer in (None, ""):
        return ()
    if answer == NA:
        return (NA,)
    if question.type in ("number", "sample"):
        return (outcome(question, answer),)
    return (str(answer),)


def outcome(question: Question, answer: Any) -> str:
    """What an answer says about conformity: passed, failed, not_applicable or noted."""
    if answer == NA:
        return NOT_APPLICABLE
    if not question.is_scored:
        return NOTED
    share = fulfilment(question, answer)
    if share is None:
        return NOTED
    if question.type == "score":
        return PASSED if int(answer) >= question.score_passes else FAILED
    return PASSED if share == 1 else FAILED


def fulfilment(question: Question, answer: Any) -> Decimal | None:
    """How much of the question an answer fulfils, 0 to 1; None where it says nothing about conformity."""
    if answer in (None, "", NA) or not question.is_scored:
        return None
    try:
        return _FULFILMENT[question.type](question, answer)
    except (ArithmeticError, InvalidOperation, KeyError, TypeError, ValueError):
        return None


def _yes_no(question: Question, answer: Any) -> Decimal | None:
    return {"yes": Decimal(1), "no": Decimal(0)}.get(str(answer))


def _choice(question: Question, answer: Any) -> Decimal | None:
    conforms = next((option.conforms for option in question.options if option.key == answer), None)
    return None if conforms is None else Decimal(int(conforms))


def _score(question: Question, answer: Any) -> Decimal | None:
    """The share of the way from the lowest to the highest score."""
    return Decimal(int(answer) - question.score_min) / (question.score_max - question.score_min)


def _number(question: Question, answer: Any) -> Decimal | None:
    number = Decimal(str(answer))
    if not number.is_finite():
        return None
    is_low = question.minimum is not None and number < question.minimum
    is_high = question.maximum is not None and number > question.maximum
    return Decimal(0 if is_low or is_high else 1)


def _sample(question: Question, answer: Any) -> Decimal | None:
    """The share of the sample that conforms."""
    return Decimal(int(answer["conform"])) / int(answer["checked"])


def _several(answer: Any) -> Iterable[Any]:
    return answer if isinstance(answer, list | tuple | set) else (answer,)


_FULFILMENT = {"yes_no": _yes_no, "choice": _choice, "score": _score, "number": _number, "sample": _sample}
