"""The score of an audit, from what counts as the answer to each question."""

from typing import Any

from audits.answering import WORST_FIRST
from audits.asked import checklist_of
from audits.checklists.scores import Score, score
from audits.models import Answer, Audit


def counting_answers(audit: Audit) -> dict[str, Answer]:
    """The answer that counts to each question: of several the worst, of equal ones the newest. One query."""
    counting: dict[str, Answer] = {}
    for answer in Answer.objects.current().filter(audit=audit).select_related("answered_by").order_by("saved_at"):
        known = counting.get(answer.question_key)
        if known is None or WORST_FIRST.index(answer.outcome) <= WORST_FIRST.index(known.outcome):
            counting[answer.question_key] = answer
    return counting


def score_of(audit: Audit, counting: dict[str, Answer] | None = None) -> Score:
    """Percent reached over applicable questions; critical ones knock out."""
    answers: dict[str, Any] = {
        key: one.value for key, one in (counting_answers(audit) if counting is None else counting).items()
    }
    return score(checklist_of(audit.checklist_version), answers)
