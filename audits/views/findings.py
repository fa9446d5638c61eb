"""The page of a finding, and the forms of what is done with it."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.db.models import Case, Count, F, Q, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from actions.models import Action
from audits.audit_forms import ActionForm, CheckForm, CommitForm, JudgeForm, ReviseForm
from audits.gates import gates_of
from audits.lifecycle import FindingState
from audits.models import Evidence, Finding
from audits.receivers_of_findings import is_ready
from audits.writing_findings import PREFIX, place_of
from core.catalog import find_entry
from core.entry_rules import record_of
from core.lifecycle import NotAllowed, Refused
from core.numbering import next_code
from core.pages.kind import RecordPageView
from core.pages.kind.base import KindView, RecordView
from core.pages.kind.writing import FormPage, RecordCreateView
from core.permissions import opens
from core.views import say

# Moves that come of themselves, or by a page of their own.
WITHOUT_BUTTON = ("agree",)


def next_finding_code() -> str:
    """The next number of this year."""
    return next_code(f"{PREFIX}-{timezone.localdate().year}")


def has_button(finding: Finding, move: str) -> bool:
    """Whether the page offers this move as a button."""
    if move == "no_action":
        return not finding.needs_effectiveness
    if move in ("close", "check"):
        return finding.needs_effectiveness == (move == "check") and is_ready(finding)
    return move not in WITHOUT_BUTTON and not (move == "reopen" and finding.state == FindingState.CHECKING)


class FindingPageView(RecordPageView):
    """What was found, what is agreed, what is done, and whether it works."""

    def get_queryset(self) -> Any:
        related = ("step__document", "step_version__document", "element__document", "element_version__document")
        people = ("accepted_by_owner", "accepted_by_auditor", "created_by", "judged_by", "requirement__framework")
        return super().get_queryset().select_related(*related, *people, "audit__lead", "audit__owner", "answer")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        finding, person = self.record, self.request.user
        actions = list(finding.actions().visible_to(person).with_people().order_by("due_on", "pk"))
        visible = Finding.objects.visible_to(person)
        return super().get_context_data(
            finding=finding,
            gates=gates_of(finding, actions),
            actions=actions,
            evidence=self.evidence(),
            revisions=list(finding.revisions.select_related("grade", "requirement", "published_by")),
            repeats=visible.filter(pk=finding.repeats_id).first() if finding.repeats_id else None,
            repeated_by=list(visible.published().filter(repeats=finding)[:5]),
            **self.seen(),
            may=self.may(),
            **context,
        )

    def seen(self) -> dict[str, bool]:
        """Which of the records that it names the person may see: the others are not named to them."""
        finding = self.record
        places = {
            "audit": finding.audit,
            "process": finding.process,
            "requirement": finding.requirement,
            "step": finding.step and finding.step.document,
            "element": finding.element and finding.element.document,
        }
        return {
            f"sees_{name}": record is not None and opens(record.audience_keys, self.request.user)
            for name, record in places.items()
        }

    def evidence(self) -> list[Evidence]:
        """What shows it, as far as the person may see it."""
        finding = self.record
        if finding.audit_id is None or not finding.question_key:
            return []
        found = Evidence.objects.filter(audit=finding.audit, question_key=finding.question_key, removed_at=None)
        return [one for one in found.select_related("attachment", "entry") if one.shown_to(self.request.user)]

    def may(self) -> dict[str, bool]:
        """Which buttons show: the same questions that the handlers ask."""
        finding, person = self.record, self.request.user
        responds = person.has_perm("audits.respond_to_finding", finding)
        is_open = finding.state == FindingState.OPEN
        side = "owner" if finding.is_for_owner(person) else "auditor"
        accepted = getattr(finding, f"accepted_by_{side}_id") is not None
        return {
            "commit": responds and is_open and finding.grade.needs_response,
            "accept": bool(responds and is_open and finding.response and finding.due_on and not accepted),
            "revise": finding.state in ("open", "agreed") and person.has_perm("audits.assert_finding", finding),
            "add_action": person.has_perm("audits.add_action_to_finding", finding),
            "plan_check": finding.needs_effectiveness
            and finding.is_unfinished
            and person.has_perm("audits.plan_check", finding),
            "judge": finding.state == FindingState.CHECKING and finding.judge_id == person.pk,
        }


class FindingFormView(RecordView, FormPage):
    """A form about one finding: what is refused is said in it, with what was typed kept."""

    heading: Any = ""
    permission = ""
    form_class: Any = None

    def get_template_name(self) -> str:
        return "audits/finding_form.html"

    def get_verb(self) -> str:
        return self.permission.rpartition(".")[2]

    def refused_record(self) -> Any:
        return self.record

    def refuse_unless_allowed(self) -> None:
        if not self.request.user.has_perm(self.permission, self.record):
            raise NotAllowed(_t("You may not do this: %(move)s.") % {"move": self.heading})

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form(self, *sent: Any) -> Any:
        return self.form_class(*(sent[:1] or (None,)), initial=self.get_initial())

    def act(self, data: dict[str, Any]) -> Any:
        raise NotImplementedError

    def save(self, form: Any) -> str:
        done = self.act(form.cleaned_data)
        say(self.request, _t("%(code)s: %(what)s") % {"code": self.record.code, "what": self.heading})
        return done.get_absolute_url() if isinstance(done, Action) else self.kind.address(self.record)

    def show_refusal(self, form: Any, refusal: Refused) -> HttpResponse:
        if isinstance(refusal, NotAllowed):
            raise refusal
        form.add_error(None, str(refusal.message))
        return self.show(form, status=refusal.status)

    def show_conflict(self, form: Any, stored: Any) -> HttpResponse:
        form.add_error(None, _t("Somebody else has changed the finding since you opened it. Read it again."))
        return self.show(form, status=409)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        cancel = self.kind.address(self.record)
        return super().get_context_data(heading=self.heading, cancel=cancel, finding=self.record, **context)


class RespondView(FindingFormView):
    """The commitment: cause, what will be done, until when."""

    heading, permission, form_class = _("Commitment"), "audits.respond_to_finding", CommitForm

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.record, name) for name in ("cause", "response", "due_on", "row_version")}

    def act(self, data: dict[str, Any]) -> None:
        self.record.commit(by=self.request.user, **data)


class AcceptView(RecordView):
    """Accept the commitment that the page showed."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = CommitForm({"row_version": self.record.row_version, **request.POST.dict()})
        if not form.is_valid():
            raise Refused(_t("The commitment was changed since you opened the page. Read it again."))
        data = form.cleaned_data
        self.record.accept(by=request.user, response=data["response"], due_on=data["due_on"])
        say(request, _t("You accepted the commitment of %(code)s.") % {"code": self.record.code})
        return redirect(self.record)


