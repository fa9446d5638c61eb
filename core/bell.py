"""What core adds to the shell of every page: the bell, and the person's own pages about notices and long work."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.demo import is_demo
from core.models import Notice
from core.navigation import Bell, NavEntry, register_bell, register_me, register_nav
from core.questions import Question

MOST = 99
_UNREAD = Question(lambda person: Notice.objects.visible_to(person).unread().order_by()[: MOST + 1])


def unread(person: Any) -> int:
    """How many notices the person has not read, counted up to a hundred."""
    return _UNREAD.count(person)


def register_bell_and_menus() -> None:
    """Called once, when the portal starts."""
    register_bell(Bell("core:notices", "core:notices-menu", unread))
    register_me(NavEntry(_("Notices and mail"), "core:notice-settings", "bell", order=30))
    register_me(NavEntry(_("Long work"), "core:jobs", "sync", order=40))
    register_me(NavEntry(_("Outgoing mail"), "core:outbox", "send", order=50, permission="core.view_outboxmessage"))
    register_nav(NavEntry(_("Demo mailbox"), "core:mailbox", "inbox", "foot", 4, lambda person: is_demo()))
