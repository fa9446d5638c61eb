"""What those who watch a document, or subscribed to its kind or department, are told about it."""

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _t

from core import catalog
from core.lifecycle import Move, moved
from core.watching import announce
from documents.models import Version
from documents.signals import took_effect


@receiver(took_effect)
def a_version_took_effect(version: Version, **kwargs: Any) -> None:
    """The news that matters to readers: another text is in force."""
    text = _t("%(code)s %(title)s: version %(number)s is in force") % {
        "code": version.code,
        "title": version.title,
        "number": version.number,
    }
    _announce(version, text, f"in force:{version.pk}")


@receiver(moved, sender=Version)
def a_version_moved(record: Version, move: Move, by: Any, **kwargs: Any) -> None:
    """Approved for a later day, or retired; drafts and reviews are the business of those who work on them."""
    if move.name == "approve" and record.shown_state != "effective":
        text = _t("%(code)s %(title)s: version %(number)s was approved and takes effect later")
    elif move.name == "retire":
        text = _t("%(code)s %(title)s was retired")
    else:
        return
    words = {"code": record.code, "title": record.title, "number": record.number}
    _announce(record, text % words, f"{move.name}:{record.pk}", by=by)


def _announce(version: Version, text: str, occasion: str, by: Any = None) -> None:
    entry = catalog.entry_of(version.document)
    announce(entry, text, occasion=occasion, url=version.document.get_absolute_url(), by=by)
