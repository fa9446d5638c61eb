from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActionsConfig(AppConfig):
    name = "actions"
    verbose_name = _("Actions")

    def ready(self) -> None:
        from actions import permissions, receivers, reminding  # noqa: F401
        from actions.kinds import ACTION
        from actions.leaving import ACTIONS, TASKS, VERIFICATIONS
        from core.kinds import register
        from people.groups import allow
        from people.leaving import register_holding

        register(ACTION)
        for holding in (TASKS, ACTIONS, VERIFICATIONS):
            register_holding(holding)
        for group in ("officer", "owner", "manager", "auditor", "administrator"):
            allow(group, "actions.add_action")
        allow("officer", "actions.change_action")
        from actions.due import tasks_due_today
        from core.due_today import tells_what_is_due
        from core.navigation import NavEntry, register_me
        from core.notices import Topic, register_topic
        from core.rhythm import AT_ONCE

        register_topic(Topic("actions", _("Actions I own or verify"), usual=AT_ONCE))
        register_topic(Topic("reminders", _("Reminders of what is due"), usual=AT_ONCE))
        tells_what_is_due(tasks_due_today)
        register_me(NavEntry(_("Calendar of due dates"), "actions:calendar", "calendar", order=35))
