from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from audits.lifecycle import AUDIT_MOVES, AuditState
from audits.querysets import AuditQuerySet
from core.lifecycle import LifecycleModel, Move, Refused
from documents.models import Document, Version
from people.models import Department, OwnedHistory, OwnedRecord
from processes.models import Process


class Audit(LifecycleModel, OwnedRecord):
    """One audit: what is looked at against which criteria, by whom, with which version of a checklist.

    Its owner answers for what is audited and signs the report beside the lead auditor.
    """

    class Kind(models.TextChoices):
        INTERNAL = "internal", _("Internal audit")
        SELF_CHECK = "self_check", _("Self-check")

    MOVES = AUDIT_MOVES

    kind = models.CharField(_("type"), max_length=12, choices=Kind.choices, default=Kind.INTERNAL)
    state = models.CharField(_("state"), max_length=20, choices=AuditState.choices, default=AuditState.PLANNED)
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="led_audits", verbose_name=_("lead auditor")
    )
    criteria = models.TextField(_("criteria"), blank=True, help_text=_("What is audited against"))
    purpose = models.TextField(_("purpose"), blank=True)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    processes = models.ManyToManyField(Process, blank=True, related_name="audits", verbose_name=_("processes"))
    departments = models.ManyToManyField(Department, blank=True, related_name="audits", verbose_name=_("departments"))
    checklist = models.ForeignKey(
        Document, models.PROTECT, related_name="audits", verbose_name=_("checklist"), null=True, blank=True
    )
    # The version that was effective when the audit started; all answers are answers to it.
    checklist_version = models.ForeignKey(
        Version, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    question_count = models.PositiveIntegerField(default=0, editable=False)
    summary = models.TextField(_("summary"), blank=True)
    unanswered_reason = models.TextField(_("why questions stay unanswered"), blank=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)

    objects = AuditQuerySet.as_manager()
    history = OwnedHistory(m2m_fields=["processes", "departments"])

    AUDIENCE_PREFETCH = ("members",)

    class Meta(OwnedRecord.Meta):
        ordering = ["-starts_on", "-id"]
        verbose_name = _("audit")
        verbose_name_plural = _("audits")
        default_permissions = ("add", "change")
        indexes = [
            *OwnedRecord.Meta.indexes,
            models.Index(fields=["-starts_on", "-id"], name="audit_recent"),
            models.Index(fields=["checklist", "-started_at"], name="audit_of_checklist"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="audit_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(state__in=("planned", "cancelled")) | Q(checklist_version__isnull=False),
                name="running_audits_have_a_pinned_checklist",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("audits:audit-page", args=[self.code])

    @property
    def is_self_check(self) -> bool:
        return self.kind == self.Kind.SELF_CHECK

    @property
    def is_answerable(self) -> bool:
        return self.state == AuditState.RUNNING

    @property
    def is_late(self) -> bool:
        return self.state in (AuditState.PLANNED, AuditState.RUNNING) and self.ends_on < timezone.localdate()

    # --- who works on it -----------------------------------------------------------------------------

    def team(self) -> Any:
        """Who audits now, the lead first."""
        members = self.members.filter(left_at=None).select_related("person", "override_by")
        return sorted(members, key=lambda one: (one.person_id != self.lead_id, one.pk))

    def has_auditor(self, person: Any) -> bool:
        """Whether the person is on the team now."""
        return self.members.filter(person=person, left_at=None).exists()

    def extra_audience_keys(self) -> list[str]:
        return [f"person:{self.lead_id}", *(f"person:{one.person_id}" for one in self.members.all())]

    # --- moving ----------------------------------------------------------------------------------------

    def check_move(self, move: Move, *, by: Any, **facts: Any) -> None:
        check = getattr(self, f"_check_{move.name}", None)
        if check:
            check(by=by, **facts)

    def _check_start(self, *, version: Version | None = None, **facts: Any) -> None:
        if version is None:
            raise Refused(_t("Choose a checklist with an effective version before the audit starts."))
        if version.document_id != self.checklist_id or version.shown_state != "effective":
            raise Refused(_t("The checklist has no effective version now. Choose another one."))

    def _check_report(self, *, unanswered: int = 0, comment: str = "", **facts: Any) -> None:
        if unanswered and not comment.strip():
            raise Refused(
                _t("%(n)s questions are unanswered. Answer them, or say why they stay unanswered.") % {"n": unanswered}
            )

    def _check_resume(self, **facts: Any) -> None:
        if self.reports.filter(signatures__isnull=False).exists():
            raise Refused(_t("The report is signed already. Write an addendum instead."))

    def _check_close(self, *, report: Any = None, **facts: Any) -> None:
        if report is None or report.audit_id != self.pk or report.waits_for():
            raise Refused(_t("The report must be signed by the lead auditor and the owner first."))

    def apply_move(self, move: Move, *, by: Any, **facts: Any) -> dict[str, Any]:
        return getattr(self, f"_on_{move.name}", lambda **_facts: {})(by=by, **facts)

    def _on_start(self, *, version: Version, question_count: int, **facts: Any) -> dict[str, Any]:
        self.checklist_version, self.question_count = version, question_count
        self.started_at = timezone.now()
        return {"checklist": version.code, "questions": question_count}

    def _on_report(self, *, comment: str = "", **facts: Any) -> dict[str, Any]:
        self.finished_at, self.unanswered_reason = timezone.now(), comment.strip()
        return {}

    def _on_close(self, *, report: Any, **facts: Any) -> dict[str, Any]:
        self.closed_at = timezone.now()
        return {"report": report.sha256}


class AuditMember(models.Model):
    """One person on the team of an audit, with what spoke against them and who decided otherwise."""

    audit = models.ForeignKey(Audit, models.CASCADE, related_name="members")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="audit_memberships")
    joined_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(null=True, blank=True)
    # What was found of their independence when they joined, in words; empty where nothing was.
    conflicts = models.JSONField(default=list)
    override_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    override_reason = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["audit", "person"], condition=Q(left_at=None), name="one_place_on_a_team_for_each_person"
            ),
            models.CheckConstraint(
                condition=Q(conflicts=[]) | (Q(override_by__isnull=False) & ~Q(override_reason="")),
                name="conflicted_auditors_have_an_override_with_name_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(override_by=None) | ~Q(override_by=F("person")), name="nobody_overrides_for_themself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}"
