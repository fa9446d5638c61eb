from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        from core.attachments import register_remark
        from core.bulk import register_action, register_list
        from core.bulk_watching import UNWATCH, WATCH
        from core.database_roles import keep_append_only
        from core.notices import Topic, register_topic
        from core.saved_views import ViewList, register_views
        from core.verification import register_check
        from documents import announcing, catalog, pdf, permissions, receivers, reminding  # noqa: F401
        from documents.appendices import remark_on_files
        from documents.bulk_actions import ACTIONS, DOCUMENTS
        from documents.evidence_check import check_evidence
        from documents.leaving import HOLDINGS
        from documents.manifest_check import check_manifests
        from documents.models import Document
        from documents.table import TABLE
        from people.groups import allow
        from people.keys import add_key_source
        from people.leaving import register_holding

        register_check("documents", check_manifests)
        register_check("evidence", check_evidence)
        register_remark(Document, remark_on_files)
        keep_append_only("documents_decision")
        keep_append_only("documents_review")
        allow("officer", "documents.keep_documents", "documents.adopt_versions")
        for group in ("administrator", "officer"):
            allow(group, "documents.view_routetemplate", "documents.change_routetemplate")
            allow(group, "documents.view_kindsettings")
        allow("administrator", "documents.change_kindsettings")
        register_list(DOCUMENTS)
        register_views(ViewList("documents", _("Procedures"), "documents:list"))
        for action in (*ACTIONS, WATCH, UNWATCH, TABLE):
            register_action(DOCUMENTS.name, action)
        for holding in HOLDINGS:
            register_holding(holding)
        add_key_source(
            "grant",
            """SELECT 'grant:p' || id FROM documents_documentgrant
               WHERE user_id = %(person)s AND (expires_at IS NULL OR expires_at > %(now)s)""",
        )
        add_key_source(
            "role grant",
            """SELECT 'grant:r' || g.id FROM documents_documentrolegrant g
               JOIN people_person_job_roles r ON r.jobrole_id = g.role_id
               WHERE r.person_id = %(person)s AND (g.expires_at IS NULL OR g.expires_at > %(now)s)""",
        )
        register_topic(Topic("asked", _("I am asked to decide or review"), always_at_once=True))
        register_topic(Topic("my_documents", _("What happens to documents I own or wrote")))
        register_topic(Topic("watched", _("News of what I watch or subscribed to")))
        self._show_in_menus()

    def _show_in_menus(self) -> None:
        """Where people meet documents: the navigation, “New”, and the page of settings."""
        from core.navigation import NavEntry, Setting, register_nav, register_new, register_setting
        from documents.kinds import all_kinds

        register_nav(NavEntry(_("Procedures"), "documents:list", "doc", group="library", order=20, short=True))
        register_new(
            NavEntry(
                _("Document"),
                "documents:new",
                "doc",
                permission=lambda person: any(person.has_perm(kind.write_permission) for kind in all_kinds()),
            )
        )
        register_setting(
            Setting(
                _("Approval routes"),
                _("Who decides on documents of a kind and department, in which order and until when"),
                "documents:routes",
                "sign",
                "documents.view_routetemplate",
                "documents",
                10,
            )
        )
        register_setting(
            Setting(
                _("Kinds of documents"),
                _("Signature, review interval, reminders and retention of each kind"),
                "documents:kinds",
                "doc",
                "documents.view_kindsettings",
                "documents",
                20,
            )
        )
