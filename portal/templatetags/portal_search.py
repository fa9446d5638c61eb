"""Small words of the search page."""

from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core.templatetags.ui import icon

register = template.Library()
CHECKED = SafeString(" checked")


@register.simple_tag
def kind_icon(kind: str, icons: list[tuple[str, str]]) -> SafeString:
    """The icon of a kind of record."""
    return icon(dict(icons).get(kind, "doc"), small=True)


@register.simple_tag
def facet_choices(facet: dict[str, Any]) -> SafeString:
    """The boxes of one facet, each with its count; built here, because a page has fifty of them."""
    return format_html_join(
        "",
        '<label class="choice"><input type="checkbox" name="{}" value="{}"{}><span>{}</span>'
        '<span class="choice__n">{}{}</span></label>',
        (
            (facet["name"], value.value, CHECKED if value.is_chosen else "", label, value.count, "+" * value.is_bounded)
            for value, label in facet["values"]
        ),
    )


@register.filter
def cleared(asked: Any) -> str:
    """The address of the same words without any filter."""
    return asked.address(kind=(), department=(), state=(), owner=())
