"""The score of a run: weighted share of what applies and was answered, and knock-out by critical questions.

    score = Σ weight · fulfilment / Σ weight        over questions that are asked, answered, applicable and scored

A yes, a conforming option and a number within its limits fulfil 1, the opposite 0; a score fulfils its share of the
way from lowest to highest; a sample the share that conforms. Not applicable and unanswered questions count on neither
side. A critical question that failed knocks out: the result is 0 whatever the score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from audits.checklists.asking import FAILED, NOT_APPLICABLE, asked_questions, fulfilment, outcome
from audits.checklists.questions import NA, Checklist, Question


@dataclass(frozen=True)
class Score:
    """What a run reached. ``points`` and ``possible`` are sums of weights; percentages have one decimal."""

    points: Decimal = Decimal(0)
    possible: Decimal = Decimal(0)
    asked: int = 0
    answered: int = 0
    not_applicable: int = 0
    failed: tuple[str, ...] = ()  # keys of questions whose answer does not conform
    knocked_out_by: tuple[str, ...] = ()  # the critical ones among them
    passes_at: int | None = None
    sections: Mapping[str, Score] = field(default_factory=dict)  # by key of section; theirs hold no sections

    @property
    def percent(self) -> Decimal | None:
        """0.0 to 100.0, or None while nothing that counts is answered."""
        if not self.possible:
            return None
        return (self.points * 100 / self.possible).quantize(Decimal("0.1"), ROUND_HALF_UP)

    @property
    def result(self) -> Decimal | None:
        """The percentage after knock-out."""
        return Decimal("0.0") if self.knocked_out_by else self.percent

    @property
    def has_passed(self) -> bool | None:
        """Whether the result reaches ``passes_at``; None where no such mark is set or nothing is answered."""
        if self.knocked_out_by:
            return False
        if self.passes_at is None or self.percent is None:
            return None
        return self.percent >= self.passes_at


def score(checklist: Checklist, answers: Mapping[str, Any]) -> Score:
    """The score of answers by key of question; values as in ``asking``."""
    asked = asked_questions(checklist, answers)
    by_section: dict[str, list[Question]] = {section.key: [] for section in checklist.sections}
    for question in asked:
        by_section[question.section].append(question)
    sections = {key: _score(questions, answers) for key, questions in by_section.items()}
    return _score(asked, answers, passes_at=checklist.passes_at, sections=sections)


def _score(questions: Iterable[Question], answers: Mapping[str, Any], **facts: Any) -> Score:
    points = possible = Decimal(0)
    asked = answered = not_applicable = 0
    failed: list[str] = []
    knocked_out: list[str] = []
    for question in questions:
        asked += 1
        answer = answers.get(question.key)
        if answer in (None, ""):
            continue
        answered += 1
        said = outcome(question, answer)
        not_applicable += said == NOT_APPLICABLE or answer == NA
        if said == FAILED:
            failed.append(question.key)
            if question.is_critical:
                knocked_out.append(question.key)
        share = fulfilment(question, answer)
        if share is not None:
            points += question.weight * share
            possible += question.weight
    return Score(points, possible, asked, answered, not_applicable, tuple(failed), tuple(knocked_out), **facts)
