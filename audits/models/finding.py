from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from actions.lifecycle import UNFINISHED as UNFINISHED_ACTIONS
from actions.lifecycle import State as ActionState
from actions.models import Action
from audits.lifecycle import FINDING_MOVES, UNFINISHED_FINDINGS, FindingState
from audits.models.answer import Answer
from audits.models.audit import Audit
from audits.models.settings import AuditSettings, Grade
from audits.querysets import FindingQuerySet
from audits.signals import follow_up
from core import catalog
from core.ledger import record_line
from core.lifecycle import LifecycleModel, Move, NotAllowed, Refused
from core.permissions import opens
from documents.models import Part, Version
from documents.moments import months_after
from people.models import OwnedHistory, OwnedRecord
from processes.models import Process

MAX_TEXT = 20_000

# The half that an auditor asserts; each publication keeps it in a revision.
ASSERTED = ("title", "observation", "grade", "requirement", "recommendation")


class Finding(LifecycleModel, OwnedRecord):
    """One finding: what was asserted, published in revisions that stay, and what its owner does about it."""

    class Verdict(models.TextChoices):
        EFFECTIVE = "effective", _("Effective")
        INEFFECTIVE = "ineffective", _("Ineffective")
        INCONCLUSIVE = "inconclusive", _("Inconclusive")

    MOVES = FINDING_MOVES

    state = models.CharField(_("state"), max_length=20, choices=FindingState.choices, default=FindingState.DRAFT)

    # Where it was found, each as the version that was looked at.
    audit = models.ForeignKey(Audit, models.PROTECT, null=True, blank=True, related_name="findings")
    question_key = models.CharField(max_length=255, blank=True, editable=False)
    question_words = models.CharField(max_length=300, blank=True, editable=False)
    answer = models.ForeignKey(Answer, models.PROTECT, null=True, editable=False, related_name="findings")
    process = models.ForeignKey(
        Process, models.PROTECT, null=True, blank=True, related_name="findings", verbose_name=_("process")
    )
    step = models.ForeignKey(Part, models.PROTECT, null=True, editable=False, related_name="findings_of_step")
    step_version = models.ForeignKey(Version, models.PROTECT, null=True, editable=False, related_name="+")
    element = models.ForeignKey(Part, models.PROTECT, null=True, editable=False, related_name="findings_of_element")
    element_version = models.ForeignKey(Version, models.PROTECT, null=True, editable=False, related_name="+")

    # What is asserted.
    observation = models.TextField(_("what was seen"))
    grade = models.ForeignKey(Grade, models.PROTECT, related_name="findings", verbose_name=_("grade"))
    requirement = models.ForeignKey(
        "audits.Requirement",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="findings",
        verbose_name=_("requirement"),
    )
    recommendation = models.TextField(_("recommendation"), blank=True)
    published_at = models.DateTimeField(null=True, editable=False)
    repeats = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="repeated_by")

    # What is done about it.
    cause = models.TextField(_("cause"), blank=True)
    response = models.TextField(_("commitment"), blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    accepted_by_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    accepted_by_owner_at = models.DateTimeField(null=True, editable=False)
    accepted_by_auditor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    accepted_by_auditor_at = models.DateTimeField(null=True, editable=False)
    closing_reason = models.TextField(blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)

    # The proof that it worked.
    check_what = models.TextField(_("how effectiveness is checked"), blank=True)
    check_on = models.DateField(_("checked on"), null=True, blank=True)
    judge = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="findings_to_judge",
        verbose_name=_("judged by"),
    )
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict.choices, blank=True, editable=False)
    verdict_note = models.TextField(blank=True, editable=False)
    judged_at = models.DateTimeField(null=True, editable=False)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")

    objects = FindingQuerySet.as_manager()
    history = OwnedHistory()

    AUDIENCE_PREFETCH = ("audit__members", "process", "answer")

    class Meta(OwnedRecord.Meta):
        ordering = ["-id"]
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        default_permissions = ("add", "change")
        indexes = [
            *OwnedRecord.Meta.indexes,
            models.Index(fields=["state", "due_on", "id"], name="finding_state_due"),
            models.Index(
                fields=["owner", "due_on"], condition=Q(state__in=UNFINISHED_FINDINGS), name="unfinished_finding_of"
            ),
            models.Index(fields=["process", "requirement", "-published_at"], name="finding_of_requirement"),
            models.Index(fields=["process", "step", "-published_at"], name="finding_of_step"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["audit", "question_key"],
                condition=~Q(question_key="") & ~Q(state="withdrawn"),
                name="one_finding_from_a_question_of_an_audit",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by_owner=None)
                | Q(accepted_by_auditor=None)
                | ~Q(accepted_by_owner=F("accepted_by_auditor")),
                name="a_commitment_is_accepted_by_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("agreed", "checking"))
                | Q(accepted_by_owner__isnull=False, accepted_by_auditor__isnull=False, due_on__isnull=False),
                name="agreed_findings_have_a_commitment_with_a_date",
            ),
            models.CheckConstraint(
                condition=Q(judged_by=None) | ~Q(judged_by=F("owner")), name="nobody_judges_the_effect_of_own_work"
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("audits:finding-page", args=[self.code])

    # --- what it is like now ---------------------------------------------------------------------------

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED_FINDINGS

    @property
    def is_late(self) -> bool:
        day = self.check_on if self.state == FindingState.CHECKING else self.due_on
        return bool(self.is_unfinished and day and day < timezone.localdate())

    @property
    def shown_state(self) -> str:
        return "overdue" if self.is_late else f"finding_{self.state}"

    @property
    def needs_effectiveness(self) -> bool:
        return self.grade.needs_effectiveness

    def actions(self) -> Any:
        """The actions agreed because of it."""
        entry = catalog.entries_of(self).values("pk")[:1]
        return Action.objects.filter(source__in=entry)

    def unverified_actions(self) -> Any:
        return self.actions().filter(state__in=UNFINISHED_ACTIONS)

    # --- who may see it ----------------------------------------------------------------------------------

    def is_open_to_audience(self) -> bool:
        """A draft is for the auditors; what is published is for its audience."""
        return self.state != FindingState.DRAFT

    def working_keys(self) -> set[str]:
        keys = super().working_keys()
        if self.state == FindingState.DRAFT:
            keys -= {f"person:{self.owner_id}"} - {f"person:{self.created_by_id}"}
        return keys

    def extra_audience_keys(self) -> list[str]:
        people = [self.judge_id]
        if self.audit:
            people += [self.audit.lead_id, *(one.person_id for one in self.audit.members.all())]
            if self.state != FindingState.DRAFT:
                people.append(self.audit.owner_id)
        return [f"person:{pk}" for pk in people if pk]

    # --- asserting ----------------------------------------------------------------------------------------

    def asserted(self) -> dict[str, Any]:
        """The asserted half as it stands, for a revision."""
        return {name: getattr(self, name) for name in ASSERTED}

    def is_as_published(self) -> bool:
        """Whether what is asserted is what was published last."""
        last = self.revisions.order_by("-number").first()
        return last is not None and all(getattr(last, name) == value for name, value in self.asserted().items())

    def revise(self, *, by: Any, reason: str, **asserted: Any) -> "FindingRevision":
        """Publish another revision of a published finding. What was agreed on the old words is not agreed any more."""
        if not reason.strip():
            raise Refused(_t("Enter a reason."))
        if not by.has_perm("audits.assert_finding", self):
            raise NotAllowed(_t("Only the auditors change what was found."))
        if self.state not in (FindingState.OPEN, FindingState.AGREED):
            raise Refused(_t("What was found can no longer be changed: the finding is “%(state)s”.") % self._words())
        with transaction.atomic():
            if self.state == FindingState.AGREED:
                self.move("disagree", by=by, comment=reason)
            with self._changing() as finding:
                for name, value in asserted.items():
                    setattr(finding, name, value)
                if finding.is_as_published():
                    raise Refused(_t("Nothing was changed."))
                finding._forget_acceptance()
                finding.repeats = finding.find_repeated()
                finding.save(by=by, reason=reason)
                revision = finding._keep_revision(by=by, reason=reason)
                record_line(finding, "revised", by=by, reason=reason, data={"revision": revision.number})
        self.refresh_from_db()
        return revision

    def _keep_revision(self, *, by: Any, reason: str) -> "FindingRevision":
        number = 1 + (self.revisions.aggregate(last=models.Max("number"))["last"] or 0)
        return FindingRevision.objects.create(
            finding=self,
            number=number,
            published_at=timezone.now(),
            published_by=by,
            reason=reason,
            requirement_digest=self.requirement.digest if self.requirement else "",
            **self.asserted(),
        )

    def find_repeated(self) -> "Finding | None":
        """The last published finding on the same requirement or step of the same process, within the months set."""
        if self.process_id is None or not (self.requirement_id or self.step_id):
            return None
        since = months_after(timezone.localdate(), -AuditSettings.current().repeat_months)
        same = Q()
        if self.requirement_id:
            same |= Q(requirement=self.requirement_id)
        if self.step_id:
            same |= Q(step=self.step_id)
        earlier = Finding.objects.filter(same, process=self.process_id, published_at__date__gte=since)
        earlier = earlier.exclude(pk=self.pk).exclude(state=FindingState.WITHDRAWN).filter(grade__needs_response=True)
        if self.published_at:
            earlier = earlier.filter(published_at__lt=self.published_at)
        return earlier.order_by("-published_at").first()

    # --- the commitment ------------------------------------------------------------------------------------

    def commit(self, *, by: Any, response: str, due_on: date, cause: str = "", row_version: int | None = None) -> None:
        """Write what will be done and until when; whoever writes it accepts it, the other side has to again."""
        side = self._side_of(by)
        if not response.strip():
            raise Refused(_t("Say what will be done."))
        if due_on < timezone.localdate():
            raise Refused(_t("The due date has passed. Choose today or later."))
        with self._changing() as finding:
            finding._refuse_unless_open()
            if row_version is not None:
                finding.refuse_if_changed_since(row_version)
            if (finding.response, finding.due_on) != (response.strip(), due_on):
                finding._forget_acceptance()
            finding.response, finding.due_on = response.strip()[:MAX_TEXT], due_on
            finding.cause = cause.strip()[:MAX_TEXT]
            finding._accept_as(side, by)
            finding.save(by=by, reason="commitment")
            record_line(
                finding, "committed", by=by, reason=finding.response, data={"due": due_on.isoformat(), "as": side}
            )
        self._agree_when_both_have(by)

    def accept(self, *, by: Any, response: str, due_on: date) -> None:
        """Accept the commitment in the words and with the date that the person had before their eyes."""
        side = self._side_of(by)
        with self._changing() as finding:
            finding._refuse_unless_open()
            if not finding.response:
                raise Refused(_t("There is no commitment yet."))
            if (finding.response, finding.due_on) != (response, due_on):
                raise Refused(_t("The commitment was changed since you opened the page. Read it again."))
            if getattr(finding, f"accepted_by_{side}_id") == by.pk:
                return
            finding._accept_as(side, by)
            finding.save(by=by, reason="accepted the commitment")
            record_line(finding, "accepted", by=by, data={"due": due_on.isoformat(), "as": side})
        self._agree_when_both_have(by)

    def is_for_owner(self, person: Any) -> bool:
        """Whether the person answers for the finding, or stands in for who does."""
        return self.owner_id is not None and opens([f"person:{self.owner_id}"], person)

    def is_for_auditor(self, person: Any) -> bool:
        """Whether the person speaks for the auditors: on the team, or who wrote it without an audit."""
        if self.owner_id == person.pk:
            return False
        if self.audit_id:
            return self.audit.has_auditor(person)
        return person.pk == self.created_by_id or person.has_perm("audits.change_finding")

    def _side_of(self, by: Any) -> str:
        if by.has_perm("audits.respond_to_finding", self):
            if self.is_for_owner(by):
                return "owner"
            if self.is_for_auditor(by):
                return "auditor"
        raise NotAllowed(_t("Only the owner and the auditors agree on what will be done."))

    def _refuse_unless_open(self) -> None:
        if self.state != FindingState.OPEN:
            raise Refused(_t("The commitment cannot be changed now: the finding is “%(state)s”.") % self._words())

    def _words(self) -> dict[str, Any]:
        return {"state": self.get_state_display()}

    def _accept_as(self, side: str, by: Any) -> None:
        other = "auditor" if side == "owner" else "owner"
        if getattr(self, f"accepted_by_{other}_id") == by.pk:
            raise NotAllowed(_t("Two people accept a commitment. You accepted it for the other side."))
        setattr(self, f"accepted_by_{side}", by)
        setattr(self, f"accepted_by_{side}_at", timezone.now())

    def forget_acceptance(self, *, by: Any) -> None:
        """After another person answers for it: both sides accept again."""
        if self.accepted_by_owner_id or self.accepted_by_auditor_id:
            self._forget_acceptance()
            self.save(by=by, reason="accepted by nobody any more")

    def _forget_acceptance(self) -> None:
        for side in ("owner", "auditor"):
            setattr(self, f"accepted_by_{side}", None)
            setattr(self, f"accepted_by_{side}_at", None)

    def _agree_when_both_have(self, by: Any) -> None:
        self.refresh_from_db()
        if self.state == FindingState.OPEN and self.accepted_by_owner_id and self.accepted_by_auditor_id:
            self.move("agree", by=by)

    # --- effectiveness ----------------------------------------------------------------------------------------

    def plan_check(self, *, by: Any, what: str, on: date, judge: Any) -> None:
        """Say how, when and by whom it is judged whether what was done works."""
        if not by.has_perm("audits.plan_check", self):
            raise NotAllowed(_t("Only the auditors plan the effectiveness check."))
        if not what.strip():
            raise Refused(_t("Say what shows that it works."))
        if judge.pk == self.owner_id or not judge.is_active:
            raise Refused(_t("Choose somebody else than the owner to judge it."))
        if on < timezone.localdate():
            raise Refused(_t("The date of the check has passed. Choose today or later."))
        with self._changing() as finding:
            if finding.state not in (FindingState.OPEN, FindingState.AGREED, FindingState.CHECKING):
                raise Refused(_t("The check cannot be planned now: the finding is “%(state)s”.") % self._words())
            finding.check_what, finding.check_on, finding.judge = what.strip()[:MAX_TEXT], on, judge
            finding.save(by=by, reason="planned the effectiveness check")
            record_line(
                finding,
                "check_planned",
                by=by,
                reason=finding.check_what,
                data={"on": on.isoformat(), "to": str(judge)},
            )
        self.refresh_from_db()

    def judge_effect(self, verdict: str, *, by: Any, note: str, again_on: date | None = None) -> None:
        """Say whether what was done works: effective closes it, ineffective reopens it, else it is checked again."""
        if verdict == self.Verdict.EFFECTIVE:
            self.move("close", by=by, verdict=verdict, comment=note)
        elif verdict == self.Verdict.INEFFECTIVE:
            self.move("reopen", by=by, verdict=verdict, comment=note)
        else:
            self._check_again(by=by, note=note, on=again_on)

    def _check_again(self, *, by: Any, note: str, on: date | None) -> None:
        if not note.strip():
            raise Refused(_t("Say why nothing can be said yet."))
        if on is None or on <= timezone.localdate():
            raise Refused(_t("Choose the day on which it is checked again."))
        with self._changing() as finding:
            finding._refuse_unless_judge(by)
            finding.verdict, finding.verdict_note = self.Verdict.INCONCLUSIVE, note.strip()[:MAX_TEXT]
            finding.judged_at, finding.judged_by, finding.check_on = timezone.now(), by, on
            finding.save(by=by, reason="inconclusive")
            record_line(finding, "judged", by=by, reason=note, data={"verdict": finding.verdict, "on": on.isoformat()})
        self.refresh_from_db()

    def _refuse_unless_judge(self, by: Any) -> None:
        if self.state != FindingState.CHECKING:
            raise Refused(_t("The effectiveness must be checked before this finding is closed."))
        if self.judge_id != by.pk:
            raise NotAllowed(_t("%(name)s judges the effectiveness.") % {"name": self.judge})
        if self.actions().filter(owner_ids__contains=[by.pk]).exists():
            raise NotAllowed(_t("You had one of its actions. Let somebody else judge it."))

    # --- moving ------------------------------------------------------------------------------------------------

    def check_move(self, move: Move, *, by: Any, **facts: Any) -> None:
        check = getattr(self, f"_check_{move.name}", None)
        if check:
            check(by=by, **facts)

    def _check_publish(self, **facts: Any) -> None:
        if not self.observation.strip():
            raise Refused(_t("Say what you saw."))
        if self.grade.needs_response and self.owner_id is None:
            raise Refused(_t("Choose who answers for it."))

    def _check_agree(self, **facts: Any) -> None:
        if not (self.accepted_by_owner_id and self.accepted_by_auditor_id):
            raise Refused(_t("Both the owner and an auditor must accept the commitment first."))

    def _check_check(self, **facts: Any) -> None:
        self._refuse_unfinished_work()
        if not self.needs_effectiveness:
            raise Refused(_t("A finding of this grade needs no effectiveness check. Close it."))
        if not self.cause.strip():
            raise Refused(_t("Enter the cause first."))
        if not (self.check_what and self.check_on and self.judge_id):
            raise Refused(_t("Say first what is checked, when, and who judges it."))

    def _check_close(self, *, by: Any, verdict: str = "", comment: str = "", **facts: Any) -> None:
        if not self.needs_effectiveness:
            self._refuse_unfinished_work()
            return
        self._refuse_unless_judge(by)
        if verdict != self.Verdict.EFFECTIVE:
            raise Refused(_t("Only what is effective is closed."))
        if not comment.strip():
            raise Refused(_t("Say what shows that it works."))

    def _check_reopen(self, *, by: Any, verdict: str = "", **facts: Any) -> None:
        if self.state == FindingState.CHECKING:
            self._refuse_unless_judge(by)
            if verdict != self.Verdict.INEFFECTIVE:
                raise Refused(_t("Only what is ineffective is reopened. Choose another verdict."))

    def _refuse_unfinished_work(self) -> None:
        unfinished = list(self.unverified_actions().values_list("code", flat=True))
        if unfinished:
            raise Refused(_t("%(codes)s must be verified first.") % {"codes": ", ".join(unfinished)})
        if not self.actions().filter(state=ActionState.VERIFIED).exists():
            raise Refused(_t("There is no verified action yet. Add one, or say why no action is needed."))

    def _check_no_action(self, **facts: Any) -> None:
        if self.needs_effectiveness:
            raise Refused(_t("A finding of this grade needs an action."))
        if self.unverified_actions().exists():
            raise Refused(_t("Actions are open. Cancel them first."))

    def _check_withdraw(self, **facts: Any) -> None:
        if self.unverified_actions().exists():
            raise Refused(_t("Actions are open. Cancel them first."))

    def apply_move(self, move: Move, *, by: Any, **facts: Any) -> dict[str, Any]:
        return getattr(self, f"_on_{move.name}", lambda **_facts: {})(by=by, **facts)

    def _on_publish(self, *, by: Any, comment: str = "", **facts: Any) -> dict[str, Any]:
        self.published_at = timezone.now()
        self.repeats = self.find_repeated()
        if self.due_on is None and self.grade.needs_response:
            self.due_on = timezone.localdate() + timedelta(days=AuditSettings.current().respond_days)
        revision = self._keep_revision(by=by, reason=comment)
        return {"revision": revision.number, "repeats": self.repeats.code if self.repeats else ""}

    def _on_disagree(self, **facts: Any) -> dict[str, Any]:
        self._forget_acceptance()
        return {}

    def _on_close(self, *, by: Any, verdict: str = "", comment: str = "", **facts: Any) -> dict[str, Any]:
        self.closed_at, self.closing_reason = timezone.now(), comment.strip()[:MAX_TEXT]
        if not self.needs_effectiveness:
            return {}
        self.verdict, self.verdict_note = verdict, self.closing_reason
        self.judged_at, self.judged_by = self.closed_at, by
        return {"verdict": verdict}

    def _on_reopen(self, *, by: Any, verdict: str = "", comment: str = "", **facts: Any) -> dict[str, Any]:
        self._forget_acceptance()
        self.closed_at = None
        if verdict:
            self.verdict, self.verdict_note = verdict, comment.strip()[:MAX_TEXT]
            self.judged_at, self.judged_by = timezone.now(), by
        return {"verdict": verdict}

    def _on_no_action(self, *, comment: str = "", **facts: Any) -> dict[str, Any]:
        self.closed_at, self.closing_reason = timezone.now(), comment.strip()[:MAX_TEXT]
        return {}

    @contextmanager
    def _changing(self) -> Iterator["Finding"]:
        """The finding as locked; what is done with it is announced when it is saved."""
        with transaction.atomic():
            finding = self.locked()
            yield finding
            follow_up.send(sender=Finding, finding=finding)


class FindingRevision(models.Model):
    """What was asserted when a finding was published, word for word. Never changed."""

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300)
    observation = models.TextField()
    grade = models.ForeignKey(Grade, models.PROTECT, related_name="+")
    requirement = models.ForeignKey("audits.Requirement", models.PROTECT, null=True, related_name="+")
    # The words of the requirement at that time, by their hash (Requirement.digest).
    requirement_digest = models.CharField(max_length=64, blank=True)
    recommendation = models.TextField(blank=True)
    published_at = models.DateTimeField(default=timezone.now, editable=False)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["finding", "number"], name="one_revision_of_a_number_per_finding")
        ]

    def __str__(self) -> str:
        return f"{self.finding_id} r{self.number}"
