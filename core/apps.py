from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        from core.database_roles import grant_rights

        post_migrate.connect(grant_rights, dispatch_uid="core.grant_rights")
