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
        from kpis import due, permissions, receivers  # noqa: F401
        from kpis.kinds import KPI
        from people.groups import allow

        register(KPI)
        register_nav(NavEntry(_("KPI overview"), "kpis:overview", "gauge", group="measure", order=10))
        keep_append_only("kpis_definition")
        allow("officer", "kpis.add_kpi", "kpis.change_kpi", "kpis.view_kpi", "kpis.enter_measurements")
        for group in ("owner", "manager"):
            allow(group, "kpis.add_kpi", "kpis.view_kpi")
