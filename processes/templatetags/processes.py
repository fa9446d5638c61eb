"""What the templates of processes ask."""

from typing import Any

from django import template

from processes.models import Process

register = template.Library()


@register.filter
def may_be_placed_by(process: Process, person: Any) -> bool:
    """Whether the person may give the process another place."""
    return person.has_perm("processes.place_process", process)
