from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KpisConfig(AppConfig):
    name = "kpis"
    verbose_name = _("KPIs")

    def ready(self) -> None:
        """Register what this app brings to the floors below."""
        from core.database_roles import keep_append_only
        from core.kinds import register
        from core.navigation import NavEntry, register_nav
        from core.panels import register_panel
        from kpis import due, following, permissions, receivers, reporting  # noqa: F401
        from kpis.kinds import KPI
        from kpis.panels import KPIS_OF_PROCESS
        from kpis.report_kind import KPI_REPORT
        from people.groups import allow
        from processes.models import Process

        register(KPI)
        register_panel(Process, KPIS_OF_PROCESS)
        register_nav(NavEntry(_("KPI overview"), "kpis:overview", "gauge", group="measure", order=10))
        register(KPI_REPORT)
        for table in ("definition", "reportfile", "reportdelivery"):
            keep_append_only(f"kpis_{table}")
        allow("officer", "kpis.add_kpi", "kpis.change_kpi", "kpis.view_kpi", "kpis.enter_measurements")
        allow("officer", "kpis.add_report", "kpis.change_report", "kpis.view_report")
        for group in ("owner", "manager"):
            allow(group, "kpis.add_kpi", "kpis.view_kpi", "kpis.add_report", "kpis.view_report")
