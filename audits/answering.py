"""Saving answers while an audit runs: each by itself, once, beside what was said before and by others."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _t

from audits.answers import MAX_TEXT, AnswerRefused, clean_answer
from audits.asked import checklist_of_content
from audits.checklists.asking import asked_questions
from audits.checklists.questions import Checklist, Question
from audits.models import Answer, Audit, Outcome
from core.lifecycle import Invalid, NotAllowed, Refused
from core.saying import in_words
from documents.models import Document, Part, Version

CLOCK_TOLERANCE = timedelta(minutes=5)  # a device whose clock is further ahead gets the server's time

# Of two auditors' answers that differ, the one that says more against conformity counts.
WORST_FIRST = (Outcome.FAILED, Outcome.PASSED, Outcome.NOTED, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True)
class Progress:
    """How far an audit is: keys of the questions that apply, and what counts as the answer to each."""

    shown: list[Question]
    outcomes: dict[str, str]
    differing: frozenset[str]

    @property
    def total(self) -> int:
        return len(self.shown)

    @property
    def answered(self) -> int:
        return sum(one.key in self.outcomes for one in self.shown)

    @property
    def unanswered(self) -> int:
        return self.total - self.answered

    def next_unanswered(self, after: str = "") -> Question | None:
        """The first question without an answer behind ``after``, else the first of all."""
        waiting = [one for one in self.shown if one.key not in self.outcomes]
        keys = [one.key for one in self.shown]
        place = keys.index(after) if after in keys else -1
        return next((one for one in waiting if keys.index(one.key) > place), waiting[0] if waiting else None)


def progress_of(checklist: Checklist, answers: Iterable[tuple[str, Any, str]]) -> Progress:
    """How far an audit is, from its current answers: (key, value, outcome)."""
    values: dict[str, list[Any]] = defaultdict(list)
    outcomes: dict[str, str] = {}
    for key, value, outcome in answers:
        values[key].append(value)
        known = outcomes.get(key)
        if known is None or WORST_FIRST.index(outcome) < WORST_FIRST.index(known):
            outcomes[key] = outcome
    differing = frozenset(key for key, given in values.items() if any(one != given[0] for one in given))
    return Progress(asked_questions(checklist, values), outcomes, differing)


def progress(audit: Audit) -> Progress:
    """How far the audit is now. One query."""
    current = Answer.objects.filter(audit=audit.pk, replaced_at=None).order_by()
    checklist = checklist_of_content(audit.checklist_version.content_id)
    return progress_of(checklist, current.values_list("question_key", "value", "outcome"))


@dataclass(frozen=True)
class Saved:
    """An answer that is stored, and whether this call stored it."""

    answer: Answer
    is_new: bool


def save_answer(
    audit: Audit,
    question_key: str,
    raw: Mapping[str, Any],
    *,
    by: Any,
    answer_id: uuid.UUID | None = None,
    note: str = "",
    answered_at: datetime | None = None,
) -> Saved:
    """Store what ``by`` answers. The same id again, or the same words again, stores nothing.

    Raises ``Refused`` for a closed audit, somebody who is not on the team, a question that is not in the checklist,
    or what is no answer to it; then nothing is stored.
    """
    facts = {"by": by, "answer_id": answer_id, "note": note, "answered_at": answered_at}
    try:
        return _save(audit, question_key, raw, **facts)
    except IntegrityError:  # the same auditor answered it at the same moment on another device
        return _save(audit, question_key, raw, **facts)


def _save(
    audit: Audit,
    question_key: str,
    raw: Mapping[str, Any],
    *,
    by: Any,
    answer_id: uuid.UUID | None,
    note: str,
    answered_at: datetime | None,
) -> Saved:
    now = timezone.now()
    with transaction.atomic():
        hold(audit, by)
        question = find_question(audit, question_key)
        given = _given(question, raw)
        note = note.replace("\x00", "").strip()
        if len(note) > MAX_TEXT:
            raise Invalid(_t("Enter at most 5,000 characters."))
        answer = Answer(
            id=answer_id or uuid.uuid4(),
            audit=audit,
            question_key=question.key,
            question_version_id=audit.checklist_version_id,
            value=given.value,
            outcome=given.outcome,
            note=note,
            answered_by=by,
            answered_at=answered_at if answered_at and answered_at <= now + CLOCK_TOLERANCE else now,
        )
        mine = Q(audit=audit, question_key=question.key, answered_by=by, replaced_at=None)
        before = None
        for known in Answer.objects.filter(mine | Q(pk=answer.pk)):
            if known.pk == answer.pk:
                return _stored_already(known, audit, by)
            before = known
        if answer.is_same_as(before):
            return Saved(before, False)
        _pin(answer, question, audit)
        if before:
            Answer.objects.filter(pk=before.pk).update(replaced_at=now)
        answer.save(force_insert=True)
    return Saved(answer, True)


def _stored_already(known: Answer, audit: Audit, by: Any) -> Saved:
    if known.audit_id != audit.pk or known.answered_by_id != by.pk:
        raise Refused(_t("This answer belongs to somebody else. Load the page again."))
    return Saved(known, False)


def hold(audit: Audit, by: Any, *, alone: bool = False) -> None:
    """Keep the audit as it is until the answer is stored, and the person on its team. Auditors do not wait for each
    other, unless one must be ``alone``; the move that ends the run waits for all of them."""
    lock = "NO KEY UPDATE" if alone else "SHARE"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT state, EXISTS (SELECT FROM audits_auditmember
                                      WHERE audit_id = %s AND person_id = %s AND left_at IS NULL)
                FROM audits_audit WHERE id = %s FOR {lock}""",  # noqa: S608 - one of two words above
            [audit.pk, by.pk, audit.pk],
        )
        state, is_member = cursor.fetchone()
    audit.state = state
    if not is_member:
        raise NotAllowed(_t("You are not on the team of this audit. Ask the lead auditor."))
    if not audit.is_answerable:
        raise Refused(
            _t("The audit is “%(state)s”: answers are no longer taken.") % {"state": audit.get_state_display()}
        )


