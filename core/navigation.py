"""What the shell of every page offers: upper apps register their entries here from `AppConfig.ready()`.

    register_nav(NavEntry(_("Procedures"), "documents:list", "doc", group="library", order=20, short=True))
    register_new(NavEntry(_("Procedure"), "documents:new", "doc", permission="documents.add_document"))
    register_me(NavEntry(_("Profile and preferences"), "people:preferences", "user"))
    register_bell(Bell("notices:list", "notices:menu", count=lambda person: …))
    register_setting(Setting(_("Approval routes"), _("Who decides …"), "documents:routes", "sign", permission=…))

A count is asked for once per page and only if the entry is shown, so it may cost one query.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GROUPS: dict[str, str | Promise] = {
    "top": "",
    "library": _("Library"),
    "measure": _("Measure"),
    "assure": _("Assure"),
    "improve": _("Improve"),
    "foot": "",
}


@dataclass(frozen=True)
class NavEntry:
    """One link of the rail, the New menu or the personal menu."""

    label: str | Promise
    url_name: str
    icon: str
    group: str = "library"
    order: int = 100
    permission: str | Callable[[Any], bool] | None = None
    count: Callable[[Any], int] | None = None
    short: bool = False  # also in the bar at the foot of a phone (four fit)
    hot: bool = False  # its count asks for attention

    def is_for(self, person: Any) -> bool:
        """Whether this person may follow the entry at all."""
        if self.permission is None:
            return True
        return self.permission(person) if callable(self.permission) else person.has_perm(self.permission)


SETTING_GROUPS: dict[str, str | Promise] = {
    "documents": _("Documents"),
    "people": _("People"),
    "portal": _("The portal"),
}


@dataclass(frozen=True)
class Setting:
    """One line of the administration page: what is kept there, and for whom."""

    label: str | Promise
    hint: str | Promise
    url_name: str
    icon: str
    permission: str | Callable[[Any], bool]
    group: str = "portal"
    order: int = 100

    def is_for(self, person: Any) -> bool:
        """Whether this person keeps it."""
        return self.permission(person) if callable(self.permission) else person.has_perm(self.permission)

    @property
    def url(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True)
class Bell:
    """The notices button: a page, the fragment its menu shows, and the number unread."""

    url_name: str
    menu_url_name: str
    count: Callable[[Any], int]


@dataclass
class Registry:
    """The entries registered so far."""

    nav: list[NavEntry] = field(default_factory=list)
    new: list[NavEntry] = field(default_factory=list)
    me: list[NavEntry] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    list_links: dict[str, list[NavEntry]] = field(default_factory=dict)
    bell: Bell | None = None


registry = Registry()


def _add(entries: list[NavEntry], entry: NavEntry) -> None:
    entries[:] = sorted([kept for kept in entries if kept.url_name != entry.url_name] + [entry], key=lambda e: e.order)


def register_nav(entry: NavEntry) -> None:
    """Put an entry into the rail."""
    if entry.group not in GROUPS:
        raise ValueError(f"{entry.group!r} is no group of the rail: {', '.join(GROUPS)}")
    _add(registry.nav, entry)


def register_new(entry: NavEntry) -> None:
    """Put an entry into the New menu."""
    _add(registry.new, entry)


def register_list_link(list_name: str, entry: NavEntry) -> None:
    """Put a button above a list of a lower app: an import that an upper app knows, say."""
    _add(registry.list_links.setdefault(list_name, []), entry)


def list_links(list_name: str, person: Any) -> tuple["Link", ...]:
    """The buttons that other apps put above a list, as far as this person may follow them."""
    entries = [entry for entry in registry.list_links.get(list_name, []) if entry.is_for(person)]
    return tuple(Link(str(entry.label), entry.icon, _address(entry.url_name)) for entry in entries)


def register_me(entry: NavEntry) -> None:
    """Put an entry into the menu behind the person's initials."""
    _add(registry.me, entry)


def register_setting(setting: Setting) -> None:
    """Put a line on the administration page."""
    if setting.group not in SETTING_GROUPS:
        raise ValueError(f"{setting.group!r} is no group of settings: {', '.join(SETTING_GROUPS)}")
    kept = [one for one in registry.settings if one.url_name != setting.url_name]
    registry.settings[:] = sorted([*kept, setting], key=lambda one: one.order)


def settings_for(person: Any) -> list[tuple[str | Promise, list[Setting]]]:
    """What this person keeps, by group; groups without any are left out."""
    mine = [setting for setting in registry.settings if setting.is_for(person)]
    groups = [(title, [one for one in mine if one.group == key]) for key, title in SETTING_GROUPS.items()]
    return [group for group in groups if group[1]]


def keeps_settings(person: Any) -> bool:
    """Whether the administration page holds anything for this person."""
    return any(setting.is_for(person) for setting in registry.settings)


def register_bell(bell: Bell) -> None:
    """Say where notices are and how many are unread."""
    registry.bell = bell


