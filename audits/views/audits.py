"""Planning audits, their pages and their teams."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _t

from audits.answering import Progress, progress
from audits.asked import checklist_of
from audits.audit_forms import AuditForm, TeamForm
from audits.models import Audit
from audits.planning import plan_audit
from audits.scoring import score_of
from audits.team import Conflicted, conflict_words, join, lead_by, leave
from core.lifecycle import NotAllowed, Refused
from core.pages.kind import RecordPageView
from core.pages.kind.base import RecordView
from core.pages.kind.writing import FormPage, RecordCreateView
from core.views import say


class AuditPageView(RecordPageView):
    """Where the audit stands: team, progress, score, findings, reports."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        audit, person = self.record, self.request.user
        how_far = progress(audit) if audit.checklist_version_id else None
        return super().get_context_data(
            audit=audit,
            team=[(member, conflict_words(member)) for member in audit.team()],
            how_far=how_far,
            sections=_sections(audit, how_far) if how_far else [],
            score=score_of(audit) if how_far and how_far.answered else None,
            findings=list(audit.findings.visible_to(person).with_people()),
            reports=list(audit.reports.prefetch_related("signatures__by")),
            may_answer=audit.is_answerable and person.has_perm("audits.answer_audit", audit),
            may_change_team=audit.state in ("planned", "running", "reporting")
            and person.has_perm("audits.change_audit", audit),
            may_report=person.has_perm("audits.report_audit", audit) and audit.state in ("reporting", "closed"),
            **context,
        )


def _sections(audit: Audit, how_far: Progress) -> list[dict[str, Any]]:
    """Title, answered and total of each section that applies, for the page."""
    rows = []
    for section in checklist_of(audit.checklist_version).sections:
        shown = [one for one in how_far.shown if one.section == section.key]
        failed = sum(how_far.outcomes.get(one.key) == "failed" for one in shown)
        answered = sum(one.key in how_far.outcomes for one in shown)
        if shown:
            rows.append({"section": section, "answered": answered, "total": len(shown), "failed": failed})
    return rows


class AuditCreateView(RecordCreateView):
    """Plan an audit. Who is not independent is refused here, by name and reason."""

    def get_form(self, *sent: Any) -> AuditForm:
        return AuditForm(*(sent[:1] or (None,)), initial={"lead": self.request.user}, person=self.request.user)

    def save(self, form: AuditForm) -> str:
        data = dict(form.cleaned_data)
        reason = data.pop("override_reason")
        people = [data["lead"], *data["team"]]
        overrides = {person.pk: reason for person in people} if reason else {}
        audit = plan_audit(by=self.request.user, overrides=overrides, **data)
        say(self.request, _t("%(code)s is planned.") % {"code": audit.code})
        return self.kind.address(audit)

    def show_refusal(self, form: AuditForm, refusal: Refused) -> HttpResponse:
        form.add_error("team" if isinstance(refusal, Conflicted) else None, str(refusal.message))
        return self.show(form, status=422)


class TeamView(RecordView, FormPage):
    """The team of an audit; another auditor joins, or leads."""

    verb = "join"

    def get_template_name(self) -> str:
        return "audits/team.html"

    def refused_record(self) -> Any:
        return self.record

    def refuse_unless_allowed(self) -> None:
        if not self.request.user.has_perm("audits.change_audit", self.record):
            raise NotAllowed(_t("You may not change the team of this audit."))

    def get_form(self, *sent: Any) -> TeamForm:
        return TeamForm(*(sent[:1] or (None,)))

    def save(self, form: TeamForm) -> str:
        data = form.cleaned_data
        enter = lead_by if data["leads"] else join
        enter(self.record, data["person"], by=self.request.user, override_reason=data["override_reason"])
        say(self.request, _t("%(name)s is on the team.") % {"name": data["person"]})
        return self.kind.address(self.record, "team")

    def show_refusal(self, form: TeamForm, refusal: Refused) -> HttpResponse:
        form.add_error("person" if isinstance(refusal, Conflicted) else None, str(refusal.message))
        return self.show(form, status=refusal.status)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        team = [(member, conflict_words(member)) for member in self.record.team()]
        return super().get_context_data(
            heading=_t("Audit team"), cancel=self.kind.address(self.record), team=team, audit=self.record, **context
        )


class LeaveTeamView(RecordView):
    """Take an auditor off the team."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, member: int, **kwargs: Any) -> HttpResponse:
        if member > 2**31:
            raise Http404
        found = get_object_or_404(self.record.members.select_related("person"), person=member, left_at=None)
        leave(self.record, found.person, by=request.user)
        say(request, _t("%(name)s left the team.") % {"name": found.person})
        return redirect(self.kind.address(self.record, "team"))
