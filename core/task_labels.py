"""What each kind of task is called, which icon it has, and what its button says; apps add theirs."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class TaskLabel:
    """How one kind of task is shown."""

    icon: str
    name: Any
    button: Any


_labels: dict[str, TaskLabel] = {}
OTHER = TaskLabel("inbox", _("Task"), _("Open"))


def register_task_label(kind: str, icon: str, name: Any, button: Any) -> None:
    """Say how tasks of a kind are shown."""
    _labels[kind] = TaskLabel(icon, name, button)


def task_label(kind: str) -> TaskLabel:
    return _labels.get(kind, OTHER)
