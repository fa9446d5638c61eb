from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SopsConfig(AppConfig):
    name = "sops"
    verbose_name = _("Procedures")

    def ready(self) -> None:
        from core.navigation import NavEntry, Setting, register_list_link, register_setting
        from core.panels import register_panel
        from documents.models import Document
        from people.groups import allow
        from sops import import_jobs, receivers  # noqa: F401
        from sops.comparing import compare_versions
        from sops.kinds import WRITE, register_kinds
        from sops.panels import USED_BY

        register_kinds(compare_versions)
        register_setting(
            Setting(
                _("Imports"),
                _("Whether imported documents may take effect as approved before the portal"),
                "sops:import-settings",
                "download",
                "core.change_organisation",
                "documents",
                30,
            )
        )
        register_panel(Document, USED_BY)
        register_list_link("documents", NavEntry(_("Import"), "sops:import", "archive", permission=WRITE))
        allow("officer", WRITE)
        allow("owner", WRITE)
