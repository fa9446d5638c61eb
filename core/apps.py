from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        from core import attachment_text, entry_rules  # noqa: F401
        from core.attachment_check import check_attachments
        from core.bell import register_bell_and_menus
        from core.catalog_check import check_catalog
        from core.constraint_check import check_constraints
        from core.database_roles import grant_rights
        from core.ledger_check import check_ledger
        from core.notices import Topic, register_topic
        from core.outbox_check import check_outbox
        from core.rhythm import AT_ONCE, NEVER
        from core.verification import register_check

        register_topic(Topic("mentions", _("Somebody names me in a comment"), usual=AT_ONCE))
        register_topic(Topic("comments", _("Comments on what I own or took part in")))
        register_topic(Topic("jobs", _("Long work I asked for is finished"), usual=NEVER))
        register_check("ledger", lambda: check_ledger().findings)
        register_check("outbox", check_outbox)
        register_check("attachments", check_attachments)
        register_check("catalogue", check_catalog)
        register_check("constraints", check_constraints)
        register_bell_and_menus()
        post_migrate.connect(grant_rights, dispatch_uid="core.grant_rights")