class ReviseView(FindingFormView):
    """Publish what was found in other words."""

    heading, permission = _("Publish a revision"), "audits.assert_finding"

    def get_form(self, *sent: Any) -> ReviseForm:
        return ReviseForm(*(sent[:1] or (None,)), initial=self.record.asserted(), person=self.request.user)

    def act(self, data: dict[str, Any]) -> None:
        self.record.revise(by=self.request.user, **data)


class AddActionView(FindingFormView):
    """Agree on work because of the finding."""

    heading, permission, form_class = _("Add action"), "audits.add_action_to_finding", ActionForm

    def get_initial(self) -> dict[str, Any]:
        finding = self.record
        verifier = finding.audit.lead if finding.audit else finding.created_by
        return {"owner": finding.owner, "due_on": finding.due_on, "verifier": verifier}

    def act(self, data: dict[str, Any]) -> Action:
        return Action.agree(by=self.request.user, source=self.record, **data)


class PlanCheckView(FindingFormView):
    """Say how effectiveness is judged."""

    heading, permission, form_class = _("Plan the effectiveness check"), "audits.plan_check", CheckForm

    def get_initial(self) -> dict[str, Any]:
        finding = self.record
        return {"what": finding.check_what, "on": finding.check_on, "judge": finding.judge}

    def act(self, data: dict[str, Any]) -> None:
        self.record.plan_check(by=self.request.user, **data)


class JudgeView(FindingFormView):
    """Judge whether what was done works."""

    heading, permission, form_class = _("Judge the effectiveness"), "audits.judge_finding", JudgeForm

    def act(self, data: dict[str, Any]) -> None:
        verdict = data.pop("verdict")
        self.record.judge_effect(verdict, by=self.request.user, **data)


class FindingCreateView(RecordCreateView):
    """A finding by hand; `?about=` names the record whose page it was written on."""

    def get_initial(self) -> dict[str, Any]:
        about = self.request.GET.get("about", "")
        entry = find_entry(self.request.user, int(about)) if about.isdecimal() and len(about) < 19 else None
        return super().get_initial() | place_of(record_of(entry) if entry else None)


# What is done waits for the check of its effect: it is late when that day has passed.
AWAITED_ON = Case(When(state=FindingState.CHECKING, then=F("check_on")), default=F("due_on"))


class AgeingView(KindView):
    """Unfinished findings and actions by department and by how long they are overdue."""

    def get_template_name(self) -> str:
        return "audits/ageing.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.answer()

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        person = self.request.user
        rows: dict[Any, dict[str, list[int]]] = defaultdict(dict)
        for name, found in (
            ("findings", Finding.objects.visible_to(person).unfinished().alias(awaited_on=AWAITED_ON)),
            ("actions", Action.objects.visible_to(person).filter(state="open").alias(awaited_on=F("due_on"))),
        ):
            for department, *counts in ageing_by_department(found):
                rows[department or ""][name] = counts
        ordered = sorted(rows.items())
        return super().get_context_data(
            labels=[_t("Not overdue"), _t("1–30 days"), _t("31–90 days"), _t("Over 90 days")],
            rows=[(name, one.get("findings", [0] * 4), one.get("actions", [0] * 4)) for name, one in ordered],
            totals=[
                [sum(column) for column in zip(*(one.get(key, [0] * 4) for _name, one in ordered), strict=True)]
                or [0] * 4
                for key in ("findings", "actions")
            ],
            **context,
        )


def ageing_by_department(records: Any) -> Any:
    """(department, not overdue, up to 30, up to 90, more days overdue) of unfinished records. One query."""
    today = timezone.localdate()
    month, quarter = today - timedelta(days=30), today - timedelta(days=90)
    return (
        records.order_by()
        .values_list("department__name")
        .annotate(
            in_time=Count("pk", filter=Q(awaited_on=None) | Q(awaited_on__gte=today)),
            month=Count("pk", filter=Q(awaited_on__lt=today, awaited_on__gte=month)),
            quarter=Count("pk", filter=Q(awaited_on__lt=month, awaited_on__gte=quarter)),
            older=Count("pk", filter=Q(awaited_on__lt=quarter)),
        )
    )
