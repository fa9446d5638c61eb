from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SopsConfig(AppConfig):
    name = "sops"
    verbose_name = _("Procedures")

    def ready(self) -> None:
        from people.groups import allow
        from sops.kinds import WRITE, register_kinds

        register_kinds()
        allow("officer", WRITE)
        allow("owner", WRITE)
