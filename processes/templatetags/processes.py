"""What the templates of processes ask."""

from typing import Any

from django import template
from django.forms import BaseForm, BoundField

from processes.models import Process
from processes.models.process import SIPOC

register = template.Library()


@register.filter
def may_be_placed_by(process: Process, person: Any) -> bool:
    """Whether the person may give the process another place."""
    return person.has_perm("processes.place_process", process)


@register.filter
def is_sipoc(field: BoundField) -> bool:
    """Whether a field is a column of the SIPOC."""
    return field.name in SIPOC


@register.filter
def sipoc_fields(form: BaseForm) -> list[BoundField]:
    """The columns of the SIPOC, in the order of its letters."""
    return [form[name] for name in SIPOC]


@register.filter
def number_at(numbers: dict[str, int] | None, key: str) -> int:
    """The number that a mapping has for a key, 0 for none."""
    return (numbers or {}).get(key, 0)
