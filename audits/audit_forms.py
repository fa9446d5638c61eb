"""Turning what people type into clean values for the verbs of audits and findings."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from actions.forms import text_field
from actions.models import Action
from audits.answering import progress
from audits.models import Audit, Finding, Grade, Requirement
from audits.planning import checklist_to_pin
from audits.team import refuse_new_conflicts
from core.day_field import DayField
from core.kinds.forms import MoveForm, RecordForm
from core.lifecycle import Refused
from core.line_field import LineField
from documents.fields import DocumentField
from documents.forms import SigningForm
from people.fields import PeopleField, PersonField
from people.models import Department
from processes.models import Process

PERSON_HINT = _("A name or an e-mail address.")


def person_field(label: Any, message: Any = "", **options: Any) -> PersonField:
    """One person; required where there is a message that says so."""
    errors = {"required": message} if message else None
    return PersonField(
        label=label, required=bool(message), error_messages=errors, **{"help_text": PERSON_HINT, **options}
    )


class RequirementField(forms.CharField):
    """One requirement by its number in any spelling, among the libraries that ``person`` may see."""

    person: Any = None

    def prepare_value(self, value: Any) -> Any:
        return value.label or value.external_id if isinstance(value, Requirement) else value

    def clean(self, value: Any) -> Requirement | None:
        text = super().clean(value).strip()
        if not text:
            return None
        found = list(Requirement.objects.visible_to(self.person).active().called(text)[:2])
        if not found:
            raise forms.ValidationError(_("There is no requirement “%(text)s”."), params={"text": text[:80]})
        return found[0]


def grade_field() -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        label=_("How serious is it?"),
        queryset=Grade.objects.filter(is_active=True),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Choose a grade.")},
    )


class FindingRecordForm(RecordForm):
    """A finding written by hand; what is published already is revised instead."""

    observation = text_field(_("What did you see?"), _("Say what you saw."))
    grade = grade_field()
    requirement = RequirementField(
        label=_("Requirement"), required=False, help_text=_("Its number, for example AC-2(1).")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "requirement" in self.fields:
            self.fields["requirement"].person = self.person


class QuickFindingForm(forms.Form):
    """A finding from a failed item: everything else is filled in."""

    observation = text_field(_("What did you see?"), _("Say what you saw."))
    grade = grade_field()
    owner = person_field(_("Who should act?"), _("Choose who answers for it."))


class ReviseForm(forms.Form):
    """What was asserted, in other words."""

    title = LineField(label=_("Title"), max_length=300, error_messages={"required": _("Enter a title.")})
    observation = text_field(_("What was seen"), _("Say what you saw."))
    grade = grade_field()
    requirement = RequirementField(label=_("Requirement"), required=False)
    recommendation = text_field(_("Recommendation"))
    reason = text_field(_("Reason"), _("Enter a reason."), help_text=_("It stands beside the new revision."))

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["requirement"].person = person


class CommitForm(forms.Form):
    """What will be done and until when."""

    cause = text_field(_("Cause"), help_text=_("Why it could happen."))
    response = text_field(_("What will be done"), _("Say what will be done."))
    due_on = DayField(label=_("Until"), error_messages={"required": _("Choose a day.")})
    row_version = forms.IntegerField(widget=forms.HiddenInput)


class CloseFindingForm(MoveForm):
    """Closing may have a note."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["comment"].label = _("Note")


class StartForm(MoveForm):
    """Starting pins the checklist; independence is looked at once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["comment"]

    def clean(self) -> dict[str, Any]:
        try:
            refuse_new_conflicts(self.record, by=self.person)
            version, count = checklist_to_pin(self.record)
        except Refused as refusal:
            raise forms.ValidationError(str(refusal.message)) from refusal
        return {"comment": "", "version": version, "question_count": count}


class ReportForm(MoveForm):
    """Ending the run; what stays unanswered wants a reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unanswered = progress(self.record).unanswered if self.record.checklist_version_id else 0
        self.fields["comment"].label = _("Why questions stay unanswered")
        self.fields["comment"].help_text = _("Unanswered: %(n)s") % {"n": self.unanswered}
        if not self.unanswered:
            del self.fields["comment"]

    def clean(self) -> dict[str, Any]:
        return {"comment": "", **super().clean(), "unanswered": self.unanswered}


