"""Changing a checklist: each function gives a new one and leaves the old as it was. Pure.

What comes back is checked by the schema when it is stored, so an edit may make a checklist that is refused there:
a question moved before the one it depends on.
"""

from __future__ import annotations

from dataclasses import replace

from audits.checklists.questions import Checklist, Question, Section
from audits.checklists.schema import fresh_key, numbered


class NoSuchPlace(LookupError):
    """The key names no question and no section of this checklist."""


def with_question(checklist: Checklist, question: Question, section: str = "") -> Checklist:
    """Put a question in the place of the one with its key, or at the end of a section; without a key it gets one."""
    if question.key in checklist.questions:
        return _rebuilt(
            checklist,
            [
                replace(one, questions=tuple(question if each.key == question.key else each for each in one.questions))
                for one in checklist.sections
            ],
        )
    if not question.key:
        question = replace(question, key=fresh_key(_keys(checklist), "q-", question.text))
    place = _section_place(checklist, section)
    sections = list(checklist.sections)
    sections[place] = replace(sections[place], questions=(*sections[place].questions, question))
    return _rebuilt(checklist, sections)


def without_question(checklist: Checklist, key: str) -> Checklist:
    """Take a question out; questions that depended on it are asked always."""
    if key not in checklist.questions:
        raise NoSuchPlace(key)
    sections = [
        replace(
            one,
            questions=tuple(
                replace(each, show_if=None) if each.show_if and each.show_if.question == key else each
                for each in one.questions
                if each.key != key
            ),
        )
        for one in checklist.sections
    ]
    return _rebuilt(checklist, sections)


def with_question_at(checklist: Checklist, key: str, section: str, place: int) -> Checklist:
    """Move a question to a place (0 is the first) of a section."""
    if key not in checklist.questions:
        raise NoSuchPlace(key)
    question = checklist.questions[key]
    sections = [
        replace(one, questions=tuple(each for each in one.questions if each.key != key)) for one in checklist.sections
    ]
    at = _section_place(checklist, section)
    questions = list(sections[at].questions)
    questions.insert(max(0, min(place, len(questions))), question)
    sections[at] = replace(sections[at], questions=tuple(questions))
    return _rebuilt(checklist, sections)


def with_question_moved(checklist: Checklist, key: str, *, up: bool) -> Checklist:
    """Move a question by one; beyond the end of its section it goes into the next one."""
    if key not in checklist.questions:
        raise NoSuchPlace(key)
    section = checklist.section_of[key]
    keys = [one.key for one in section.questions]
    place = keys.index(key) + (-1 if up else 1)
    if 0 <= place < len(keys):
        return with_question_at(checklist, key, section.key, place)
    at = _section_place(checklist, section.key) + (-1 if up else 1)
    if not 0 <= at < len(checklist.sections):
        return checklist
    other = checklist.sections[at]
    return with_question_at(checklist, key, other.key, len(other.questions) if up else 0)


def with_section(checklist: Checklist, title: str, key: str = "") -> Checklist:
    """Add a section at the end, or give one another title."""
    if not key:
        made = Section(fresh_key(_keys(checklist), "s-", title), title)
        return _rebuilt(checklist, [*checklist.sections, made])
    place = _section_place(checklist, key)
    sections = list(checklist.sections)
    sections[place] = replace(sections[place], title=title)
    return _rebuilt(checklist, sections)


def with_section_moved(checklist: Checklist, key: str, *, up: bool) -> Checklist:
    """Move a section by one."""
    place = _section_place(checklist, key)
    other = place + (-1 if up else 1)
    sections = list(checklist.sections)
    if 0 <= other < len(sections):
        sections[place], sections[other] = sections[other], sections[place]
    return _rebuilt(checklist, sections)


def without_section(checklist: Checklist, key: str) -> Checklist:
    """Take a section and its questions out."""
    place = _section_place(checklist, key)
    for question in checklist.sections[place].questions:
        checklist = without_question(checklist, question.key)
    sections = list(checklist.sections)
    del sections[place]
    return _rebuilt(checklist, sections)


def with_facts(checklist: Checklist, *, introduction: str, passes_at: int | None) -> Checklist:
    """Another introduction and mark."""
    return replace(checklist, introduction=introduction, passes_at=passes_at)


def _rebuilt(checklist: Checklist, sections: list[Section]) -> Checklist:
    return replace(checklist, sections=numbered(sections))


def _section_place(checklist: Checklist, key: str) -> int:
    for place, section in enumerate(checklist.sections):
        if section.key == key:
            return place
    raise NoSuchPlace(key)


def _keys(checklist: Checklist) -> set[str]:
    return {one.key for one in checklist.sections} | set(checklist.questions)
