"""What the page of a running audit shows: one part of the checklist with everything known about its questions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _t

from audits.answering import Progress, answers_before, progress_of, visible_documents
from audits.answers import answer_words
from audits.asked import checklist_of
from audits.checklists.questions import GUIDANCE, Checklist, Question
from audits.models import Answer, Audit, Evidence, Finding, Outcome
from core.saying import in_words

PAGE_SIZE = 30  # questions on one page


@dataclass
class Said:
    """What somebody answered, in words."""

    who: str
    words: str
    outcome: str
    note: str
    at: Any


@dataclass
class Item:
    """One question on the page."""

    question: Question
    mine: Answer | None = None
    others: list[Said] = field(default_factory=list)
    earlier: list[Said] = field(default_factory=list)  # what was answered before it was changed
    last_time: Said | None = None
    last_audit: str = ""
    evidence: list[Evidence] = field(default_factory=list)
    finding: Finding | None = None
    step_url: str = ""
    differs: bool = False
    typed: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""

    @property
    def value(self) -> Any:
        """What stands in the field: what was typed and refused, else the stored answer."""
        if "value" in self.typed:
            return self.typed["value"]
        return self.mine.value if self.mine else ""

    @property
    def note(self) -> str:
        return self.typed.get("note", self.mine.note if self.mine else "")

    @property
    def checked(self) -> Any:
        return self.typed.get("checked", self.value.get("checked", "") if isinstance(self.value, dict) else "")

    @property
    def conform(self) -> Any:
        return self.typed.get("conform", self.value.get("conform", "") if isinstance(self.value, dict) else "")

    @property
    def failed(self) -> bool:
        return self.mine is not None and self.mine.outcome == Outcome.FAILED

    @property
    def guidance(self) -> list[tuple[str, str]]:
        return [(_t(str(GUIDANCE[name])), text) for name, text in self.question.guidance]

    @property
    def more(self) -> bool:
        """Whether the fold of the note is open from the start."""
        return bool(self.note or self.failed or self.error)


@dataclass
class Part:
    """A section as the navigation shows it."""

    key: str
    title: str
    number: int
    answered: int
    total: int
    is_current: bool


@dataclass
class RunPage:
    """One page of a run."""

    parts: list[Part]
    items: list[Item]
    progress: Progress
    title: str
    section: str
    page: int
    pages: int


def current_answers(audit: Audit) -> list[tuple[str, Any, str, int]]:
    """(key of question, value, outcome, person) of what counts now. One query."""
    rows = Answer.objects.filter(audit=audit.pk, replaced_at=None).order_by()
    return list(rows.values_list("question_key", "value", "outcome", "answered_by"))


def place_of_question(checklist: Checklist, progress: Progress, key: str) -> tuple[str, int]:
    """(section, page) where a question stands; the first of all for one that is not shown."""
    for section in checklist.sections:
        shown = [one.key for one in progress.shown if one.section == section.key]
        if key in shown:
            return section.key, shown.index(key) // PAGE_SIZE + 1
    return (checklist.sections[0].key if checklist.sections else ""), 1


def run_page(audit: Audit, person: Any, *, section: str, page: int, typed: Mapping[str, Any] | None = None) -> RunPage:
    """The page of a section (the first without one), as this person sees it. Eight queries, whatever its size."""
    checklist = checklist_of(audit.checklist_version)
    current = current_answers(audit)
    progress = progress_of(checklist, [row[:3] for row in current])
    by_section: dict[str, list[Question]] = defaultdict(list)
    for one in progress.shown:
        by_section[one.section].append(one)
    keys = [one.key for one in checklist.sections]
    section = section if section in keys else next((key for key in keys if by_section[key]), "")
    pages = max(1, -(-len(by_section[section]) // PAGE_SIZE))
    page = min(max(page, 1), pages)
    shown = by_section[section][(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    parts = [
        Part(
            one.key,
            one.title,
            number,
            sum(each.key in progress.outcomes for each in by_section[one.key]),
            len(by_section[one.key]),
            one.key == section,
        )
        for number, one in enumerate(checklist.sections, start=1)
        if by_section[one.key]
    ]
    return RunPage(
        parts=parts,
        items=_items(audit, person, shown, progress, typed or {}),
        progress=progress,
        title=next((one.title for one in parts if one.is_current), ""),
        section=section,
        page=page,
        pages=pages,
    )


def _items(
    audit: Audit, person: Any, questions: list[Question], progress: Progress, typed: Mapping[str, Any]
) -> list[Item]:
    items = {one.key: Item(one, differs=one.key in progress.differing) for one in questions}
    for answer in Answer.objects.filter(audit=audit, question_key__in=items).select_related("answered_by"):
        _place(items[answer.question_key], answer, person)
    for key, answer in answers_before(audit, items, person).items():
        items[key].last_time, items[key].last_audit = said(items[key].question, answer), answer.audit.code
    rows = Evidence.objects.filter(audit=audit, question_key__in=items, removed_at=None)
    for evidence in rows.select_related("attachment", "entry").defer("attachment__text"):
        if evidence.shown_to(person):
            items[evidence.question_key].evidence.append(evidence)
    found = Finding.objects.visible_to(person).filter(audit=audit, question_key__in=items).exclude(state="withdrawn")
    for finding in found:
        items[finding.question_key].finding = finding
    _link_steps(items.values(), person)
    if typed.get("key") in items:
        items[typed["key"]].typed, items[typed["key"]].error = typed["values"], typed["error"]
    return list(items.values())


def _place(item: Item, answer: Answer, person: Any) -> None:
    """An answer of mine, of another, or one that was changed since."""
    if answer.replaced_at is not None:
        item.earlier.append(said(item.question, answer))
    elif answer.answered_by_id == person.pk:
        item.mine = answer
    else:
        item.others.append(said(item.question, answer))


def _link_steps(items: Iterable[Item], person: Any) -> None:
    """Where steps are that the person may read."""
    asked = {item.question.step.document for item in items if item.question.step}
    documents = visible_documents(asked, person) if asked else {}
    for item in items:
        document = documents.get(item.question.step.document)
        if document:
            item.step_url = f"{document.get_absolute_url()}#{item.question.step.key}"


def said(question: Question, answer: Answer) -> Said:
    words = in_words(answer_words(question, answer.value))
    return Said(str(answer.answered_by), words, answer.outcome, answer.note, answer.saved_at)
