"""What follows when a record of a registered kind moves: its index entry says so, and who watches it is told."""

from typing import Any

from django.dispatch import receiver

from core import catalog
from core.kind_registry import kind_of_model
from core.lifecycle import moved
from core.safe.words import gettext_noop
from core.watching import announce


@receiver(moved)
def refresh_and_announce(sender: type, records: list[Any], by: Any, **kwargs: Any) -> None:
    """In the transaction of the move."""
    kind = kind_of_model(sender)
    if kind is None:
        return
    for record in records:
        entry = catalog.refresh(record, words=False)
        text = gettext_noop("%(by)s changed the state of %(record)s", by=by, record=record)
        announce(entry, text, occasion=f"{kind.key}:{record.pk}:{record.row_version}", by=by)