class Link(NamedTuple):
    """An entry as it is drawn: equal links look equal, whoever sees them."""

    label: str
    icon: str
    url: str
    is_current: bool = False
    count: int = 0
    hot: bool = False


class Rail(NamedTuple):
    """The rail as it is drawn: its top, its named groups, its foot."""

    top: tuple[Link, ...]
    groups: tuple[tuple[str, str, tuple[Link, ...]], ...]
    foot: tuple[Link, ...]


@cache
def _address(url_name: str) -> str:
    return reverse(url_name)


class ShownEntry:
    """An entry as one person sees it on one page."""

    def __init__(self, entry: NavEntry, person: Any, path: str) -> None:
        self.label, self.icon, self.hot, self.short = entry.label, entry.icon, entry.hot, entry.short
        self.group = entry.group
        self.url = _address(entry.url_name)
        self.is_near = path == self.url or (self.url != "/" and path.startswith(self.url.rstrip("/") + "/"))
        self.is_current = False
        self._entry, self._person, self._count = entry, person, None

    @property
    def count(self) -> int:
        """How many wait there, asked once."""
        if self._count is None:
            self._count = self._entry.count(self._person) if self._entry.count else 0
        return self._count

    @property
    def link(self) -> Link:
        """With the number that waits there."""
        return Link(str(self.label), self.icon, self.url, self.is_current, self.count, self.hot)

    @property
    def plain_link(self) -> Link:
        """Without, as menus show it."""
        return Link(str(self.label), self.icon, self.url)


class Shell:
    """Everything around a page's content, for one request. Costs nothing until the template asks."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._person = getattr(request, "user", None)
        self._nav: list[ShownEntry] | None = None

    @property
    def nav(self) -> list[ShownEntry]:
        """The rail's entries for this person, the nearest to this page marked as current."""
        if self._nav is None:
            self._nav = self._shown(registry.nav)
            near = [entry for entry in self._nav if entry.is_near]
            if near:
                max(near, key=lambda entry: len(entry.url)).is_current = True
        return self._nav

    @cached_property
    def links(self) -> Rail:
        """The rail as it is drawn."""
        groups = tuple((key, str(title), _links(entries)) for key, title, entries in self.groups)
        return Rail(_links(self.top), groups, _links(self.foot))

    @property
    def short_links(self) -> tuple[Link, ...]:
        return _links(self.short)

    @property
    def more_links(self) -> tuple[Link, ...]:
        return _links(self.more)

    @property
    def new_links(self) -> tuple[Link, ...]:
        return tuple(entry.plain_link for entry in self.new)

    @property
    def me_links(self) -> tuple[Link, ...]:
        return tuple(entry.plain_link for entry in self.me)

    @property
    def groups(self) -> list[tuple[str, str | Promise, list[ShownEntry]]]:
        """The rail between its top and its foot."""
        named = [(key, title, [e for e in self.nav if e.group == key]) for key, title in GROUPS.items() if title]
        return [group for group in named if group[2]]

    @property
    def top(self) -> list[ShownEntry]:
        """Entries above the first group."""
        return [entry for entry in self.nav if entry.group == "top"]

    @property
    def foot(self) -> list[ShownEntry]:
        """Entries at the foot of the rail."""
        return [entry for entry in self.nav if entry.group == "foot"]

    @property
    def short(self) -> list[ShownEntry]:
        """The phone's bar: at most four, so that each keeps its 44 px and its word."""
        return [entry for entry in self.nav if entry.short][:4]

    @property
    def more(self) -> list[ShownEntry]:
        """What the phone's More menu holds: everything the bar has no room for."""
        return [entry for entry in self.nav if entry not in self.short]

    @cached_property
    def new(self) -> list[ShownEntry]:
        """What this person may create."""
        return self._shown(registry.new)

    @property
    def me(self) -> list[ShownEntry]:
        """This person's own pages."""
        return self._shown(registry.me)

    @property
    def bell(self) -> dict[str, Any] | None:
        """The notices button, if anything registered one."""
        if registry.bell is None or not getattr(self._person, "is_authenticated", False):
            return None
        bell = registry.bell
        return {
            "url": _address(bell.url_name),
            "menu_url": _address(bell.menu_url_name),
            "count": bell.count(self._person),
        }

    @property
    def theme(self) -> str:
        """The account's choice; before sign-in the device's cookie. Empty means: as the device."""
        chosen = getattr(self._person, "theme", "") or self._request.COOKIES.get("theme", "")
        return chosen if chosen in {"light", "dark"} else ""

    @property
    def rail(self) -> str:
        """`small` when this person folded the rail on this device."""
        return "small" if self._request.COOKIES.get("rail") == "small" else ""

    def _shown(self, entries: list[NavEntry]) -> list[ShownEntry]:
        if not getattr(self._person, "is_authenticated", False):
            return []
        return [ShownEntry(e, self._person, self._request.path) for e in entries if e.is_for(self._person)]


def _links(entries: list[ShownEntry]) -> tuple[Link, ...]:
    return tuple(entry.link for entry in entries)
