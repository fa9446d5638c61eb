"""Drafting a checklist from the steps of a procedure, from requirements, or as a copy."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _t

from audits.checklist_targets import reference_to
from audits.checklists.questions import Checklist, Question, Section, Target
from audits.checklists.schema import MAX_GUIDANCE, MAX_QUESTIONS, as_bytes, fresh_key, numbered, read_checklist
from audits.models import Baseline, Framework, Requirement
from core.lifecycle import Refused
from documents.drafting import start_document
from documents.models import Document, Version

ELEMENT_TYPES = ("task", "event", "gateway", "subprocess", "callactivity")  # parts of maps; all others are steps


def from_document(document: Document, *, by: Any, **facts: Any) -> Version:
    """A draft with a yes-or-no question for each step of a procedure, or each task of a map."""
    version = document.version_in_force() or document.open_version()
    if version is None or version.is_file:
        raise Refused(_t("%(code)s has no steps that could become questions.") % {"code": document.code})
    parts = document.kind_of.parts(version.body_bytes())
    is_map = any(part.type.lower().endswith(ELEMENT_TYPES) for part in parts)
    wanted = [part for part in parts if part.label and (not is_map or part.type.lower().endswith("task"))]
    if not wanted:
        raise Refused(_t("%(code)s has no steps that could become questions.") % {"code": document.code})
    taken: set[str] = set()
    questions = []
    for part in wanted[:MAX_QUESTIONS]:
        target = Target(document.code, part.key)
        words = _t("%(step)s: done as described?") % {"step": part.label.rstrip(".")}
        key = fresh_key(taken, "q-", f"{document.code} {part.key}")
        placed = {"element": target} if is_map else {"step": target}
        questions.append(Question(key, "yes_no", words[:500], **placed))
    section = Section(fresh_key(taken, "s-", document.code), document.title[:200], tuple(questions))
    title = facts.pop("title", "") or _t("Checklist for %(title)s") % {"title": document.title}
    return _start(Checklist(numbered([section])), by=by, title=title, **facts)


def from_requirements(
    framework: Framework, *, by: Any, below: Requirement | None = None, baseline: Baseline | None = None, **facts: Any
) -> Version:
    """A draft with a question for each requirement that applies: of a library, below a group, or of a baseline."""
    rows = list(framework.requirements.filter(left_source_at=None).order_by("position"))
    for row in rows:
        row.framework = framework
    by_pk = {row.pk: row for row in rows}
    chosen = {row.pk for row in rows if not row.is_group and not row.is_withdrawn and row.applicability != "not"}
    if baseline:
        chosen &= set(baseline.requirements.values_list("pk", flat=True))
    if below:
        chosen = {pk for pk in chosen if below.pk in _above(by_pk[pk], by_pk)}
    if not chosen:
        raise Refused(_t("Nothing of this library applies here. Choose another group or baseline."))
    if len(chosen) > MAX_QUESTIONS:
        raise Refused(
            _t("These are %(count)s requirements; a checklist has at most %(limit)s questions. Choose a group.")
            % {"count": len(chosen), "limit": MAX_QUESTIONS}
        )
    taken: set[str] = set()
    sections: dict[str, list[Question]] = {}
    for row in rows:
        if row.pk in chosen:
            group = next((by_pk[pk] for pk in _above(row, by_pk) if by_pk[pk].is_group), None)
            sections.setdefault(str(group or framework)[:200], []).append(_question_for(row, taken))
    listed = [Section(fresh_key(taken, "s-", title), title, tuple(found)) for title, found in sections.items()]
    title = facts.pop("title", "") or _t("Checklist for %(title)s") % {"title": below or baseline or framework}
    return _start(Checklist(numbered(_at_most(listed))), by=by, title=title, **facts)


def as_copy(document: Document, *, by: Any, **facts: Any) -> Version:
    """A draft with the questions of another checklist; its keys stay, its history does not come along."""
    version = document.version_in_force() or document.open_version()
    if document.kind != "checklist" or version is None or version.is_file:
        raise Refused(_t("%(code)s is no checklist that could be copied.") % {"code": document.code})
    title = facts.pop("title", "") or _t("Copy of %(title)s") % {"title": document.title}
    return _start(read_checklist(version.body_bytes()), by=by, title=title, **facts)


def _start(checklist: Checklist, *, by: Any, title: str, **facts: Any) -> Version:
    return start_document(kind="checklist", by=by, title=title[:300], body=as_bytes(checklist), **facts)


def _question_for(row: Requirement, taken: set[str]) -> Question:
    words = _t("%(number)s %(title)s: is it fulfilled?") % {"number": row.label, "title": row.title.rstrip(".")}
    guidance = (("expect", row.text[:MAX_GUIDANCE].strip()),) if row.text.strip() else ()
    key = fresh_key(taken, "q-", reference_to(row))
    return Question(key, "yes_no", " ".join(words.split())[:500], guidance=guidance, requirement=reference_to(row))


def _above(row: Requirement, by_pk: dict[int, Requirement]) -> list[int]:
    """The keys of what stands above, nearest first."""
    above, at = [], row.parent_id
    while at is not None and at in by_pk:
        above.append(at)
        at = by_pk[at].parent_id
    return above


def _at_most(sections: list[Section]) -> list[Section]:
    """At most a hundred sections: what is beyond goes into the last one."""
    if len(sections) <= 100:
        return sections
    rest = tuple(question for section in sections[99:] for question in section.questions)
    return [*sections[:99], replace(sections[99], title=_t("Further requirements"), questions=rest)]
