"""Entering values of what is due, correcting them with a reason, and taking the last entry back."""

import secrets
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from core.lifecycle import Refused
from core.pages.kind import RecordView
from core.paging import BoundedPaginator
from core.views import remember_sent, say, sent_before
from kpis.due import open_periods
from kpis.entry_forms import CorrectionForm, DueForm, EntryForm, OtherPeriodForm
from kpis.measuring import SAME, EntryProblems, enter, refuse_unless_open, undo, withdraw
from kpis.models import Kpi, Measurement, Way
from kpis.period_words import period_words

MOST_ROWS = 60  # of one check-in; who has more sites and products sends a file


class CheckInView(RecordView):
    """One form with a row for each period, site and product that is due."""

    def get_template_name(self) -> str:
        return "kpis/check_in.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        refuse_unless_open(self.record, by=request.user, way=Way.FORM)
        return self.show(self.get_forms())

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        if before := sent_before(request):
            return redirect(before.result_url)
        refuse_unless_open(self.record, by=request.user, way=Way.FORM)
        rows = self.get_forms(request.POST)
        typed = [form for form in rows if not form.is_blank]
        if not all([form.is_valid() for form in typed]):
            return self.show(rows, status=422)
        if not typed:
            return self.show(rows, status=422, problem=_t("Enter at least one value."))
        try:
            with transaction.atomic():
                outcomes = enter(self.record, [form.entry() for form in typed], by=request.user, way=Way.FORM)
                remember_sent(request, self.record.get_absolute_url())
        except EntryProblems as refused:
            for number, problems in refused.problems.items():
                typed[number].add_problems(self.with_way_out(problems))
            return self.show(rows, status=422)
        stored = len([outcome for outcome in outcomes if outcome != SAME])
        say(request, ngettext("%(n)d value is stored", "%(n)d values are stored", stored) % {"n": stored})
        return redirect(self.record)

    def with_way_out(self, problems: dict[str, str]) -> dict[str, str]:
        """A value that is there already is not corrected here."""
        if "reason" in problems:
            return {"period": _t("There is a value already. Open it on the page of the KPI and correct it there.")}
        return problems

    def get_forms(self, data: Any = None) -> list[EntryForm]:
        """A row for each due period and known breakdown, and one for any other period."""
        kpi = self.record
        due = [
            (period, breakdown)
            for period in open_periods([kpi], timezone.localdate())[kpi.pk]
            for breakdown in self.breakdowns()
        ][:MOST_ROWS]
        rows: list[EntryForm] = [
            DueForm(data, kpi=kpi, period=period, breakdown=breakdown, prefix=f"{period}-{number}")
            for number, (period, breakdown) in enumerate(due)
        ]
        return [*rows, OtherPeriodForm(data, kpi=kpi, prefix="other")]

    def breakdowns(self) -> list[tuple[str, str]]:
        """The sites and products of the newest period that has values."""
        if not self.record.dimension_1:
            return [("", "")]
        current = Measurement.objects.current().filter(kpi=self.record)
        newest = current.order_by("-period").values_list("period", flat=True).first()
        found = current.filter(period=newest).order_by("dimension_1", "dimension_2")
        return list(found.values_list("dimension_1", "dimension_2"))

    def show(self, rows: list[EntryForm], *, status: int = 200, **context: Any) -> HttpResponse:
        token = self.request.POST.get("form_token") or secrets.token_urlsafe(16)
        summary = [form for form in rows if form.is_bound and form.errors and not form.is_blank]
        return self.answer(
            due_forms=rows[:-1], other_form=rows[-1], summary=summary, form_token=token, status=status, **context
        )