def find_question(audit: Audit, key: str) -> Question:
    question = checklist_of_content(audit.checklist_version.content_id).questions.get(key)
    if question is None:
        raise Invalid(_t("This question is not in the checklist of the audit. Load the page again."))
    return question


def _given(question: Question, raw: Mapping[str, Any]) -> Any:
    try:
        return clean_answer(question, raw)
    except AnswerRefused as refusal:
        raise Invalid(in_words(refusal.message)) from refusal


def _pin(answer: Answer, question: Question, audit: Audit) -> None:
    """Remember question and step as parts, and the version of the step that is effective now. One query."""
    asked = Q(document=audit.checklist_id, key=question.key)
    if question.step:
        asked |= Q(document__code=question.step.document, key=question.step.key)
    effective = Version.objects.effective().filter(document=OuterRef("document")).values("pk")[:1]
    parts = Part.objects.filter(asked).annotate(effective=Subquery(effective), of=F("document_id"))
    for part in parts:
        if part.of == audit.checklist_id:
            answer.question = part
        else:
            answer.step, answer.step_version_id = part, part.effective


def answers_by_question(audit: Audit, keys: Iterable[str]) -> dict[str, list[Answer]]:
    """Current answers to these questions with who gave them, by question."""
    found: dict[str, list[Answer]] = defaultdict(list)
    rows = Answer.objects.current().filter(audit=audit, question_key__in=list(keys)).select_related("answered_by")
    for answer in rows:
        found[answer.question_key].append(answer)
    return found


def answers_before(audit: Audit, keys: Iterable[str], person: Any) -> dict[str, Answer]:
    """What was answered in the last finished audit with the same checklist that the person may see, by question."""
    earlier = Audit.objects.visible_to(person).filter(
        checklist=audit.checklist_id, state__in=("closed", "reporting"), started_at__lt=audit.started_at
    )
    last = earlier.order_by("-started_at").values("pk")[:1]
    rows = Answer.objects.current().filter(audit__in=last, question_key__in=list(keys))
    return {answer.question_key: answer for answer in rows.select_related("audit", "answered_by").order_by("saved_at")}


def visible_documents(codes: Iterable[str], person: Any) -> dict[str, Document]:
    """The documents that questions name and the person may see, by code."""
    return {one.code: one for one in Document.objects.visible_to(person).filter(code__in=set(codes))}
