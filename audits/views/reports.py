"""The report of an audit: its page, freezing it, signing it, and its files."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from audits.audit_forms import AddendumForm, SignReportForm
from audits.lifecycle import AuditState
from audits.models import AuditReport, Evidence, ReportFile
from audits.report_files import ask_for_file
from audits.reporting import freeze, role_of, sign_report
from core.lifecycle import NotAllowed, Refused
from core.pages.kind.base import RecordView
from core.pages.kind.writing import FormPage
from core.views import say
from documents.models import KindSettings
from documents.views.signing import goes_to_provider, signature_from, signing_form, to_provider

STRICT = KindSettings(kind="audit_report")  # a signature with proof, as released documents need by default
MAX_NUMBER = 9_999


class ReportView(RecordView):
    """One report of an audit, found through the audit that the person sees."""

    def find_report(self) -> AuditReport:
        reports = self.record.reports.prefetch_related("signatures__by", "files__attachment")
        report = reports.filter(number=self.kwargs["number"]).first() if self.kwargs["number"] <= MAX_NUMBER else None
        if report is None:
            raise Http404
        report.audit = self.record
        return report


@method_decorator(sensitive_post_parameters("password", "code"), name="dispatch")
class ReportPageView(ReportView):
    """What was frozen, who signed it, and the form to sign it."""

    def get_template_name(self) -> str:
        return "audits/report_page.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        report = self.find_report()
        return self.show(report, self.sign_form(report))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        report = self.find_report()
        role_of(self.record, request.user)
        form = self.sign_form(report)
        if form.is_valid():
            try:
                if goes_to_provider(form):
                    return to_provider(form, request)
                signature = signature_from(form, request)
                seen = form.cleaned_data["seen_hash"]
                sign_report(report, by=request.user, signature=signature, seen_hash=seen)
            except NotAllowed:
                raise
            except Refused as refusal:
                form.add_error(None, str(refusal.message))
            else:
                say(request, _t("You signed the report of %(code)s.") % {"code": self.record.code})
                return redirect(report)
        return self.show(report, form, status=422)

    def sign_form(self, report: AuditReport) -> Any:
        """The form for who has not signed yet, None for everybody else."""
        try:
            role = role_of(self.record, self.request.user)
        except NotAllowed:
            return None
        is_newest = not self.record.reports.filter(number__gt=report.number).exists()
        if role not in report.waits_for() or not is_newest or not report.is_intact():
            return None if self.request.method == "GET" else self._form(report)
        return self._form(report)

    def _form(self, report: AuditReport) -> SignReportForm:
        act = f"report:{report.pk}:{report.sha256}"
        initial = {"seen_hash": report.sha256}
        return signing_form(SignReportForm, self.request, act, initial=initial, settings=STRICT)

    def show(self, report: AuditReport, form: Any, *, status: int = 200) -> HttpResponse:
        evidence = Evidence.objects.filter(audit=self.record, attachment__isnull=False).select_related("attachment")
        addresses = {str(one.pk): one.attachment.get_absolute_url() for one in evidence}
        return self.answer(
            status=status,
            audit=self.record,
            report=report,
            snapshot=report.snapshot,
            form=form,
            intact=report.is_intact(),
            others=[one for one in self.record.reports.all() if one.pk != report.pk],
            addresses=addresses,
        )


class ReportCreateView(RecordView, FormPage):
    """Freeze the report; once there is one, an addendum with a reason."""

    verb = "report"

    def get_template_name(self) -> str:
        return "audits/report_form.html"

    def refused_record(self) -> Any:
        return self.record

    def refuse_unless_allowed(self) -> None:
        if not self.request.user.has_perm("audits.report_audit", self.record):
            raise NotAllowed(_t("The lead auditor writes the report."))
        if self.record.state not in (AuditState.REPORTING, AuditState.CLOSED):
            raise Refused(_t("Finish answering before you write the report."))

    def get_form(self, *sent: Any) -> AddendumForm:
        return AddendumForm(*(sent[:1] or (None,)), is_addendum=self.record.reports.exists())

    def save(self, form: AddendumForm) -> str:
        report = freeze(self.record, by=self.request.user, reason=form.cleaned_data.get("reason", ""))
        say(self.request, _t("%(report)s is frozen. It waits for signatures.") % {"report": report.label})
        return report.get_absolute_url()

    def show_refusal(self, form: AddendumForm, refusal: Refused) -> HttpResponse:
        if isinstance(refusal, NotAllowed):
            raise refusal
        form.add_error(None, str(refusal.message))
        return self.show(form, status=refusal.status)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        heading = _("Write addendum") if self.record.reports.exists() else _("Freeze report")
        cancel = self.kind.address(self.record)
        return super().get_context_data(heading=heading, cancel=cancel, audit=self.record, **context)


class ReportFileView(ReportView):
    """Have the report made as a file, or download what is made."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, number: int, form: str, **kwargs: Any) -> HttpResponse:
        report = self.find_report()
        if form not in ReportFile.Form.values:
            raise Http404
        made = report.file_as(form)
        if made is not None:
            return redirect(made.attachment.get_absolute_url())
        return redirect(ask_for_file(report, form, by=request.user))
