"""What a checklist points at: steps, map elements and requirements, found for one person in few queries."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from audits.checklists.questions import Checklist, Question, Target
from audits.models import Requirement
from documents.models import Document, Part


@dataclass(frozen=True)
class Found:
    """One thing a question points at, as a link."""

    code: str
    label: str
    url: str


@dataclass
class Targets:
    """What the person may see of everything that the questions point at."""

    parts: dict[tuple[str, str], Found] = field(default_factory=dict)
    requirements: dict[str, Found] = field(default_factory=dict)

    def step(self, question: Question) -> Found | None:
        return self.parts.get((question.step.document, question.step.key))

    def element(self, question: Question) -> Found | None:
        return self.parts.get((question.element.document, question.element.key))

    def requirement(self, question: Question) -> Found | None:
        return self.requirements.get(question.requirement)


def targets_of(checklist: Checklist, person: Any) -> Targets:
    """Steps, elements and requirements that these questions point at and the person may see: three queries."""
    questions = checklist.questions.values()
    wanted = {target for one in questions for target in (one.step, one.element) if target}
    targets = Targets()
    if wanted:
        targets.parts = _parts(wanted, person)
    references = {one.requirement for one in questions if one.requirement}
    if references:
        targets.requirements = requirements_called(references, person)
    return targets


def _parts(wanted: set[Target], person: Any) -> dict[tuple[str, str], Found]:
    documents = Document.objects.visible_to(person).filter(code__in={one.document for one in wanted})
    by_pk = {document.pk: document for document in documents}
    parts = Part.objects.filter(document__in=by_pk, key__in={one.key for one in wanted})
    found = {}
    for part in parts:
        document = by_pk[part.document_id]
        address = f"{document.get_absolute_url()}#{part.key}"
        found[document.code, part.key] = Found(document.code, part.label or part.key, address)
    return found


def requirements_called(references: set[str], person: Any) -> dict[str, Found]:
    """Requirements by their reference "FW-001/ac-2-1"."""
    pairs = [reference.split("/", 1) for reference in references if "/" in reference]
    if not pairs:
        return {}
    asked = Q()
    for code, slug in pairs:
        asked |= Q(framework__code=code, slug=slug)
    rows = Requirement.objects.visible_to(person).filter(asked).select_related("framework")
    return {f"{row.framework.code}/{row.slug}": Found(row.code, row.title, row.get_absolute_url()) for row in rows}


def reference_to(requirement: Requirement) -> str:
    """How a question names a requirement."""
    return f"{requirement.framework.code}/{requirement.slug}"


def shown_checklist(checklist: Checklist, person: Any) -> dict[str, Any]:
    """What templates that show questions need."""
    targets = targets_of(checklist, person)
    sections = [
        (
            section,
            [(one, targets.requirement(one), targets.step(one), targets.element(one)) for one in section.questions],
        )
        for section in checklist.sections
    ]
    return {"checklist": checklist, "sections": sections}
