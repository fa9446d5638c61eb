"""Reports of KPIs as a kind of record."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from core.event_words import EventWords
from core.kinds import Fact
from core.kinds.record_kind import Route
from kpis.models import Report
from kpis.report_forms import ReportForm
from kpis.views.reports import (
    DeliveryFileView,
    DeliveryView,
    PreviewView,
    ReportCreateView,
    ReportPageView,
    ReportUpdateView,
    RetryView,
    SendNowView,
)
from people.kinds import OwnedKind


class ReportKind(OwnedKind):
    """What managers are sent."""

    key = "kpi-report"
    path = "kpi-reports"
    model = Report
    icon = "send"
    group = "measure"
    order = 30
    code_prefix = "REP"
    form_class = ReportForm
    form_template = "kpis/report_form.html"
    page_template = "kpis/report_page.html"
    page_view = ReportPageView
    create_view = ReportCreateView
    update_view = ReportUpdateView
    facts = (
        Fact("introduction", column=None, on_page=False),
        Fact("grain", head=True),
        Fact("periods_shown", column=None, filterable=False),
        Fact("only_department", column=False, hide_empty=True, filterable=False),
        Fact("only_process", column=False, hide_empty=True, filterable=False),
        Fact("only_owner", column=False, hide_empty=True, filterable=False),
        Fact("is_scheduled"),
        Fact("rule", column=False, hide_empty=True, filterable=False),
        Fact("starts_at", column=None, hide_empty=True, filterable=False),
        Fact("time_zone", column=None, filterable=False),
        Fact("only_if_changed", column=None, filterable=False),
        Fact("recipients", column=None, on_page=False, exported=False, filterable=False),
        Fact("recipient_roles", column=None, on_page=False, exported=False, filterable=False),
    )
    events: ClassVar[Mapping[str, EventWords]] = {
        "report_sent_now": EventWords(_("sent it to its recipients"), "send"),
        "report_pages_changed": EventWords(_("changed its pages"), "pencil"),
        "report_commented": EventWords(_("wrote the commentary"), "comment"),
    }

    def routes(self) -> list[Route]:
        page = f"{self.path}/<str:code>"
        return [
            *super().routes(),
            ("preview", f"{page}/preview/", PreviewView),
            ("send", f"{page}/send/", SendNowView),
            ("retry", f"{page}/runs/<int:pk>/retry/", RetryView),
            ("delivery", f"{page}/sent/<int:pk>/", DeliveryView),
            ("file", f"{page}/sent/<int:pk>/report.<str:form>", DeliveryFileView),
        ]


KPI_REPORT = ReportKind()
