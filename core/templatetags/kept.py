"""Pieces of a page that are drawn once for equal values: `{% load kept %}{% kept "ui/rail.html" rail=shell.links %}`.

The template sees nothing but what it is given here: no request, no person. So what is kept for one is right for
everybody who is given the same; who may be given it has been decided before, for this request.
"""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def kept(name: str, **values: Hashable) -> SafeString:
    """The template ``name`` with these values, in the language that is active."""
    if settings.DEBUG:
        return _drawn(name, tuple(values.items()))
    where = settings.STORAGES["staticfiles"]["BACKEND"]  # icons lie elsewhere
    given = tuple(values.items())
    return _once(name, get_language() or "", where, given, _marked_safe(given))


def _drawn(name: str, values: tuple[tuple[str, Hashable], ...]) -> SafeString:
    return mark_safe(render_to_string(name, dict(values)))  # noqa: S308 - escaped by the template


@lru_cache(maxsize=8192)
def _once(
    name: str, language: str, where: str, values: tuple[tuple[str, Hashable], ...], safe: tuple[Hashable, ...]
) -> SafeString:
    return _drawn(name, values)


def _marked_safe(values: tuple[Any, ...]) -> tuple[Hashable, ...]:
    """Which of them are HTML already: a text and the same text marked as safe are equal, and must not look equal."""
    return tuple(_marked_safe(one) if isinstance(one, tuple) else isinstance(one, SafeString) for one in values)


def kept_by(key: Hashable, draw: Callable[[], str]) -> str:
    """What ``draw`` gives, drawn once for equal keys: whatever it looks like must be in the key."""
    found = None if settings.DEBUG else _by_key.get(key)
    if found is None:
        found = draw()
        if len(_by_key) >= MOST:
            _by_key.clear()
        _by_key[key] = found
    return found


_by_key: dict[Hashable, str] = {}
MOST = 500
