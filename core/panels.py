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
    place: str = "side"  # loaded when it is seen; "mine": drawn with the page, above the content


_panels: dict[type[models.Model], list[Panel]] = {}


def register_panel(model: type[models.Model], panel: Panel) -> None:
    """Show ``panel`` on the pages of ``model``."""
    _panels.setdefault(model, []).append(panel)


def panels_for(model: type[models.Model], place: str = "side") -> list[Panel]:
    """The panels of one place, in their order."""
    found = (panel for panel in _panels.get(model, []) if panel.place == place)
    return sorted(found, key=lambda panel: panel.order)
