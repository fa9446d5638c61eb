"""Going on with a finding when the last of its actions is verified: it closes, or its effectiveness check begins."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from audits.lifecycle import FindingState
from audits.models import Finding
from audits.receivers_of_findings import is_ready
from core import jobs
from core.jobs import Work


@jobs.runs("audits.follow_finding", label=_("Following up a finding"))
def follow_finding(work: Work) -> dict[str, Any]:
    """Twice is once: the state says whether there is anything left to do."""
    finding = Finding.objects.filter(pk=work.arguments["finding"]).first()
    if finding is not None and work.by is not None:
        go_on(finding, by=work.by)
    return {}


def go_on(finding: Finding, *, by: Any) -> None:
    """Take the next move in the name of who verified the last action, if that is theirs to take; else the auditors
    are asked."""
    if (
        finding.state != FindingState.AGREED
        or not is_ready(finding)
        or not by.has_perm("audits.judge_finding", finding)
    ):
        return
    if not finding.needs_effectiveness:
        finding.move("close", by=by, comment=str(_("All actions are verified.")))
    elif finding.cause and finding.check_what and finding.check_on and finding.judge_id:
        finding.move("check", by=by)
