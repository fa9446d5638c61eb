from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditsConfig(AppConfig):
    name = "audits"
    verbose_name = _("Audits")

    def ready(self) -> None:
        """Register what this app brings to the floors below."""
        from audits.models import Framework
        from people.groups import allow
        from people.permissions import register_owner_rules

        register_owner_rules(Framework)
        for group in ("officer", "auditor"):
            allow(group, "audits.add_framework", "audits.change_framework", "audits.import_framework")
            allow(group, "audits.write_checklist")
        allow("owner", "audits.write_checklist")
