from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        from core.mentions import finds_people
        from core.navigation import NavEntry, Setting, register_me, register_nav, register_setting
        from core.notices import Topic, register_topic
        from core.saved_views import ViewList, register_views
        from core.verification import register_check
        from people import import_jobs, ownerless, permissions  # noqa: F401
        from people.confirming import register_act
        from people.groups import ensure_groups
        from people.holdings import HOLDINGS
        from people.kinds import register_types
        from people.leaving import register_holding
        from people.mentions import find_by_name_or_address
        from people.proof import check_people
        from people.second_person import ACTS

        register_check("people", check_people)
        finds_people(find_by_name_or_address)
        register_types()
        post_migrate.connect(ensure_groups, dispatch_uid="people.ensure_groups")
        register_topic(Topic("security", _("Security of accounts"), always_at_once=True))
        register_topic(Topic("owned", _("Records that I own")))
        register_topic(Topic("delegation", _("Standing in for somebody"), always_at_once=True))
        for act in ACTS:
            register_act(act)
        for holding in HOLDINGS:
            register_holding(holding)
        register_views(ViewList("people", _("People"), "people:list"))
        register_nav(NavEntry(_("People"), "people:list", "users", "foot", 5))
        register_me(NavEntry(_("Profile and preferences"), "people:preferences", "user", order=10))
        register_me(NavEntry(_("Delegate my approvals"), "people:my-delegation", "calendar", order=20))
        register_me(NavEntry(_("Confirmations"), "people:confirmations", "check-circle", order=25))
        keeps = "people.change_person"
        for setting in (
            Setting(_("Accounts"), _("Invite, change, deactivate"), "people:list", "users", keeps, "people", 10),
            Setting(
                _("Departments"), _("The organisation's tree"), "people:departments", "process", keeps, "people", 20
            ),
            Setting(_("Job roles"), _("What routes and readerships name"), "people:roles", "user", keeps, "people", 30),
            Setting(
                _("Import people"), _("From a table, looked at first"), "people:import", "table", keeps, "people", 40
            ),
        ):
            register_setting(setting)
