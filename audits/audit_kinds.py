"""Audits and findings as kinds of record: lists, pages, forms, export and API come from the kit."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views import View

from audits.audit_forms import (
    CancelForm,
    CloseFindingForm,
    FindingRecordForm,
    ReportForm,
    StartForm,
)
from audits.lifecycle import FindingState
from audits.models import Audit, Finding, Grade
from audits.receivers_of_findings import ask_about
from audits.signals import written
from audits.views import audits as audit_views
from audits.views import findings as finding_views
from audits.views import reports as report_views
from core.bulk import BulkAction
from core.event_words import EventWords
from core.kinds import Fact
from core.kinds.changes import FactChange
from core.kinds.forms import MoveForm, RecordForm
from core.kinds.value_types import LongTextType, RelatedType
from core.lifecycle import Move
from core.templatetags.ui import due, mark, state
from people.fields import written as written_person
from people.kinds import OwnedFilter, OwnedKind
from people.leaving import Held
from people.models import Person

Route = tuple[str, str, type[View]]


class ShownState(Fact):
    """The state as people are shown it: what is late says so."""

    def html(self, record: Any, person: Any) -> SafeString:
        return state(record.shown_state)


class GradeType(RelatedType):
    """A grade, whose name everybody may know."""

    may_be_hidden = False
    is_filtered = True

    def filter_field(self, label: Any, *, person: Any) -> forms.Field:
        return forms.ModelChoiceField(label=label, required=False, queryset=Grade.objects.all(), empty_label=_("Any"))


class GradeFact(Fact):
    """How serious it is."""

    def html(self, record: Any, person: Any) -> SafeString:
        return mark(record.grade.label, record.grade.icon, record.grade.tone)


class DueFact(Fact):
    """When it is due; of what is unfinished, how long that is."""

    def html(self, record: Any, person: Any) -> SafeString:
        value = getattr(record, self.name)
        return due(value, plain=True) if value and record.is_unfinished else super().html(record, person)


class NotHandedOver(OwnedKind):
    """What somebody leaves is handed over by audits/leaving.py, with the rules of this app."""

    def held_by(self, person: Person, seen_by: Any) -> list[Held]:
        return []

    def hand_over(self, person: Person, *, to: Person, by: Any) -> int:
        return 0

    def bulk_actions(self) -> Sequence[BulkAction]:
        return [one for one in super().bulk_actions() if one.name != "set-owner"]


class AuditFilter(OwnedFilter):
    """Mine are the audits that I lead, work on, or answer for."""

    def apply(self, records: QuerySet) -> QuerySet:
        if self.cleaned_data.get("mine"):
            records = records.of(self.person)
            self.cleaned_data["mine"] = False
        return super().apply(records)


class AuditKind(NotHandedOver):
    """Audits, from the plan to the signed report."""

    key = "audit"
    model = Audit
    icon = "clipboard"
    group = "assure"
    order = 10
    default_sort = "-starts_on"
    filter_class = AuditFilter
    page_template = "audits/audit_page.html"
    create_view = audit_views.AuditCreateView
    page_view = audit_views.AuditPageView
    facts = (
        Fact("kind", head=True),
        Fact("lead", head=True, editable=False),
        Fact("owner", head=True, column=False, editable=False, label=_("Owner of what is audited")),
        Fact("starts_on", head=True, filterable=False),
        Fact("ends_on", head=True, filterable=False),
        Fact("checklist", column=False, exported=False, filterable=False),
        Fact("processes", column=False, exported=False, filterable=False, hide_empty=True),
        Fact("departments", column=False, exported=False, filterable=False, hide_empty=True),
        Fact("criteria", column=None, hide_empty=True),
        Fact("purpose", column=None, hide_empty=True),
        Fact("summary", column=None, on_page=False),
    )
    move_forms: ClassVar[Mapping[str, type[MoveForm]]] = {
        "start": StartForm,
        "report": ReportForm,
        "cancel": CancelForm,
    }
    events: ClassVar[Mapping[str, EventWords]] = {
        "planned": EventWords(_("planned it, led by %(lead)s"), "plus"),
        "joined": EventWords(_("put %(to)s on the team"), "users"),
        "overridden": EventWords(_("let %(to)s audit it in spite of a conflict"), "alert", "late"),
        "left": EventWords(_("took %(to)s off the team"), "users"),
        "lead_changed": EventWords(_("let %(to)s lead it instead of %(from)s"), "swap"),
        "reported": EventWords(_("froze %(report)s"), "doc"),
        "signed": EventWords(_("signed %(report)s"), "sign", "ok"),
        "evidence_removed": EventWords(_("removed the evidence %(file)s"), "x"),
    }
    task_labels: ClassVar[Mapping[str, tuple[str, Any, Any]]] = {
        "audit": ("clipboard", _("Audit"), _("Open")),
        "sign_report": ("sign", _("Audit report to sign"), _("Sign")),
    }

    def form_fields_for(self, *, is_new: bool) -> list[str]:
        facts = [
            "title",
            "kind",
            "checklist",
            "processes",
            "departments",
            "criteria",
            "purpose",
            "starts_on",
            "ends_on",
        ]
        return [*facts, "summary", "department", "audience", "readers", "reader_roles"]

    def check(self, record: Audit, values: dict[str, Any]) -> None:
        super().check(record, values)
        problems: dict[str, Any] = {}
        if record.state != "planned":
            for name in ("kind", "checklist", "processes", "departments"):
                if name in values:
                    problems[name] = _("This is fixed when the audit starts.")
        if values.get("checklist") is not None and values["checklist"].kind != "checklist":
            problems["checklist"] = _("Choose a checklist.")
        if record.state == "closed":
            problems["title"] = _("A closed audit does not change. Write an addendum to its report.")
        if problems:
            raise ValidationError(problems)

    def adapt_form(self, form: RecordForm) -> None:
        super().adapt_form(form)
        if not form.is_new and form.instance.state != "planned":
            for name in ("kind", "checklist", "processes", "departments"):
                form.fields.pop(name, None)

    def moves(self, person: Any, record: Audit) -> list[Move]:
        """Without closing: the last signature does that."""
        return [move for move in super().moves(person, record) if move.name != "close"]

    def with_facts(self, records: QuerySet) -> QuerySet:
        return super().with_facts(records).select_related("checklist_version__document")

    def routes(self) -> list[Route]:
        one = "audits/<str:code>"
        return [
            *super().routes(),
            ("team", f"{one}/team/", audit_views.TeamView),
            ("leave", f"{one}/team/<int:member>/leave/", audit_views.LeaveTeamView),
            ("report-new", f"{one}/reports/new/", report_views.ReportCreateView),
            ("report", f"{one}/reports/<int:number>/", report_views.ReportPageView),
            ("report-file", f"{one}/reports/<int:number>/<str:form>/", report_views.ReportFileView),
        ]

    def search_text(self, record: Audit) -> str:
        return f"{record.criteria}\n{record.purpose}\n{record.summary}"


class FindingFilter(OwnedFilter):
    """Also: late ones, repeat findings."""

    late = forms.BooleanField(label=_("Overdue only"), required=False)
    repeated = forms.BooleanField(label=_("Repeat findings only"), required=False)

    def apply(self, records: QuerySet) -> QuerySet:
        if self.cleaned_data.get("late"):
            records = records.late()
        if self.cleaned_data.get("repeated"):
            records = records.exclude(repeats=None)
        return super().apply(records)


class FindingKind(NotHandedOver):
    """Findings: what was asserted, and what is done about it."""

    key = "finding"
    model = Finding
    icon = "flag"
    group = "assure"
    order = 20
    default_sort = "-published_at"
    owner_is_required = False
    filter_class = FindingFilter
    form_class = FindingRecordForm
    page_template = "audits/finding_page.html"
    list_template = "audits/finding_list.html"
    create_view = finding_views.FindingCreateView
    page_view = finding_views.FindingPageView
    facts = (
        ShownState("state", on_page=False),
        GradeFact("grade", on_page=False, value_type=GradeType),
        Fact("owner", on_page=False),
        DueFact("due_on", on_page=False, editable=False),
        Fact("process", on_page=False, filterable=False),
        Fact("requirement", column=False, on_page=False, exported=False, in_api=False, filterable=False),
        Fact("audit", column=False, on_page=False, editable=False, label=_("Audit")),
        Fact("published_at", column=False, on_page=False, editable=False, label=_("Published"), filterable=False),
        Fact("observation", column=None, on_page=False, value_type=LongTextType),
        Fact("recommendation", column=None, on_page=False),
        Fact("cause", column=None, on_page=False, editable=False),
        Fact("response", column=None, on_page=False, editable=False),
        Fact("check_what", column=None, on_page=False, editable=False),
        Fact("check_on", column=None, on_page=False, editable=False),
        Fact("judge", column=None, on_page=False, editable=False),
        Fact("department", on_page=False),
        Fact("audience", column=False, on_page=False),
    )
    move_forms: ClassVar[Mapping[str, type[MoveForm]]] = {"close": CloseFindingForm}
    events: ClassVar[Mapping[str, EventWords]] = {
        "written": EventWords(_("wrote it"), "plus"),
        "revised": EventWords(_("published revision %(revision)s"), "flag"),
        "committed": EventWords(_("wrote the commitment, due %(due)s"), "pencil"),
        "accepted": EventWords(_("accepted the commitment, due %(due)s"), "sign", "ok"),
        "check_planned": EventWords(_("planned the effectiveness check: %(to)s"), "gauge"),
        "judged": EventWords(_("judged the effectiveness: %(verdict)s"), "gauge"),
        "owner_changed": EventWords(_("handed it over from %(from)s to %(to)s"), "swap"),
        "judge_changed": EventWords(_("let %(to)s judge it instead of %(from)s"), "swap"),
    }
    task_labels: ClassVar[Mapping[str, tuple[str, Any, Any]]] = {
        "finding": ("flag", _("Finding"), _("Respond")),
        "commitment": ("sign", _("Commitment to accept"), _("Open")),
        "follow_finding": ("check", _("Finding to close"), _("Open")),
        "effectiveness": ("gauge", _("Effectiveness check"), _("Judge")),
    }
    code_prefix = "F"
    asserted = ("title", "observation", "grade", "requirement", "recommendation")

    def form_fields_for(self, *, is_new: bool) -> list[str]:
        return [*self.asserted, "process", "owner", "department", "audience", "readers", "reader_roles"]

    def initial(self, person: Any) -> dict[str, Any]:
        return {"owner": "", "department": person.department_id}

    def adapt_form(self, form: RecordForm) -> None:
        super().adapt_form(form)
        if not form.is_new and form.instance.state != FindingState.DRAFT:
            for name in self.asserted:  # published: revisions say what was asserted
                form.fields.pop(name, None)

    def prepare_new(self, record: Finding, values: dict[str, Any], *, by: Any) -> None:
        record.code = finding_views.next_finding_code()

    def check(self, record: Finding, values: dict[str, Any]) -> None:
        super().check(record, values)
        problems: dict[str, Any] = {}
        if record.pk and record.state != FindingState.DRAFT:
            for name in set(values) & set(self.asserted):
                problems[name] = _("This is published. Publish a revision instead.")
            if "owner" in values and record.state != FindingState.OPEN:
                problems["owner"] = _("Open the commitment again before another person answers for it.")
            if "owner" in values and values["owner"] is None:
                problems["owner"] = _("Choose who answers for it.")
        if record.owner_id and record.owner_id in (record.judge_id, record.accepted_by_auditor_id):
            problems["owner"] = _("This person judges or accepted for the auditors. Choose somebody else.")
        if problems:
            raise ValidationError(problems)

    def after_save(self, record: Finding, changes: list[FactChange], *, by: Any) -> None:
        super().after_save(record, changes, by=by)
        if not changes:
            written.send(sender=Finding, finding=record, by=by)
        elif any(change.fact.name == "owner" for change in changes):
            record.forget_acceptance(by=by)
            ask_about(record)

    def tell_owner(self, record: Finding) -> None:
        """The owner of a draft knows nothing of it; later the task says what is asked."""

    def moves(self, person: Any, record: Finding) -> list[Move]:
        return [move for move in super().moves(person, record) if finding_views.has_button(record, move.name)]

    def routes(self) -> list[Route]:
        one = "findings/<str:code>"
        return [
            ("ageing", "findings/ageing/", finding_views.AgeingView),
            *super().routes(),
            ("respond", f"{one}/respond/", finding_views.RespondView),
            ("accept", f"{one}/accept/", finding_views.AcceptView),
            ("revise", f"{one}/revise/", finding_views.ReviseView),
            ("add-action", f"{one}/actions/new/", finding_views.AddActionView),
            ("check", f"{one}/check/", finding_views.PlanCheckView),
            ("judge", f"{one}/judge/", finding_views.JudgeView),
        ]

    def search_text(self, record: Finding) -> str:
        return "\n".join([record.observation, record.recommendation, record.cause, record.response])


def owner_of(record: Any) -> str:
    """How the owner of a record is written in a field."""
    owner = getattr(record, "owner", None)
    return written_person(owner) if owner is not None else ""


AUDIT = AuditKind()
FINDING = FindingKind()
