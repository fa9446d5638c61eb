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
        from core.kinds import receivers  # noqa: F401
        from core.ledger_check import check_ledger
        from core.navigation import Setting, register_setting
        from core.notices import Topic, register_topic
        from core.outbox_check import check_outbox
        from core.proof import check_history, check_moments, check_states
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
        register_check("states", check_states)
        register_check("history", check_history)
        register_check("moments", check_moments)
        register_bell_and_menus()
        whose = Setting(
            _("Organisation"),
            _("Its name, and what the server's settings say"),
            "core:organisation",
            "home",
            "core.view_organisation",
            order=5,
        )
        mail = Setting(
            _("Outgoing mail"),
            _("What waits, and what the mail server refused"),
            "core:outbox",
            "send",
            "core.view_outboxmessage",
            order=20,
        )
        work = Setting(
            _("Long work"), _("Imports, exports and what else runs"), "core:jobs", "sync", "core.view_job", order=30
        )
        groups = Setting(
            _("Groups and permissions"),
            _("What each group may do, to look at"),
            "admin:index",
            "lock",
            lambda person: person.is_staff,
            order=90,
        )
        log = Setting(
            _("Audit log"),
            _("Who did what and when, and the result of the last verification"),
            "core:audit-log",
            "history",
            "core.view_ledgerline",
            order=25,
        )
        for setting in (log, whose, mail, work, groups):
            register_setting(setting)
        post_migrate.connect(grant_rights, dispatch_uid="core.grant_rights")
