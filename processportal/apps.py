"""The portal's own commands, and which of the files that dependencies bring are served."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class ProcessPortalConfig(AppConfig):
    """Brings backup, restore and selfcheck; it has no models."""

    name = "processportal"
    default = True


class PortalStaticFilesConfig(StaticFilesConfig):
    """Without django-htmx's copies: the portal serves its own htmx, and theirs refer to files they do not bring."""

    default = False
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "django_htmx", "guardian", "*.map", "LICENSE*", "README*"]
