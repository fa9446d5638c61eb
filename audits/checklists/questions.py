"""A checklist as values: sections of questions, as a run, a score and a page read them. No Django."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from core.safe.words import gettext_noop

# Types of question, with what people call them.
TYPES = {
    "yes_no": gettext_noop("Yes or no"),
    "choice": gettext_noop("Choice"),
    "score": gettext_noop("Score"),
    "number": gettext_noop("Number"),
    "text": gettext_noop("Text"),
    "date": gettext_noop("Date"),
    "photo": gettext_noop("Photo"),
    "signature": gettext_noop("Signature"),
    "sample": gettext_noop("Sample"),
}
# The four fields of guidance, in the order in which an auditor reads them.
GUIDANCE = {
    "ask": gettext_noop("Ask"),
    "look": gettext_noop("Look at"),
    "expect": gettext_noop("Expect"),
    "talk": gettext_noop("Talk to"),
}
SCORED = ("yes_no", "choice", "score", "number", "sample")  # types whose answer conforms or does not
NA = "na"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose; ``conforms`` is true, false, or None where it says nothing about conformity."""

    key: str
    label: str
    conforms: bool | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A part of another document: a step of a procedure, an element of a map."""

    document: str = ""  # its code
    key: str = ""

    def __bool__(self) -> bool:
        return bool(self.document and self.key)


@dataclass(frozen=True, slots=True)
class ShowIf:
    """A question is asked only if an earlier one was answered with one of these values."""

    question: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Limits and scores hold for their types only; ``number`` ("2.4") is its place in the checklist."""

    key: str
    type: str
    text: str
    number: str = ""
    section: str = ""  # key of its section
    guidance: tuple[tuple[str, str], ...] = ()  # (one of GUIDANCE, text)
    options: tuple[Option, ...] = ()
    allows_na: bool = True
    is_critical: bool = False
    weight: Decimal = Decimal(1)
    minimum: Decimal | None = None  # of a number that conforms, in ``unit``
    maximum: Decimal | None = None
    unit: str = ""
    score_min: int = 0
    score_max: int = 5
    score_passes: int = 3  # the lowest score that conforms
    sample_size: int = 0  # how many are checked at least
    sample_of: int = 0  # of how many; 0 where that is not known before
    requirement: str = ""  # "FW-001/ac-2-1": code of the library, address of the requirement
    step: Target = Target()
    element: Target = Target()
    show_if: ShowIf | None = None

    @property
    def step_document(self) -> str:
        return self.step.document

    @property
    def element_document(self) -> str:
        return self.element.document

    @property
    def is_scored(self) -> bool:
        """Whether its answer counts: it conforms or not, and a number has limits."""
        if self.type == "number":
            return self.minimum is not None or self.maximum is not None
        if self.type == "choice":
            return any(option.conforms is not None for option in self.options)
        return self.type in SCORED

    @property
    def limits(self) -> str:
        """ "2 to 8 °C", "at most 5 °C", or nothing."""
        unit = f"\u00a0{self.unit}" if self.unit else ""
        if self.minimum is not None and self.maximum is not None:
            return f"{self.minimum:f} – {self.maximum:f}{unit}"
        if self.minimum is not None:
            return f"≥ {self.minimum:f}{unit}"
        return f"≤ {self.maximum:f}{unit}" if self.maximum is not None else ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the checklist with a title."""

    key: str
    title: str
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class Checklist:
    """All sections, in order. ``passes_at`` is the percentage from which the whole is good; None says nothing."""

    sections: tuple[Section, ...] = ()
    introduction: str = ""
    passes_at: int | None = None
    questions: dict[str, Question] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        listed = {one.key: one for section in self.sections for one in section.questions}
        object.__setattr__(self, "questions", listed)

    @cached_property
    def section_of(self) -> dict[str, Section]:
        """The section of each question."""
        return {one.key: section for section in self.sections for one in section.questions}