class _MeasurementView(RecordView):
    """A page about one measurement of the KPI."""

    def get_template_name(self) -> str:
        return "kpis/correct_form.html"

    @property
    def measurement(self) -> Measurement:
        rows = self.record.measurements.select_related("definition", "entered_by", "batch")
        found = rows.filter(pk=self.kwargs["pk"]).first() if self.kwargs["pk"] < 2**63 else None
        if found is None:
            raise Http404
        return found

    def period_of(self, measurement: Measurement) -> str:
        words = period_words(measurement.period, self.record.grain, self.record.calendar)
        return ", ".join(part for part in (words, measurement.dimension_1, measurement.dimension_2) if part)


class CorrectView(_MeasurementView):
    """Another value for a period, with the reason; or none at all."""

    def get(self, request: HttpRequest, code: str, pk: int) -> HttpResponse:
        measurement = self.measurement
        refuse_unless_open(self.record, by=request.user, way=Way.FORM)
        return self.show(CorrectionForm(kpi=self.record, measurement=measurement), measurement)

    def post(self, request: HttpRequest, code: str, pk: int) -> HttpResponse:
        if before := sent_before(request):
            return redirect(before.result_url)
        measurement = self.measurement
        refuse_unless_open(self.record, by=request.user, way=Way.FORM)
        form = CorrectionForm(request.POST, kpi=self.record, measurement=measurement)
        if not form.is_valid():
            return self.show(form, measurement, status=422)
        try:
            with transaction.atomic():
                words = self.save(form, measurement)
                remember_sent(request, self.record.get_absolute_url())
        except EntryProblems as refused:
            form.add_problems(refused.problems[0])
            return self.show(form, measurement, status=422)
        except Refused as refusal:
            form.add_error(None, str(refusal.message))
            return self.show(form, measurement, status=refusal.status)
        say(request, words)
        return redirect(self.record)

    def save(self, form: CorrectionForm, measurement: Measurement) -> str:
        if not measurement.is_current:
            raise Refused(_t("This value was corrected or withdrawn meanwhile."))
        if self.request.POST.get("what") == "withdraw":
            withdraw(measurement, by=self.request.user, reason=form.cleaned_data["reason"])
            return _t("%(period)s: the value is withdrawn") % {"period": self.period_of(measurement)}
        [outcome] = enter(self.record, [form.entry()], by=self.request.user, way=Way.FORM)
        if outcome == SAME:
            return _t("Nothing was different, so nothing was saved.")
        return _t("%(period)s is corrected") % {"period": self.period_of(measurement)}

    def show(self, form: CorrectionForm, measurement: Measurement, *, status: int = 200) -> HttpResponse:
        others = self.record.measurements.filter(
            period=measurement.period, dimension_1=measurement.dimension_1, dimension_2=measurement.dimension_2
        )
        return self.answer(
            form=form,
            measurement=measurement,
            period=self.period_of(measurement),
            revisions=others.select_related("entered_by", "definition").order_by("-revision"),
            form_token=self.request.POST.get("form_token") or secrets.token_urlsafe(16),
            status=status,
        )


class UndoView(_MeasurementView):
    """Takes the last entry of a period back."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, code: str, pk: int) -> HttpResponse:
        measurement = self.measurement
        undo(measurement, by=request.user)
        say(request, _t("%(period)s: the last entry is taken back") % {"period": self.period_of(measurement)})
        return redirect(self.record)


class MeasurementListView(RecordView):
    """All values of a KPI with their revisions, newest period first."""

    def get_template_name(self) -> str:
        return "kpis/measurements.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        kpi: Kpi = self.record
        rows = kpi.measurements.select_related("entered_by", "batch", "definition")
        if not request.GET.get("all"):
            rows = rows.filter(is_current=True)
        rows = rows.order_by("-period", "dimension_1", "dimension_2", "-revision")
        page = BoundedPaginator(rows, 100).get_page(request.GET.get("page"))
        for row in page.object_list:
            row.period_words = period_words(row.period, kpi.grain, kpi.calendar)
        return self.answer(
            page_obj=page,
            shows_all=bool(request.GET.get("all")),
            may_enter=kpi.is_in_use and not kpi.portal_figure and request.user.has_perm("kpis.enter_measurements", kpi),
        )
