"""Which of the files that dependencies bring are served."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class PortalStaticFilesConfig(StaticFilesConfig):
    """Without django-htmx's copies: the portal serves its own htmx, and theirs refer to files they do not bring."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "django_htmx", "guardian", "*.map", "LICENSE*", "README*"]
