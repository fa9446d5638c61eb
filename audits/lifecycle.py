"""The states of audits and findings, and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.lifecycle import Move


class AuditState(models.TextChoices):
    """From the plan to the signed report."""

    PLANNED = "planned", _("Planned")
    RUNNING = "running", _("Running")
    REPORTING = "reporting", _("Reporting")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


UNFINISHED_AUDITS = (AuditState.PLANNED, AuditState.RUNNING, AuditState.REPORTING)

AUDIT_MOVES = (
    Move("start", {AuditState.PLANNED}, AuditState.RUNNING, "audits.lead_audit", _("Start audit"), icon="arrow-right"),
    Move(
        "report",
        {AuditState.RUNNING},
        AuditState.REPORTING,
        "audits.lead_audit",
        _("Finish answering"),
        icon="check",
    ),
    Move(
        "resume",
        {AuditState.REPORTING},
        AuditState.RUNNING,
        "audits.lead_audit",
        _("Go back to answering"),
        needs_reason=True,
        icon="undo",
    ),
    Move("close", {AuditState.REPORTING}, AuditState.CLOSED, "audits.sign_report", _("Close audit"), icon="sign"),
    Move(
        "cancel",
        {*UNFINISHED_AUDITS},
        AuditState.CANCELLED,
        "audits.lead_audit",
        _("Cancel audit"),
        needs_reason=True,
        icon="x-circle",
        style="danger",
    ),
)


class FindingState(models.TextChoices):
    """What is asserted is published once; what is done about it moves on."""

    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    AGREED = "agreed", _("Agreed")
    CHECKING = "checking", _("Effectiveness check")
    CLOSED = "closed", _("Closed")
    NO_ACTION = "no_action", _("No action needed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


UNFINISHED_FINDINGS = (FindingState.OPEN, FindingState.AGREED, FindingState.CHECKING)

FINDING_MOVES = (
    Move("publish", {FindingState.DRAFT}, FindingState.OPEN, "audits.assert_finding", _("Publish"), icon="send"),
    Move("agree", {FindingState.OPEN}, FindingState.AGREED, "audits.accept_finding", _("Agree"), icon="sign"),
    Move(
        "disagree",
        {FindingState.AGREED, FindingState.CHECKING},
        FindingState.OPEN,
        "audits.respond_to_finding",
        _("Change the commitment"),
        needs_reason=True,
        icon="undo",
    ),
    Move(
        "check",
        {FindingState.AGREED},
        FindingState.CHECKING,
        "audits.judge_finding",
        _("Start effectiveness check"),
        icon="gauge",
    ),
    Move(
        "close",
        {FindingState.AGREED, FindingState.CHECKING},
        FindingState.CLOSED,
        "audits.judge_finding",
        _("Close finding"),
        icon="check",
    ),
    Move(
        "reopen",
        {FindingState.CHECKING, FindingState.CLOSED, FindingState.NO_ACTION},
        FindingState.OPEN,
        "audits.judge_finding",
        _("Reopen"),
        needs_reason=True,
        icon="undo",
    ),
    Move(
        "no_action",
        {FindingState.OPEN},
        FindingState.NO_ACTION,
        "audits.judge_finding",
        _("No action needed"),
        needs_reason=True,
        icon="minus",
    ),
    Move(
        "withdraw",
        {FindingState.DRAFT, FindingState.OPEN},
        FindingState.WITHDRAWN,
        "audits.assert_finding",
        _("Withdraw"),
        needs_reason=True,
        icon="archive",
        style="danger",
    ),
)
