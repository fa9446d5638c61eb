from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.navigation import NavEntry, register_nav


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        register_nav(
            NavEntry(_("Administration"), "admin:index", "sliders", "foot", 10, lambda person: person.is_staff)
        )
        register_nav(NavEntry(_("Help and styles"), "styleguide", "help", "foot", 20))
