"""What those who watch a document, or subscribed to its kind or department, are told about it."""

from typing import Any

from django.dispatch import receiver

from core import catalog
from core.lifecycle import Move, moved
from core.safe.words import gettext_noop
from core.watching import announce
from documents.models import Version
from documents.signals import took_effect


@receiver(took_effect)
def a_version_took_effect(version: Version, **kwargs: Any) -> None:
    """The news that matters to readers: another text is in force."""
    _announce(version, gettext_noop("%(code)s %(title)s: version %(number)s is in force"), f"in force:{version.pk}")


@receiver(moved, sender=Version)
def versions_moved(records: list[Version], move: Move, by: Any, **kwargs: Any) -> None:
    """Approved for a later day, or retired; drafts and reviews are the business of those who work on them."""
    for version in records:
        if move.name == "approve" and version.shown_state != "effective":
            text = gettext_noop("%(code)s %(title)s: version %(number)s was approved and takes effect later")
        elif move.name == "retire":
            text = gettext_noop("%(code)s %(title)s was retired")
        else:
            continue
        _announce(version, text, f"{move.name}:{version.pk}", by=by)


def _announce(version: Version, text: str, occasion: str, by: Any = None) -> None:
    entry = catalog.entry_of(version.document)
    text = gettext_noop(text, code=version.code, title=version.title, number=version.number)
    announce(entry, text, occasion=occasion, url=version.document.get_absolute_url(), by=by)
