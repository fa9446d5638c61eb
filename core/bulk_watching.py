"""Watching many records at once; every list whose records are in the index may offer it."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.bulk import BulkAction, Change, Undo
from core.models import CatalogEntry, Watch


def _entry_of(record: Any) -> CatalogEntry | None:
    content_type = ContentType.objects.get_for_model(record)
    return CatalogEntry.objects.filter(content_type=content_type, object_id=record.pk).first()


def _watch_of(entry: CatalogEntry, person: Any) -> bool | None:
    """Whether the person watches it; None when they never chose."""
    return Watch.objects.filter(entry=entry, person=person).values_list("is_watching", flat=True).first()


def _told(before: bool | None, after: bool | None) -> list[Change]:
    if bool(before) == bool(after):
        return []
    return [Change(_t("You watch it"), _word(before), _word(after))]


def _word(watches: bool | None) -> str:
    return _t("yes") if watches else _t("no")


def _planned(record: Any, person: Any, wanted: bool) -> list[Change]:
    entry = _entry_of(record)
    return _told(_watch_of(entry, person), wanted) if entry else []


def _set(record: Any, person: Any, wanted: bool | None) -> dict[str, Any] | None:
    """Watch it, stop watching it, or be again as somebody who never chose; returns what was and what is now."""
    entry = _entry_of(record)
    if entry is None:
        return None
    before, watches = _watch_of(entry, person), Watch.objects.filter(entry=entry, person=person)
    if wanted is None:
        watches.filter(is_favourite=False).delete()
        watches.update(is_watching=False)
    else:
        Watch.objects.update_or_create(entry=entry, person=person, defaults={"is_watching": wanted})
    return {"watches": [before, wanted]}


def _planned_back(record: Any, person: Any, kept: dict[str, Any]) -> list[Change]:
    """Watching has two states: where it is not as it was left, it is as it was before."""
    entry, (before, after) = _entry_of(record), kept["watches"]
    if entry is None or bool(_watch_of(entry, person)) != bool(after):
        return []
    return _told(after, before)


def _set_back(record: Any, person: Any, kept: dict[str, Any], reason: str) -> dict[str, Any] | None:
    return _set(record, person, kept["watches"][0])


_BACK = Undo(_planned_back, _set_back)

WATCH = BulkAction(
    "watch",
    _("Watch"),
    "eye",
    lambda record, person, values: _planned(record, person, True),
    lambda record, person, values: _set(record, person, True),
    order=80,
    undo=_BACK,
)
UNWATCH = BulkAction(
    "unwatch",
    _("Stop watching"),
    "minus",
    lambda record, person, values: _planned(record, person, False),
    lambda record, person, values: _set(record, person, False),
    order=90,
    undo=_BACK,
)
