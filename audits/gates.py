"""The stages of a finding, as its page shows them in a row."""

from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from actions.lifecycle import State as ActionState
from audits.models import Finding
from core.moments import exact_words, local


def gates_of(finding: Finding, actions: list[Any]) -> list[dict[str, Any]]:
    """Label, note and step ("done", "now" or empty) of each stage."""
    live = [one for one in actions if one.state != ActionState.CANCELLED]
    verified = sum(one.state == ActionState.VERIFIED for one in live)
    stages = [
        (_t("Published"), _day(finding.published_at), finding.published_at is not None),
        (_t("Commitment"), _commitment(finding), finding.state not in ("draft", "open")),
        (
            _t("Actions"),
            ngettext("%(done)s of %(n)s verified", "%(done)s of %(n)s verified", len(live))
            % {"done": verified, "n": len(live)}
            if live
            else _t("None yet"),
            finding.state in ("checking", "closed", "no_action"),
        ),
    ]
    if finding.needs_effectiveness:
        note = finding.get_verdict_display() or (
            _t("Check on %(day)s") % {"day": exact_words(finding.check_on)} if finding.check_on else _t("Not planned")
        )
        stages.append((_t("Effective?"), note, finding.state == "closed"))
    stages.append((_t("Closed"), _day(finding.closed_at), finding.state in ("closed", "no_action")))
    return _marked(stages)


def _marked(stages: list[tuple[str, str, bool]]) -> list[dict[str, Any]]:
    """The first stage that is not done is where it stands now."""
    gates, is_before = [], True
    for label, note, is_done in stages:
        step = "done" if is_done and is_before else ("now" if is_before else "")
        is_before = is_before and is_done
        gates.append({"label": label, "note": note, "step": step})
    return gates


def _day(moment: Any) -> str:
    return exact_words(local(moment).date()) if moment else "–"


def _commitment(finding: Finding) -> str:
    if finding.accepted_by_owner_id and finding.accepted_by_auditor_id:
        return _t("Accepted by both")
    if finding.accepted_by_owner_id:
        return _t("Waits for the auditor")
    if finding.accepted_by_auditor_id:
        return _t("Waits for the owner")
    return _t("Not yet")
