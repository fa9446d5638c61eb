"""Panels: what an upper app shows on a lower app's page. The page does not know who filled the slot."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models


@dataclass(frozen=True)
class Panel:
    """One panel: a title, and a function (person, record) → HTML, or "" for nothing to show. At most two queries."""

    name: str
    title: Any
    render: Callable[[Any, Any], str]
    order: int = 100


_panels: dict[type[models.Model], list[Panel]] = {}


def register_panel(model: type[models.Model], panel: Panel) -> None:
    """Show ``panel`` on the pages of ``model``."""
    _panels.setdefault(model, []).append(panel)


def panels_for(model: type[models.Model]) -> list[Panel]:
    return sorted(_panels.get(model, []), key=lambda panel: panel.order)
