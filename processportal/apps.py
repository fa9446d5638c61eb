"""The portal's own commands, and which of the files that dependencies bring are served."""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.db.models.signals import post_migrate


class ProcessPortalConfig(AppConfig):
    """Brings backup, restore, selfcheck and the log of who signs in; it has no models."""

    name = "processportal"
    default = True

    def ready(self) -> None:
        from processportal import session_limits, sign_in_log  # noqa: F401 - both listen
        from processportal.demo_people import cut_off
        from processportal.secrets_at_rest import encrypt_stored

        def after_migrating(**kwargs: Any) -> None:
            """Each start of the portal migrates: where the demo was switched off since, its people are cut off."""
            cut_off()
            encrypt_stored()

        people = apps.get_app_config("people")
        post_migrate.connect(after_migrating, sender=people, weak=False, dispatch_uid="demo_people.cut_off")


class PortalStaticFilesConfig(StaticFilesConfig):
    """Without django-htmx's copies: the portal serves its own htmx, and theirs refer to files they do not bring."""

    default = False
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "django_htmx", "guardian", "*.map", "LICENSE*", "README*"]
