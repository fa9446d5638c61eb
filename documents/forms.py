"""Turning what people type into clean values for the verbs of document control."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.day_field import DateInput, DayField
from core.lifecycle import Refused
from core.line_field import LineField
from core.numbering import is_well_formed, tidy_code
from core.upload_limit import limit_in_words
from documents.drafting import UploadedContent
from documents.fields import DocumentField
from documents.files import taken_in
from documents.kinds import ContentRefused, Kind, all_kinds, kind_named
from documents.models import Decision, Document, KindSettings, Review, Version
from documents.models.route import Rule
from documents.submission import StepPlan
from people.fields import PeopleField, PersonField, RolesField
from people.models import Department, JobRole
from people.signing import Ways


def departments() -> Any:
    return Department.objects.filter(is_active=True)


class NewDocumentForm(forms.Form):
    """The few facts a document starts with."""

    kind = forms.ChoiceField(label=_("Kind"), error_messages={"required": _("Choose a kind")})
    title = LineField(label=_("Title"), max_length=300, error_messages={"required": _("Enter a title")})
    department = forms.ModelChoiceField(label=_("Department"), queryset=None, required=False)
    owner = PersonField(label=_("Owner"), help_text=_("Who answers for it. A name or an e-mail address."))
    audience = forms.ChoiceField(label=_("Who may read it"), choices=Document.Audience.choices)
    code = forms.CharField(
        label=_("Number"),
        required=False,
        max_length=80,
        help_text=_("Leave empty to get the next number of the kind and department."),
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("Only if the document stays a Word, PDF or Excel file. It then runs the same route."),
    )

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(k.key, k.label) for k in all_kinds() if person.has_perm(k.write_permission)]
        self.fields["department"].queryset = departments()

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if code and not is_well_formed(tidy_code(code)):
            raise forms.ValidationError(_("Use letters, digits, dots and hyphens, for example SOP-FIN-014."))
        return tidy_code(code) if code else ""

    def clean_file(self) -> UploadedContent | None:
        """The file that the document stays; one that its kind reads becomes ``body`` instead, byte for byte."""
        upload, kind = self.cleaned_data["file"], self.cleaned_data.get("kind")
        if upload and kind and kind_named(kind).takes(upload.name or ""):
            self.cleaned_data["body"] = content_taken_in(kind_named(kind), upload)
            return None
        return _taken_in(upload)


class FileDraftForm(forms.Form):
    """A draft that is a file: its title, and another file in its place."""

    title = LineField(label=_("Title"), max_length=300, error_messages={"required": _("Enter a title")})
    file = forms.FileField(label=_("File"), required=False, help_text=_("Word, PDF, Excel, PowerPoint or plain text"))
    row_version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_file(self) -> UploadedContent | None:
        return _taken_in(self.cleaned_data["file"])


def content_taken_in(kind: Kind, upload: Any) -> bytes:
    """The bytes of an uploaded file that becomes content of this kind."""
    if upload.size > settings.PORTAL_UPLOAD_LIMIT:
        raise forms.ValidationError(limit_in_words())
    try:
        return kind.clean(upload.read())[0]
    except ContentRefused as problem:
        raise forms.ValidationError(problem.message) from problem


def _taken_in(upload: Any) -> UploadedContent | None:
    try:
        return taken_in(upload) if upload else None
    except Refused as refusal:
        raise forms.ValidationError(refusal.message) from refusal


class FactsForm(forms.ModelForm):
    """What is true of the document and not of one version: number, owner, place, readers, review cycle."""

    owner = PersonField(label=_("Owner"), help_text=_("Who answers for it. A name or an e-mail address."))
    readers = PeopleField(
        label=_("Named people"), required=False, help_text=_("Names or e-mail addresses, with commas")
    )
    reader_roles = RolesField(label=_("Named job roles"), required=False)

    class Meta:
        model = Document
        fields = (
            "code",
            "owner",
            "department",
            "audience",
            "readers",
            "reader_roles",
            "review_months",
            "review_due_on",
        )
        field_classes = {"review_due_on": DayField}
        widgets = {"review_due_on": DateInput}

    def clean_code(self) -> str:
        code = tidy_code(self.cleaned_data["code"])
        if not is_well_formed(code):
            raise forms.ValidationError(_("Use letters, digits, dots and hyphens, for example SOP-FIN-014."))
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        named = data.get("readers") or data.get("reader_roles")
        if data.get("audience") == Document.Audience.DEPARTMENT and not data.get("department"):
            self.add_error("department", _("Choose the department whose people may read it."))
        if data.get("audience") == Document.Audience.NAMED and not named:
            self.add_error("readers", _("Name at least one person or job role who may read it."))
        return data

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class DraftForm(forms.Form):
    """A draft without JavaScript: title, text, and what the next step needs."""

    title = LineField(label=_("Title"), max_length=300, error_messages={"required": _("Enter a title")})
    body = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 24}), required=False, strip=False)
    row_version = forms.IntegerField(widget=forms.HiddenInput)


class SubmitForm(forms.ModelForm):
    """What changes, why and from when."""

    class Meta:
        model = Version
        fields = ("change", "reason", "planned_on")
        field_classes = {"planned_on": DayField}
        widgets = {
            "change": forms.RadioSelect,
            "reason": forms.Textarea(attrs={"rows": 3}),
            "planned_on": DateInput,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["change"].choices = Version.Change.choices
        self.fields["reason"].required = self.instance.document.versions.released().exists()
        self.fields["reason"].error_messages["required"] = _("Enter the reason for the change")

    def clean_planned_on(self) -> Any:
        day = self.cleaned_data["planned_on"]
        if day and day < timezone.localdate():
            raise forms.ValidationError(_("Choose today or a later day."))
        return day


class StepForm(forms.Form):
    """One step of the route as the author plans it."""

    meaning = forms.CharField(label=_("What they sign for"), max_length=120)
    rule = forms.ChoiceField(label=_("Who must agree"), choices=Rule.choices, initial=Rule.ALL)
    needed = forms.IntegerField(label=_("How many, for “a number of them”"), min_value=1, initial=1, required=False)
    due_days = forms.IntegerField(label=_("Days to decide"), min_value=1, max_value=365, initial=7)
    people = PeopleField(label=_("People"), required=False, help_text=_("Names or e-mail addresses, with commas"))
    roles = RolesField(label=_("Job roles"), required=False)

    def seats(self) -> int:
        """How many decide side by side."""
        data = self.cleaned_data
        return len(data.get("people") or []) + len(data.get("roles") or [])

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        seats = self.seats()
        if data.get("rule") == Rule.COUNT and seats and (data.get("needed") or 1) > seats:
            self.add_error("needed", _("Only %(n)s decide in this step. Ask for fewer, or name more.") % {"n": seats})
        return data

    def plan(self) -> StepPlan:
        data = self.cleaned_data
        return StepPlan(
            meaning=data["meaning"],
            rule=data["rule"],
            needed=data["needed"] or 1,
            due_days=data["due_days"],
            people=data["people"],
            roles=list(data["roles"]),
        )


class PrescribedStepForm(forms.Form):
    """One step that the organisation's route prescribes: read only, but for skipping it where the route allows that."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    skip = forms.BooleanField(label=_("Skip this step"), required=False)
    reason = forms.CharField(
        label=_("Reason for skipping it"),
        max_length=500,
        required=False,
        help_text=_("Approvers read it, and it stays in the history."),
    )

    hide_optional = True

    def __init__(self, *args: Any, step: StepPlan, **kwargs: Any) -> None:
        self.step, self.mark = step, str(step)
        super().__init__(*args, initial={"seen": self.mark}, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.data.get(self.add_prefix("seen"), self.mark) != self.mark:
            self.data = {**self.data.dict(), self.add_prefix("seen"): self.mark}
            raise forms.ValidationError(_("The approval route has changed since you opened this page. Check it again."))
        if data.get("skip") and not data.get("reason", "").strip():
            self.add_error("reason", _("Enter why this step is skipped"))
        return data

    def plan(self) -> StepPlan:
        self.step.skip_reason = self.cleaned_data["reason"].strip() if self.cleaned_data["skip"] else ""
        return self.step


StepFormSet = forms.formset_factory(StepForm, extra=0, can_delete=True, max_num=12, absolute_max=20)


class SigningForm(forms.Form):
    """The proof that a signature needs, where the kind asks for one."""

    hide_optional = True  # which field is needed depends on the answer above it

    password = forms.CharField(
        label=_("Your password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=_("Or a one-time code"),
        required=False,
        max_length=12,
        help_text=_("From your authenticator app"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    act = ""  # what is signed, as people.signing names it
    sign_on = ""  # a proof by the identity provider that waits to be used

    def __init__(self, *args: Any, settings: KindSettings, ways: Ways | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needs_proof = settings.signing == KindSettings.Signing.SIGNATURE
        self.ways = ways or Ways()
        if not (self.needs_proof and self.ways.password):
            del self.fields["password"]
        if not (self.needs_proof and self.ways.code):
            del self.fields["code"]
        elif not self.ways.password:
            self.fields["code"].label = _("One-time code")

    @property
    def signs_by_button(self) -> bool:
        """Whether a button beside the form is the only way to sign: no password or code, and nothing proved yet."""
        fields = {"password", "code"} & self.fields.keys()
        return bool(self.needs_proof and not fields and not self.sign_on and (self.ways.passkey or self.ways.providers))

    def refuse_without_proof(self) -> None:
        """Add an error when a signature is needed and nothing proves it."""
        given = [self.cleaned_data.get("password"), self.cleaned_data.get("code"), self.sign_on]
        if not self.needs_proof or any(given) or self.data.get("passkey") or self.data.get("sign_with"):
            return
        if "password" in self.fields and "code" in self.fields:
            self.add_error("password", _("Enter your password or a one-time code to sign"))
        elif "password" in self.fields:
            self.add_error("password", _("Enter your password to sign"))
        elif "code" in self.fields:
            self.add_error("code", _("Enter a one-time code to sign"))
        else:
            self.add_error(None, _("Sign with one of the buttons below the form."))


class DecideForm(SigningForm):
    """Approve and sign, or ask for changes."""

    verdict = forms.ChoiceField(
        label=_("Your decision"),
        choices=Decision.Verdict.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether you approve")},
    )
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=5000,
        help_text=_("Needed when you ask for changes"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen_hash = forms.CharField(widget=forms.HiddenInput)

    field_order = ("verdict", "comment", "password", "code", "seen_hash")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("verdict") == Decision.Verdict.CHANGES and not data.get("comment", "").strip():
            self.add_error("comment", _("Say what should change"))
        if data.get("verdict") == Decision.Verdict.APPROVE:
            self.refuse_without_proof()
        return data


class ReviewForm(SigningForm):
    """The outcome of a periodic review."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=Review.Outcome.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("What was looked at"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    field_order = ("outcome", "note", "password", "code")

    def __init__(self, *args: Any, document: Document, may_change: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_change:
            outcome = self.fields["outcome"]
            outcome.choices = [one for one in Review.Outcome.choices if one[0] != Review.Outcome.CHANGE]
            outcome.initial = Review.Outcome.NO_CHANGE
            outcome.help_text = _("If it should change, say so to %(name)s, who owns it.") % {"name": document.owner}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("outcome") == Review.Outcome.CHANGE and not data.get("note", "").strip():
            self.add_error("note", _("Say what should change"))
        if data.get("outcome") == Review.Outcome.NO_CHANGE:
            self.refuse_without_proof()
        return data


class RetireForm(SigningForm):
    """Ending a document's life."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter the reason")},
    )
    successor = DocumentField(
        label=_("Replaced by"),
        required=False,
        help_text=_(
            "The document that people use instead: its number, or words of its title. Leave empty if none does."
        ),
    )

    field_order = ("reason", "successor", "password", "code")

    def __init__(self, *args: Any, document: Document, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document, self.fields["successor"].person = document, person

    def clean_successor(self) -> Document | None:
        successor = self.cleaned_data["successor"]
        if successor is not None and successor.pk == self.document.pk:
            raise forms.ValidationError(_("A document does not replace itself. Choose another."))
        if successor is not None and successor.is_retired:
            raise forms.ValidationError(
                _("%(code)s is retired itself. Choose another."), params={"code": successor.code}
            )
        return successor

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.refuse_without_proof()
        return data


class SecondRetireForm(SigningForm):
    """The second signature under the end of a document's life."""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.refuse_without_proof()
        return data


class ReassignForm(forms.Form):
    """Somebody else decides instead."""

    to = PersonField(label=_("Who decides instead"))
    reason = forms.CharField(label=_("Reason"), max_length=500)


class WithdrawForm(forms.Form):
    """Why a version is taken back from its reviewers."""

    comment = forms.CharField(
        label=_("Reason"),
        max_length=5000,
        help_text=_("Those who were asked to decide are told. It stands in the history."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Enter the reason")},
    )


class ShareForm(forms.Form):
    """Show one document to somebody outside its audience, until a day."""

    person = PersonField(label=_("Person"), required=False, help_text=_("A name or an e-mail address"))
    role = forms.ModelChoiceField(
        label=_("Or a job role"), queryset=JobRole.objects.filter(is_active=True), required=False
    )
    until = DayField(label=_("Until and including"), error_messages={"required": _("Enter a day")})
    reason = forms.CharField(label=_("Reason"), max_length=500, error_messages={"required": _("Enter the reason")})

    def clean_until(self) -> Any:
        day = self.cleaned_data["until"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("Choose today or a later day."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if bool(data.get("person")) == bool(data.get("role")) and not self.errors:
            self.add_error("person", _("Choose either a person or a job role"))
        return data
