"""Small words of the search page."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from core.templatetags.ui import icon

register = template.Library()


@register.simple_tag
def kind_icon(kind: str, icons: list[tuple[str, str]]) -> SafeString:
    """The icon of a kind of record."""
    return icon(dict(icons).get(kind, "doc"), small=True)


@register.filter
def cleared(asked: Any) -> str:
    """The address of the same words without any filter."""
    return asked.address(kind=(), department=(), state=(), owner=())
