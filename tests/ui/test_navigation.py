"""The rail shows each person what they may use, counts once, and marks where they are."""

from types import SimpleNamespace

import pytest
from django.test import RequestFactory

from core import navigation
from core.navigation import NavEntry, Registry, Shell, register_nav, register_new


@pytest.fixture(autouse=True)
def empty_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "registry", Registry())


def shell_for(
    path: str = "/keys/", *, permissions: tuple[str, ...] = (), signed_in: bool = True, **cookies: str
) -> Shell:
    request = RequestFactory().get(path)
    request.COOKIES.update(cookies)
    request.user = SimpleNamespace(is_authenticated=signed_in, has_perm=lambda name: name in permissions)
    return Shell(request)


def test_an_entry_is_shown_to_whom_it_is_for() -> None:
    register_nav(NavEntry("Keys", "core:keys", "help"))
    register_nav(NavEntry("Styles", "styleguide", "sliders", permission="core.see_styles"))
    assert [entry.label for entry in shell_for().nav] == ["Keys"]
    assert [entry.label for entry in shell_for(permissions=("core.see_styles",)).nav] == ["Keys", "Styles"]
    assert shell_for(signed_in=False).nav == []


def test_registering_twice_is_once() -> None:
    register_new(NavEntry("Old", "core:keys", "help"))
    register_new(NavEntry("New", "core:keys", "help"))
    assert [entry.label for entry in shell_for().new] == ["New"]


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(ValueError, match="no group"):
        register_nav(NavEntry("Keys", "core:keys", "help", group="attic"))


def test_the_nearest_entry_is_current_below_its_address() -> None:
    register_nav(NavEntry("Styles", "styleguide", "help"))
    register_nav(NavEntry("Keys", "core:keys", "help"))
    assert [(e.label, e.is_current) for e in shell_for("/styleguide/list/").nav] == [("Styles", True), ("Keys", False)]


def test_a_count_is_asked_once_and_only_when_shown() -> None:
    asked = []
    register_nav(NavEntry("Keys", "core:keys", "help", count=lambda person: asked.append(person) or 6))
    shell = shell_for()
    assert shell.nav
    assert asked == []
    assert (shell.nav[0].count, shell.nav[0].count, len(asked)) == (6, 6, 1)


def test_the_phone_has_four_places_and_the_rest_under_more() -> None:
    for order, name in enumerate(("core:keys", "styleguide", "account_login", "account_logout", "account_signup")):
        register_nav(NavEntry(name, name, "help", order=order, short=True))
    shell = shell_for()
    assert (len(shell.short), [entry.label for entry in shell.more]) == (4, ["account_signup"])


def test_theme_comes_from_the_account_then_from_the_device() -> None:
    shell = shell_for(theme="dark", rail="small")
    assert (shell.theme, shell.rail) == ("dark", "small")
    shell._person.theme = "light"
    assert shell.theme == "light"
    assert shell_for(theme="<script>", rail="x").theme == ""
