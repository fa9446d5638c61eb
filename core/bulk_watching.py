"""Watching many records at once; every list whose records are in the index may offer it."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.bulk import BulkAction, Change
from core.models import CatalogEntry, Watch


def _watch_of(record: Any, person: Any) -> tuple[CatalogEntry | None, bool]:
    content_type = ContentType.objects.get_for_model(record)
    entry = CatalogEntry.objects.filter(content_type=content_type, object_id=record.pk).first()
    return entry, bool(entry and Watch.objects.filter(entry=entry, person=person, is_watching=True).exists())


def _planned(record: Any, person: Any, wanted: bool) -> list[Change]:
    entry, watches = _watch_of(record, person)
    if entry is None or watches == wanted:
        return []
    return [Change(_t("You watch it"), _t("yes") if watches else _t("no"), _t("yes") if wanted else _t("no"))]


def _set(record: Any, person: Any, wanted: bool) -> None:
    entry, _watches = _watch_of(record, person)
    if entry:
        Watch.objects.update_or_create(entry=entry, person=person, defaults={"is_watching": wanted})


WATCH = BulkAction(
    "watch",
    _("Watch"),
    "eye",
    lambda record, person, values: _planned(record, person, True),
    lambda record, person, values: _set(record, person, True),
    order=80,
)
UNWATCH = BulkAction(
    "unwatch",
    _("Stop watching"),
    "minus",
    lambda record, person, values: _planned(record, person, False),
    lambda record, person, values: _set(record, person, False),
    order=90,
)
