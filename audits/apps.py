from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditsConfig(AppConfig):
    name = "audits"
    verbose_name = _("Audits")

    def ready(self) -> None:
        """Register what this app brings to the floors below."""
        from audits import catalog, import_jobs, permissions, receivers  # noqa: F401
        from audits.checklist_kind import register_checklists
        from audits.models import Framework, Requirement
        from audits.panels import CHECKLISTS, FULFILS
        from core.navigation import NavEntry, register_nav
        from core.panels import register_panel
        from core.state_labels import register_state
        from documents.models import Document
        from people.groups import allow
        from people.permissions import register_owner_rules
        from processes.models import Process

        register_checklists()
        register_owner_rules(Framework)
        for group in ("officer", "auditor"):
            allow(group, "audits.add_framework", "audits.change_framework", "audits.import_framework")
            allow(group, "audits.write_checklist")
        allow("owner", "audits.write_checklist")
        register_panel(Document, FULFILS)
        register_panel(Document, CHECKLISTS)
        register_panel(Requirement, CHECKLISTS)
        register_panel(Process, FULFILS)
        register_nav(NavEntry(_("Requirements"), "audits:libraries", "list", group="assure", order=30))
        for state, icon, tone, word in (
            ("fulfilled", "check-circle", "ok", _("Fulfilled")),
            ("unfulfilled", "circle", "", _("Nothing linked")),
            ("to_check", "alert", "wait", _("Check the link")),
            ("not_applicable", "minus", "gone", _("Does not apply")),
        ):
            register_state(state, icon, tone, word)
