"""What somebody who leaves holds of audits and findings."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from audits.models import Audit, Finding
from audits.receivers_of_findings import ask_about
from core.ledger import record_line
from people.leaving import Held, Holding, in_sight
from people.models import Person


def _led(person: Person, seen_by: Any) -> list[Held]:
    audits = in_sight(Audit.objects.all(), seen_by).unfinished().filter(lead=person)
    return [Held(one.title, one.get_absolute_url(), one.code) for one in audits]


def _findings(seen_by: Any, **mine: Any) -> QuerySet[Finding]:
    return in_sight(Finding.objects.all(), seen_by).unfinished().filter(**mine).select_related("grade", "audit")


def _owned(person: Person, seen_by: Any) -> list[Held]:
    return [Held(one.title, one.get_absolute_url(), one.code) for one in _findings(seen_by, owner=person)]


def _judged(person: Person, seen_by: Any) -> list[Held]:
    return [Held(one.title, one.get_absolute_url(), one.code) for one in _findings(seen_by, judge=person)]


def _give(findings: QuerySet[Finding], role: str, other: str, *, to: Person, by: Any) -> int:
    moved = 0
    for finding in findings:
        if getattr(finding, f"{other}_id") == to.pk or to.pk == finding.accepted_by_auditor_id:
            continue
        before = getattr(finding, role)
        setattr(finding, role, to)
        finding.save(by=by, reason="handed over")
        record_line(finding, f"{role}_changed", by=by, data={"from": str(before), "to": str(to)})
        ask_about(finding)
        moved += 1
    return moved


def _give_owned(person: Person, *, to: Person, by: Any) -> int:
    return _give(_findings(None, owner=person), "owner", "judge", to=to, by=by)


def _give_judged(person: Person, *, to: Person, by: Any) -> int:
    return _give(_findings(None, judge=person), "judge", "owner", to=to, by=by)


HOLDINGS = (
    Holding("audits", _("Audits they lead"), _led, None, 40),  # another lead must be independent: chosen on its page
    Holding("findings", _("Findings they answer for"), _owned, _give_owned, 41),
    Holding("judgements", _("Effectiveness checks they judge"), _judged, _give_judged, 42),
)
