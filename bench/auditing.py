"""An audit with 1,189 questions from its plan to its report, and the list of 400,000 actions."""

import gzip
import json
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from actions.models import Action
from audits.asked import checklist_of
from audits.models import Answer, Audit
from audits.planning import finish_answering, plan_audit, start_audit
from audits.report_files import as_pdf
from audits.reporting import freeze
from bench import stage
from bench.measuring import Taken, ask, client_of, timed
from bench.report import Figure
from documents.adopting import Adoption, adopt
from documents.drafting import start_document
from documents.models import Document

QUESTIONS, SECTIONS, ANSWERS, ACTIONS = 1_189, 20, 60, 400_000


def figures() -> Iterator[Figure]:
    """Creating, opening, answering, reporting; then the list."""
    lead, owner = stage.person("Lead", "auditor", "officer"), stage.person("Audited", "owner")
    checklist = _checklist(lead, owner)
    today = timezone.localdate()
    began = time.perf_counter()
    audit = plan_audit(
        by=lead, title="All requirements", lead=lead, owner=owner, starts_on=today, ends_on=today, checklist=checklist
    )
    audit = start_audit(audit, by=lead)
    yield Figure("create and start an audit with 1,189 questions", (time.perf_counter() - began) * 1000, 500)
    client = client_of(lead)
    address = f"/audits/{audit.code}/run/"
    taken = ask(client, [f"{address}?section=s{number}" for number in range(SECTIONS)])
    yield Figure("open a section of it, p95", taken.p95(), 300, processor=taken.p50_of_processor())
    yield Figure("open a section, queries", taken.usual_queries(), 15, "")
    weight = len(gzip.compress(client.get(address).content, 6)) / 1024
    yield Figure("open a section, compressed", weight, 100, "kB")
    taken = _answer(client, audit)
    yield Figure("save one answer, p95", taken.p95(), 50, processor=taken.p50_of_processor())
    yield Figure("save one answer, queries", taken.usual_queries(), 10, "")
    _answer_the_rest(audit, lead)
    report = freeze(finish_answering(audit, by=lead), by=lead)
    began = time.perf_counter()
    as_pdf(report)
    yield Figure("report of 1,189 answers as PDF", time.perf_counter() - began, 3, "s")
    _many_actions(lead, owner)
    taken = ask(client, ["/actions/", "/actions/?state=open", "/actions/?late=on", "/actions/?mine=on"] * 8)
    yield Figure("list of 400,000 actions, first page, p95", taken.p95(), 80, processor=taken.p50_of_processor())
    yield Figure("list of actions, queries", taken.usual_queries(), None, "")


def _checklist(lead: Any, owner: Any) -> Document:
    questions = [
        {"key": f"q-{n}", "type": "yes_no", "text": f"Is requirement {n} met in daily work, and who can show it?"}
        for n in range(QUESTIONS)
    ]
    sections = [
        {"key": f"s{n}", "title": f"Chapter {n + 1}", "questions": questions[n::SECTIONS]} for n in range(SECTIONS)
    ]
    body = json.dumps({"sections": sections}).encode()
    draft = start_document(kind="checklist", by=lead, title="All requirements", owner=owner, body=body)
    before = {"approver": "Bench", "approved_on": "2026-01-01", "version": "1.0", "source": "bench"}
    adopt([Adoption(draft, "1.0", timezone.localdate(), before)], by=lead)
    return draft.document


def _answer(client: Any, audit: Audit) -> Taken:
    taken = Taken()
    for number in range(ANSWERS + 3):
        sent = {"value": "yes", "answer_id": str(uuid.uuid4()), "note": f"Seen {number}"}
        address = f"/audits/{audit.code}/run/q-{number * 7 % QUESTIONS}/answer/"
        if number < 3:  # a server that just started is cold
            client.post(address, sent, headers={"Accept": "application/json"})
            continue
        with timed(taken):
            answer = client.post(address, sent, headers={"Accept": "application/json"})
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")
    return taken


def _answer_the_rest(audit: Audit, lead: Any) -> None:
    known = set(Answer.objects.filter(audit=audit).values_list("question_key", flat=True))
    Answer.objects.bulk_create(
        Answer(
            audit=audit,
            question_key=key,
            question_version=audit.checklist_version,
            value="yes",
            outcome="passed",
            answered_by=lead,
        )
        for key in checklist_of(audit.checklist_version).questions
        if key not in known
    )


def _many_actions(lead: Any, owner: Any) -> None:
    """Actions as many as ten years of 50,000 people leave behind; most are verified long ago."""
    template = Action.agree(by=lead, title="Bench action", owner=owner, due_on=timezone.localdate() + timedelta(days=9))
    names = [field.column for field in Action._meta.concrete_fields if field.column != "id"]
    changed = {
        "code": "'BENCH-' || n",
        "title": "'Bench action ' || n",
        "first_due_on": "first_due_on - mod(n, 3650)",
        "due_on": "due_on - mod(n, 3650)",
        "state": "CASE WHEN mod(n, 20) = 0 THEN 'open' ELSE 'verified' END",
        "done_at": "now()",
        "verified_at": "now()",
        "verified_by_id": "CASE WHEN mod(n, 20) = 0 THEN NULL ELSE verifier_id END",
        "audience_keys": "CASE WHEN mod(n, 50) = 0 THEN ARRAY['department:1'] ELSE ARRAY['everyone'] END",
    }
    columns, values = ", ".join(names), ", ".join(changed.get(name, name) for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO actions_action ({columns}) SELECT {values}
                FROM actions_action, generate_series(1, %s) n WHERE id = %s
                ON CONFLICT (code) DO NOTHING""",  # noqa: S608 - the model's own columns
            [ACTIONS, template.pk],
        )
        cursor.execute("ANALYZE actions_action")
