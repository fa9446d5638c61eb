from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProcessesConfig(AppConfig):
    name = "processes"
    verbose_name = _("Processes")

    def ready(self) -> None:
        """Register what this app brings to the floors below."""
        from core.state_labels import register_state
        from people.groups import allow
        from people.models import register_grants
        from processes import catalog, permissions, receivers  # noqa: F401
        from processes.models import ProcessGrant

        register_state("active", "check-circle", "ok", _("Active"))
        register_grants(ProcessGrant)
        for group in ("officer", "owner"):
            allow(group, "processes.add_process")
        allow("officer", "processes.change_process", "processes.keep_processes")
        for group in ("officer", "administrator"):
            allow(group, "processes.change_processcategory")
