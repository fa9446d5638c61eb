from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = _("Training")

    def ready(self) -> None:
        from core.kinds import register
        from core.navigation import NavEntry, register_nav
        from core.panels import register_panel
        from documents.models import Document
        from people.groups import allow
        from training import receivers, reminding  # noqa: F401
        from training.kinds import READING_RULE
        from training.panels import MINE, READ_BY

        for group in ("officer", "administrator"):
            allow(group, "training.add_readingrule", "training.change_readingrule", "training.view_readings")
        allow("auditor", "training.view_readings")
        register(READING_RULE)
        register_panel(Document, MINE)
        register_panel(Document, READ_BY)
        register_nav(NavEntry(_("Reading"), "training:readings", "book", group="library", order=30))
