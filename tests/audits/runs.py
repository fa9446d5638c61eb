"""A checklist, a procedure and an audit to work with."""

import json
from datetime import timedelta
from typing import Any

from django.utils import timezone

from audits.checklists.schema import as_bytes, clean_checklist
from audits.models import Audit
from audits.planning import plan_audit, start_audit
from documents.models import Document
from people.models import Person
from tests.cast import released

QUESTIONS = [
    {"key": "q-alarm", "type": "yes_no", "text": "Is the door alarm set to 3 minutes or less?", "critical": True},
    {
        "key": "q-temp",
        "type": "number",
        "text": "Temperature on the wall display",
        "min": "2",
        "max": "8",
        "unit": "°C",
    },
    {"key": "q-why", "type": "text", "text": "Why not?", "show_if": {"question": "q-alarm", "values": ["no"]}},
]


def again(person: Person) -> Person:
    """The person as a new request meets them."""
    return Person.objects.get(pk=person.pk)


def day(days: int) -> Any:
    return timezone.localdate() + timedelta(days=days)


def checklist_json(questions: list[dict[str, Any]] | None = None, sections: int = 1) -> bytes:
    """The stored bytes of a checklist with these questions, dealt to so many sections."""
    questions = QUESTIONS if questions is None else questions
    dealt = [{"key": f"s{n}", "title": f"Section {n}", "questions": questions[n::sections]} for n in range(sections)]
    return as_bytes(clean_checklist(json.dumps({"sections": dealt}).encode())[0])


def make_checklist(author: Person, owner: Person, approver: Person, content: bytes | None = None) -> Document:
    """A checklist in force."""
    body = content or checklist_json()
    return released(author, owner, approver, kind="checklist", title="Cold chain walk", body=body).document


def make_audit(by: Person, owner: Person, checklist: Document, **fields: Any) -> Audit:
    """An audit that ``by`` leads."""
    facts = {"title": "Cold chain walk, Eastmoor", "starts_on": day(0), "ends_on": day(5), **fields}
    return plan_audit(by=by, lead=facts.pop("lead", by), owner=owner, checklist=checklist, **facts)


def running(by: Person, owner: Person, checklist: Document, **fields: Any) -> Audit:
    """The same, started."""
    return start_audit(make_audit(by, owner, checklist, **fields), by=again(by))
