from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from core.navigation import NavEntry, Setting, keeps_settings, register_me, register_nav, register_setting


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        from core.notices import Topic, register_topic
        from people.groups import allow
        from portal.saved_searches import TOPIC
        from portal.waiting import count_for

        register_nav(NavEntry(_("Home"), "home", "home", "top", 10, short=True))
        register_nav(NavEntry(_("Inbox"), "inbox", "inbox", "top", 20, count=count_for, short=True, hot=True))
        register_nav(NavEntry(_("Search"), "search", "search", "top", 30, short=True))
        register_nav(NavEntry(_("Administration"), "core:administration", "sliders", "foot", 10, keeps_settings))
        register_setting(
            Setting(
                _("Words that mean the same"),
                _("Synonyms that the search knows"),
                "synonyms",
                "search",
                "core.keep_synonyms",
                order=10,
            )
        )
        register_nav(NavEntry(_("Help"), "help", "help", "foot", 20))
        register_me(NavEntry(_("What I watch"), "watching", "star", order=30))
        register_topic(Topic(TOPIC, _("New results of my saved searches")))
        allow("administrator", "core.keep_synonyms")
