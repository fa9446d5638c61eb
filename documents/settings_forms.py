"""What is set for document control: approval routes with their steps, and the settings of a kind."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.line_field import LineField
from documents.forms import StepForm
from documents.kinds import kind_choices
from documents.models import KindSettings, RouteTemplate
from documents.routing import StepSetting
from people.fields import written
from people.models import Department, JobRole, Person

MOST_STEPS = 12


class RouteForm(forms.Form):
    """What a route is called, and for which documents it is."""

    name = LineField(label=_("Name"), max_length=120, error_messages={"required": _("Enter a name for the route")})
    kind = forms.ChoiceField(label=_("Kind of document"), required=False)
    department = forms.ModelChoiceField(
        label=_("Department"),
        queryset=None,
        required=False,
        help_text=_("The route holds there and below, unless a department below has its own."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    hide_optional = True  # an empty choice says "every" and "everywhere"

    def __init__(self, *args: Any, route: RouteTemplate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("Every kind")), *kind_choices()]
        places = Department.objects.filter(is_active=True) | Department.objects.filter(pk=route.department_id)
        self.fields["department"].queryset = places
        self.fields["department"].empty_label = str(_("Everywhere"))

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("name", "kind", "department")}


class RouteStepForm(StepForm):
    """One step of a route that is used again and again."""

    step = forms.IntegerField(widget=forms.HiddenInput, required=False)
    by_owner = forms.BooleanField(label=_("The document's owner decides too"), required=False)
    may_be_skipped = forms.BooleanField(
        label=_("Authors may skip this step"), required=False, help_text=_("With a reason that approvers read.")
    )

    hide_optional = True
    field_order = ("step", "meaning", "people", "roles", "by_owner", "rule", "needed", "due_days", "may_be_skipped")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meaning"].error_messages["required"] = _("Say what they sign for")
        self.fields["due_days"].error_messages["required"] = _("Enter how many days they have")
        self.fields["roles"].queryset = JobRole.objects.filter(is_active=True)
        for name in ("needed", "due_days"):
            self.fields[name].widget.attrs["data-size"] = "short"

    @property
    def spoken_as(self) -> str:
        """Which step a message in the summary is about."""
        return _("Step %(n)s") % {"n": self.place} if hasattr(self, "place") else ""

    def seats(self) -> int:
        return super().seats() + bool(self.cleaned_data.get("by_owner"))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.seats() and "people" not in self.errors and "roles" not in self.errors:
            self.add_error("people", _("Say who decides: a person, a job role or the owner"))
        return data

    def setting(self) -> StepSetting:
        data = self.cleaned_data
        plan = self.plan()
        plan.may_be_skipped = data["may_be_skipped"]
        return StepSetting(**vars(plan), by_owner=data["by_owner"], pk=data["step"])


class StepRows(forms.BaseFormSet):
    """The steps in the order they have on the page; at least one."""

    def get_ordering_widget(self) -> type[forms.Widget]:
        return forms.HiddenInput

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.place = (index or 0) + 1
        form.fields["ORDER"].widget.attrs["data-place"] = "yes"

    def clean(self) -> None:
        if not self.forms:
            raise forms.ValidationError(_("Add at least one step: an empty route decides nothing."))

    def settings(self) -> list[StepSetting]:
        return [form.setting() for form in self.ordered_forms]


RouteStepRows = forms.formset_factory(
    RouteStepForm, formset=StepRows, extra=0, can_order=True, max_num=MOST_STEPS, absolute_max=20, validate_max=True
)

NEW_STEP: dict[str, Any] = {"meaning": _("Approved for use"), "rule": "all", "needed": 1, "due_days": 7}


def rows_of_steps(steps: list[StepSetting]) -> list[dict[str, Any]]:
    """Stored steps as the fields show them; who left stays written, so that it is seen and replaced."""
    return [
        {
            "step": step.pk,
            "meaning": step.meaning,
            "rule": step.rule,
            "needed": step.needed,
            "due_days": step.due_days,
            "people": ", ".join(written(person) for person in step.people),
            "roles": [role.pk for role in step.roles],
            "by_owner": step.by_owner,
            "may_be_skipped": step.may_be_skipped,
        }
        for step in steps
    ]


def gone_of(steps: list[StepSetting]) -> list[Person | JobRole]:
    """People and job roles of a route who cannot decide any more."""
    return [one for step in steps for one in (*step.people, *step.roles) if not one.is_active]


class KindSettingsForm(forms.ModelForm):
    """How strict the organisation is with one kind of document."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    hide_optional = True

    class Meta:
        model = KindSettings
        fields = (
            "signing",
            "review_months",
            "retention_years",
            "remind_days_before",
            "weekly_after",
            "escalate_after_days",
        )
        labels = {
            "signing": _("Approvals and reviews are confirmed by"),
            "review_months": _("Months between reviews"),
            "retention_years": _("Years a retired document is kept"),
            "remind_days_before": _("Days before a review at which its owner is reminded first"),
            "weekly_after": _("Remind every week after the due date"),
            "escalate_after_days": _("Days after the due date at which the manager is told"),
        }
        help_texts = {
            "signing": _("21 CFR Part 11 asks for a signature with a proof of who signs."),
            "review_months": _("For documents started from now on. 0 means no periodic review."),
            "retention_years": _("Counted from the day it is retired."),
            "remind_days_before": _("Decisions are reminded of two days before. On the due date everybody is."),
            "weekly_after": _("To who must act and the owner of the document."),
            "escalate_after_days": _("0 tells no manager."),
        }
        widgets = {"signing": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signing"].choices = KindSettings.Signing.choices
        limits = {"review_months": 120, "retention_years": 100, "remind_days_before": 180, "escalate_after_days": 365}
        for name, most in limits.items():
            field = self.fields[name]
            self.fields[name] = forms.IntegerField(
                label=field.label,
                help_text=field.help_text,
                min_value=0,
                max_value=most,
                error_messages={"required": _("Enter a number")},
                widget=forms.NumberInput(attrs={"data-size": "short"}),
            )

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
