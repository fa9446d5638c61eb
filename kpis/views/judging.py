"""Forms by which people decide how a KPI is judged: chart, limits, points left out, markers, proposals."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.day_field import DayField
from core.lifecycle import Invalid, NotAllowed, Refused
from core.line_field import LineField
from core.pages.kind import FormPage
from core.pages.kind.base import RecordView
from core.views import say
from kpis.charting import marker_labels
from kpis.judged_page import JudgedPage
from kpis.markers import LONGEST_LABEL, add_marker, remove_marker
from kpis.models import ChangeMarker, ChartKind, ChartMethod, ExcludedPoint, LimitVersion, Proposal
from kpis.period_words import period_words
from kpis.rebasing import (
    accept,
    choose_method,
    decline,
    exclude_point,
    include_point,
    set_limits,
    withdraw_limits,
)
from kpis.spc.judged import ALLOWED
from kpis.wording import proposal_evidence, proposal_sentence


def reason_field(help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text=help_text,
        error_messages={"required": _("Enter a reason")},
    )


class JudgingView(FormPage, RecordView):
    """A form on one KPI for those who may decide about it."""

    permission = "kpis.change_kpi"
    heading: Any = ""
    lead: Any = ""
    button: Any = _("Save")
    form_class: type[forms.Form] = forms.Form
    done: Any = ""
    verb = "judge"

    def get_template_name(self) -> str:
        return "kpis/judging_form.html"

    def refuse_unless_allowed(self) -> None:
        if not self.request.user.has_perm(self.permission, self.record):
            raise NotAllowed(_t("You may not change how %(code)s is judged.") % {"code": self.record.code})

    def refused_record(self) -> Any:
        return self.record

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form(self, *sent: Any) -> forms.Form:
        return self.form_class(*sent, initial=self.get_initial())

    def apply(self, values: dict[str, Any]) -> None:
        raise NotImplementedError

    def save(self, form: forms.Form) -> str:
        self.apply(form.cleaned_data)
        say(self.request, self.done)
        return self.record.get_absolute_url()

    def show_refusal(self, form: forms.Form, refusal: Refused) -> HttpResponse:
        """What is wrong with the values is said by the form; the rest by the page for refusals."""
        if not isinstance(refusal, Invalid):
            raise refusal
        form.add_error(None, str(refusal.message))
        return self.show(form, status=422)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(
            heading=self.heading, lead=self.lead, button=self.button, cancel=self.record.get_absolute_url(), **context
        )


class MethodForm(forms.ModelForm):
    reason = reason_field(_("The chart shows it beside the values"))

    class Meta:
        model = ChartMethod
        fields = (
            "chart",
            "rules",
            "run_length",
            "marking",
            "constants",
            "uses_medians",
            "screens_ranges",
            "reason",
        )


class MethodView(JudgingView):
    """Chart, rules and constants."""

    heading = _("Change chart")
    lead = _(
        "The whole series is judged by the chart and rules that you choose. What held before stays in the history."
    )
    done = _("The KPI is judged by the new chart and rules.")
    form_class = MethodForm

    def get_form(self, *sent: Any) -> MethodForm:
        last = ChartMethod.objects.filter(kpi=self.record).order_by("id").last()
        names = ("chart", "rules", "run_length", "marking", "constants", "uses_medians", "screens_ranges")
        initial = {name: getattr(last, name) for name in names} if last else {}
        form = MethodForm(*sent, initial=initial)
        allowed = [(chart.value, ChartKind(chart).label) for chart in ALLOWED[self.record.kind]]
        form.fields["chart"].choices = [("", _t("Chosen by the portal")), *allowed]
        return form

    def apply(self, values: dict[str, Any]) -> None:
        choose_method(self.record, by=self.request.user, **values)


class LimitsForm(forms.Form):
    since = DayField(
        label=_("In force since"),
        help_text=_("First day of the first period that is judged by them"),
        error_messages={"required": _("Enter a day")},
    )
    base_from = DayField(label=_("Computed from"), required=False, help_text=_("Leave empty to begin with that period"))
    base_until = DayField(label=_("Computed until"), required=False, help_text=_("Leave empty for the first 20 values"))
    reason = reason_field()


class LimitsView(JudgingView):
    """New limits from a period on."""

    heading = _("Set new limits")
    lead = _("The limits before stay on the chart for the periods that were judged by them.")
    button = _("Set limits")
    done = _("New limits are in force.")
    form_class = LimitsForm

    def apply(self, values: dict[str, Any]) -> None:
        set_limits(self.record, values.pop("since"), by=self.request.user, **values)


class ReasonForm(forms.Form):
    reason = reason_field()


class WithdrawLimitsView(JudgingView):
    """Take limits back."""

    heading = _("Withdraw limits")
    lead = _("The limits before them hold again.")
    button = _("Withdraw limits")
    done = _("The limits are withdrawn.")
    form_class = ReasonForm

    def apply(self, values: dict[str, Any]) -> None:
        rows = LimitVersion.objects.filter(kpi=self.record, number=self.kwargs["number"])
        limits = rows.first()
        if limits is None:
            raise Http404
        withdraw_limits(limits, by=self.request.user, reason=values["reason"])


class ExcludeForm(forms.Form):
    period = DayField(
        label=_("Period"),
        help_text=_("First day of the period"),
        error_messages={"required": _("Enter the first day of the period")},
    )
    reason = reason_field(_("What disturbed this period"))


class ExcludeView(JudgingView):
    """Leave a period out of limits and signals."""

    heading = _("Leave a period out")
    lead = _("The value stays on the chart as a hollow point and no longer moves limits.")
    button = _("Leave it out")
    done = _("The period is left out of limits and signals.")
    form_class = ExcludeForm

    def apply(self, values: dict[str, Any]) -> None:
        exclude_point(self.record, values["period"], by=self.request.user, reason=values["reason"])


class MarkerForm(forms.Form):
    on = DayField(label=_("Day"), error_messages={"required": _("Enter a day")})
    label = LineField(
        label=_("What changed"), max_length=LONGEST_LABEL, error_messages={"required": _("Enter what changed")}
    )


class MarkerView(JudgingView):
    """Mark a change of the process."""

    permission = "kpis.enter_measurements"
    heading = _("Mark a change")
    lead = _("A marker shows when something changed in the process. It moves no limits.")
    button = _("Mark change")
    done = _("The change is marked on the chart.")
    form_class = MarkerForm

    def apply(self, values: dict[str, Any]) -> None:
        add_marker(self.record, values["on"], values["label"], by=self.request.user)


class ProposalForm(forms.Form):
    reason = reason_field()
    decision = forms.ChoiceField(choices=(("accept", ""), ("decline", "")), widget=forms.HiddenInput, required=False)


class ProposalView(JudgingView):
    """Accept or decline a proposal to re-base."""

    heading = _("Decide on new limits")
    form_class = ProposalForm

    def get_template_name(self) -> str:
        return "kpis/proposal_form.html"

    def proposal(self) -> Proposal:
        row = Proposal.objects.select_related("marker", "kpi", "decided_by").filter(
            kpi=self.record, pk=self.kwargs["pk"]
        )
        found = row.first()
        if found is None:
            raise Http404
        return found

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        row = self.proposal()
        label = marker_labels([row.marker], self.request.user)[row.marker_id]
        period = period_words(row.since, self.record.grain, self.record.calendar)
        return super().get_context_data(
            proposal=row,
            sentence=proposal_sentence(row, label),
            evidence=proposal_evidence(row),
            since=period,
            **context,
        )

    def save(self, form: forms.Form) -> str:
        by, reason = self.request.user, form.cleaned_data["reason"]
        if form.cleaned_data.get("decision") == "decline":
            decline(self.proposal(), by=by, reason=reason)
            say(self.request, _t("The limits stay as they are."))
        else:
            accept(self.proposal(), by=by, reason=reason)
            say(self.request, _t("New limits are in force."))
        return self.record.get_absolute_url()


class RemoveView(RecordView):
    """One press: take something off the chart again."""

    model: Any = None

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        row = self.model.objects.filter(kpi=self.record, pk=kwargs["pk"]).first()
        if row is None:
            raise Http404
        self.remove(row)
        return redirect(self.record)

    def remove(self, row: Any) -> None:
        raise NotImplementedError


class RemoveMarkerView(RemoveView):
    model = ChangeMarker

    def remove(self, row: ChangeMarker) -> None:
        remove_marker(row, by=self.request.user)
        say(self.request, _t("The marker is removed."))


class IncludeView(RemoveView):
    model = ExcludedPoint

    def remove(self, row: ExcludedPoint) -> None:
        include_point(row, by=self.request.user)
        say(self.request, _t("The period counts again."))


def judged_page(request: HttpRequest, kpi: Any) -> JudgedPage:
    """The judgement of a KPI for its page; `?values=all` shows every period in the table."""
    return JudgedPage(kpi, request.user, shows_all=request.GET.get("values") == "all")


ROUTES = (
    ("method", "kpis/<str:code>/chart/", MethodView),
    ("limits", "kpis/<str:code>/limits/new/", LimitsView),
    ("limits-withdraw", "kpis/<str:code>/limits/<int:number>/withdraw/", WithdrawLimitsView),
    ("exclude", "kpis/<str:code>/left-out/new/", ExcludeView),
    ("include", "kpis/<str:code>/left-out/<int:pk>/include/", IncludeView),
    ("marker", "kpis/<str:code>/markers/new/", MarkerView),
    ("marker-remove", "kpis/<str:code>/markers/<int:pk>/remove/", RemoveMarkerView),
    ("proposal", "kpis/<str:code>/proposals/<int:pk>/", ProposalView),
)
