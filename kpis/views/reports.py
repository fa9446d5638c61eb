"""The pages of a report: what was sent, preview, commentary, files, sending now."""

import secrets
from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.kinds import RecordForm
from core.kinds.changes import create
from core.ledger import record_line
from core.lifecycle import NotAllowed
from core.pages.kind import RecordCreateView, RecordPageView, RecordUpdateView, RecordView
from core.views import say
from kpis.models import Commentary, Report, ReportDelivery
from kpis.report_content import content_of, kpis_of, name_of_period, period_of
from kpis.report_forms import upcoming
from kpis.reporting import attached, mails_of, may_open, recipients_of, retry, send_now

RUNS_SHOWN = 12


class ReportPageView(RecordPageView):
    """Schedule, pages, recipients, and the archive of what was sent."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        report, person = self.record, self.request.user
        visible = set(kpis_of(report, person).values_list("pk", flat=True))
        pages = [
            (page, [item.kpi for item in page.items.all() if item.kpi_id in visible])
            for page in report.pages.prefetch_related("items__kpi")
        ]
        return super().get_context_data(
            pages=pages,
            upcoming=upcoming(report),
            has_end=bool(report.schedule and report.schedule.has_end),
            recipients=recipients_of(report),
            runs=self.runs(),
            may_send=person.has_perm(Report.permission("change"), report),
            **context,
        )

    def runs(self) -> list[dict[str, Any]]:
        """The newest sendings; each with its deliveries as this person may see them."""
        report, person = self.record, self.request.user
        runs = list(report.runs.select_related("asked_by").prefetch_related("deliveries__person")[:RUNS_SHOWN])
        mails = mails_of([delivery for run in runs for delivery in run.deliveries.all()])
        sees_all = person.has_perm(Report.permission("change"), report)
        return [
            {
                "run": run,
                "period": name_of_period(report, run.period),
                "deliveries": [
                    (delivery, mails.get(delivery.pk))
                    for delivery in run.deliveries.all()
                    if sees_all or delivery.person_id == person.pk
                ],
            }
            for run in runs
        ]


class ReportCreateView(RecordCreateView):
    def save(self, form: RecordForm) -> str:
        report = create(self.kind, form.values(), by=self.request.user)
        form.pages.save_to(report, self.request.user)
        say(self.request, _t("%(code)s is created.") % {"code": report.code})
        return report.get_absolute_url()


class ReportUpdateView(RecordUpdateView):
    def save(self, form: RecordForm) -> str:
        address = super().save(form)
        before = _pages_in_words(self.record)
        form.pages.save_to(self.record, self.request.user)
        after = _pages_in_words(self.record)
        if before != after:
            record_line(
                self.record, "report_pages_changed", by=self.request.user, data={"before": before, "after": after}
            )
        return address


def _pages_in_words(report: Report) -> list[str]:
    pages = report.pages.prefetch_related("items__kpi")
    return [f"{page.heading}: {', '.join(item.kpi.code for item in page.items.all())}" for page in pages]


class PreviewView(RecordView):
    """The report as it would be sent to this person now, with the commentary of its period."""

    def get_template_name(self) -> str:
        return "kpis/report_preview.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        return self.show()

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        """Keep what is said about the pages in this period."""
        report = self.record
        if not request.user.has_perm(Report.permission("change"), report):
            raise NotAllowed(_t("Only the owner and process officers comment on this report."))
        period = period_of(report, timezone.localdate())
        rows = self.commentary_forms(period, request.POST)
        if not all([form.is_valid() for _page, form in rows]):
            return self.show(rows=rows, status=422)
        with transaction.atomic():
            for page, form in rows:
                _keep_commentary(page, period, form.cleaned_data["text"], by=request.user)
            record_line(report, "report_commented", by=request.user, data={"period": period.isoformat()})
        say(request, _t("The commentary is saved."))
        return redirect(self.kind.address(report, "preview"))

    def commentary_forms(self, period: Any, data: Any = None) -> list[tuple[Any, "CommentaryForm"]]:
        said = dict(Commentary.objects.filter(page__report=self.record, period=period).values_list("page", "text"))
        return [
            (
                page,
                CommentaryForm(data, prefix=f"page-{page.pk}", label=page.heading, initial={"text": said.get(page.pk)}),
            )
            for page in self.record.pages.all()
        ]

    def show(self, *, rows: Any = None, status: int = 200) -> HttpResponse:
        report, person = self.record, self.request.user
        period = period_of(report, timezone.localdate())
        may_change = person.has_perm(Report.permission("change"), report)
        return self.answer(
            content=content_of(report, person, period),
            commentaries=(rows or self.commentary_forms(period)) if may_change else [],
            may_send=may_change,
            form_token=secrets.token_urlsafe(16),
            status=status,
        )


class CommentaryForm(forms.Form):
    """What is said about one page in one period."""

    text = forms.CharField(
        label=_("Commentary"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = label


def _keep_commentary(page: Any, period: Any, text: str, *, by: Any) -> None:
    stored = Commentary.objects.filter(page=page, period=period).first()
    if (stored.text if stored else "") == text:
        return
    commentary = stored or Commentary(page=page, period=period)
    commentary.text, commentary.written_by, commentary._history_user = text, by, by
    commentary.save()


class SendNowView(RecordView):
    http_method_names = ("post",)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        send_now(self.record, by=request.user)
        say(request, _t("The report is being made and sent."))
        return redirect(self.record)


class RetryView(RecordView):
    http_method_names = ("post",)

    def post(self, request: HttpRequest, code: str, pk: int) -> HttpResponse:
        run = self.record.runs.filter(pk=pk).first() if pk < 2**63 else None
        if run is None:
            raise Http404
        retry(run, by=request.user)
        say(request, _t("The report is being made and sent."))
        return redirect(self.record)


class DeliveryView(RecordView):
    """What one person got: the files and their hashes. Who no longer sees its KPIs finds nothing."""

    def get_template_name(self) -> str:
        return "kpis/report_delivery.html"

    def get_delivery(self) -> ReportDelivery:
        person, pk = self.request.user, self.kwargs["pk"]
        deliveries = ReportDelivery.objects.select_related("run__report", "person", "pdf", "workbook")
        found = deliveries.filter(run__report=self.record, pk=pk).first() if pk < 2**63 else None
        is_own = found is not None and found.person_id == person.pk
        if found is None or not (is_own or person.has_perm(Report.permission("change"), self.record)):
            raise Http404
        if not may_open(person, found):
            raise Http404
        return found

    def get(self, request: HttpRequest, code: str, pk: int) -> HttpResponse:
        delivery = self.get_delivery()
        return self.answer(
            delivery=delivery,
            mail=mails_of([delivery]).get(delivery.pk),
            period=name_of_period(self.record, delivery.run.period),
        )


class DeliveryFileView(DeliveryView):
    """One of its files."""

    def get(self, request: HttpRequest, code: str, pk: int, form: str = "") -> HttpResponse:
        delivery = self.get_delivery()
        if delivery.outcome != ReportDelivery.Outcome.SENT or form not in ("pdf", "xlsx"):
            raise Http404
        file = attached(delivery, form)
        said = {"Content-Disposition": f'attachment; filename="{file.name}"', "X-Content-Type-Options": "nosniff"}
        return HttpResponse(file.data, content_type=file.media_type, headers=said)
