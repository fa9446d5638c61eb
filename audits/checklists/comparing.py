"""What differs between two checklists, question by question. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from audits.checklists.questions import GUIDANCE, TYPES, Checklist, Question


@dataclass(frozen=True)
class Difference:
    """One question of the two: "same", "add", "cut", "edit" or "move" (only its place differs)."""

    kind: str
    before: Question | None
    after: Question | None
    section: str  # title of the section in which it stands (stood, where it was cut)

    @property
    def question(self) -> Question:
        return self.after or self.before


def compare_checklists(before: Checklist, after: Checklist) -> list[Difference]:
    """Every question of ``after`` in its order, then those that were cut, by key."""
    kept = [key for key in before.questions if key in after.questions]
    stayed = _longest_common(kept, [key for key in after.questions if key in before.questions])
    differences = []
    for key, question in after.questions.items():
        title = after.section_of[key].title
        old = before.questions.get(key)
        if old is None:
            kind = "add"
        elif lines_of(old) != lines_of(question):
            kind = "edit"
        else:
            kind = "same" if key in stayed and before.section_of[key].key == after.section_of[key].key else "move"
        differences.append(Difference(kind, old, question, title))
    cut = [key for key in before.questions if key not in after.questions]
    return differences + [Difference("cut", before.questions[key], None, before.section_of[key].title) for key in cut]


def lines_of(question: Question) -> list[str]:
    """All that is said of a question, a line for each fact, in English."""
    lines = [question.text, f"Type: {TYPES[question.type]}"]
    lines += [f"{GUIDANCE[name]}: {text}" for name, text in question.guidance]
    conforms = {True: "conforms", False: "does not conform", None: ""}
    lines += [f"Option: {one.label} {conforms[one.conforms]}".rstrip() for one in question.options]
    facts = {
        "Limits": question.limits,
        "Unit": question.unit if not question.limits else "",
        "Score": _score(question) if question.type == "score" else "",
        "Sample": f"{question.sample_size} of {question.sample_of or '?'}" if question.type == "sample" else "",
        "Weight": f"{question.weight:f}" if question.weight != 1 else "",
        "Critical": "yes" if question.is_critical else "",
        "Not applicable": "" if question.allows_na else "no",
        "Requirement": question.requirement,
        "Step": f"{question.step.document} {question.step.key}" if question.step else "",
        "Element": f"{question.element.document} {question.element.key}" if question.element else "",
        "Only if": f"{question.show_if.question} is {' or '.join(question.show_if.values)}" if question.show_if else "",
    }
    return lines + [f"{name}: {value}" for name, value in facts.items() if value]


def _score(question: Question) -> str:
    return f"{question.score_min} – {question.score_max}, conforms from {question.score_passes}"


def _longest_common(first: list[str], second: list[str]) -> set[str]:
    """The keys that keep their order: the longest increasing run of places (patience sorting)."""
    places = {key: place for place, key in enumerate(first)}
    tails: list[str] = []
    before: dict[str, str | None] = {}
    for key in second:
        low, high = 0, len(tails)
        while low < high:
            middle = (low + high) // 2
            if places[tails[middle]] < places[key]:
                low = middle + 1
            else:
                high = middle
        before[key] = tails[low - 1] if low else None
        tails[low:] = [key, *tails[low + 1 :]]
    kept: set[str] = set()
    at: str | None = tails[-1] if tails else None
    while at is not None:
        kept.add(at)
        at = before[at]
    return kept