class CancelForm(MoveForm):
    """Cancelling wants a reason."""


class CheckForm(forms.Form):
    """How, when and by whom it is judged whether what was done works."""

    what = text_field(_("What shows that it works?"), _("Say what shows that it works."))
    on = DayField(label=_("Checked on"), error_messages={"required": _("Choose a day.")})
    judge = person_field(_("Judged by"), _("Choose who judges it."), help_text=_("Nobody who did the work."))


class JudgeForm(forms.Form):
    """The verdict on the effect."""

    verdict = forms.ChoiceField(
        label=_("Is it effective?"),
        choices=Finding.Verdict.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a verdict.")},
    )
    note = text_field(_("What shows it"), _("Say what shows it."))
    again_on = DayField(label=_("Check again on"), required=False, help_text=_("Only if nothing can be said yet."))


class ActionForm(forms.Form):
    """Work agreed because of a finding."""

    title = LineField(label=_("What is to be done"), max_length=300, error_messages={"required": _("Enter a title.")})
    details = text_field(_("Details"))
    kind = forms.ChoiceField(label=_("Type"), choices=Action.Kind.choices, initial=Action.Kind.CORRECTIVE)
    priority = forms.TypedChoiceField(
        label=_("Priority"), choices=Action.Priority.choices, coerce=int, initial=Action.Priority.NORMAL
    )
    owner = person_field(_("Owner"), _("Choose who does it."))
    due_on = DayField(label=_("Due"), error_messages={"required": _("Choose a day.")})
    verifier = person_field(
        _("Verified by"), _("Choose who verifies it."), help_text=_("Somebody else than the owner.")
    )


class AuditForm(forms.Form):
    """What is audited, against what, by whom, when."""

    title = LineField(label=_("Title"), max_length=300, error_messages={"required": _("Enter a title.")})
    kind = forms.ChoiceField(label=_("Type"), choices=Audit.Kind.choices, initial=Audit.Kind.INTERNAL)
    checklist = DocumentField(label=_("Checklist"), required=False, help_text=_("Its number or title."))
    processes = forms.ModelMultipleChoiceField(
        label=_("Processes"), queryset=None, required=False, widget=forms.SelectMultiple(attrs={"size": 8})
    )
    departments = forms.ModelMultipleChoiceField(
        label=_("Departments"),
        queryset=Department.objects.filter(is_active=True),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    criteria = text_field(_("Criteria"), help_text=_("What is audited against"))
    owner = person_field(_("Owner of what is audited"), _("Choose who answers for what is audited."))
    lead = person_field(_("Lead auditor"), _("Choose a lead auditor."))
    team = PeopleField(label=_("Other auditors"), required=False, help_text=_("Names or addresses, with commas"))
    starts_on = DayField(label=_("Starts on"), error_messages={"required": _("Choose a day.")})
    ends_on = DayField(label=_("Ends on"), error_messages={"required": _("Choose a day.")})
    override_reason = text_field(
        _("Why somebody audits it all the same"),
        help_text=_("Only where the portal found that somebody is not independent. It is printed in the report."),
    )

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["checklist"].person = person
        self.fields["processes"].queryset = Process.objects.visible_to(person).active().order_by("code")

    def clean_checklist(self) -> Any:
        checklist = self.cleaned_data["checklist"]
        if checklist is not None and checklist.kind != "checklist":
            raise forms.ValidationError(_("%(code)s is no checklist.") % {"code": checklist.code})
        return checklist

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("The audit must end on or after the day it starts."))
        return cleaned


class TeamForm(forms.Form):
    """One more auditor."""

    person = person_field(_("Auditor"), _("Choose a person."))
    leads = forms.BooleanField(label=_("Leads the audit"), required=False)
    override_reason = text_field(
        _("Why they audit it all the same"),
        help_text=_("Only where the portal found that they are not independent. It is printed in the report."),
    )


class AddendumForm(forms.Form):
    """Freezing a report; an addendum says why."""

    reason = text_field(_("Reason for the addendum"), _("Enter a reason."))

    def __init__(self, *args: Any, is_addendum: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_addendum:
            del self.fields["reason"]


class SignReportForm(SigningForm):
    """The proof for a signature under the report that was read."""

    seen_hash = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.refuse_without_proof()
        return data
