from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _


class Stale(Exception):
    """Somebody saved this record after the person opened it."""

    def __init__(self, record: models.Model) -> None:
        super().__init__(_t("Somebody else has saved this since you opened it."))
        self.record = record


class Record(models.Model):
    """Something people look up by its code, with who made and who last changed it."""

    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("changed by")
    )
    # Counts saves, so that a save based on an older reading is noticed instead of winning.
    row_version = models.PositiveIntegerField(default=1, editable=False)

    # What every save writes, for those who say which fields they save.
    TOUCHED = ("changed_at", "changed_by", "row_version")

    class Meta:
        abstract = True

    def save(self, *args: Any, by: Any = None, reason: str = "", **kwargs: Any) -> None:
        """Save in the name of ``by``. Person and reason are set first, so that the history row carries them."""
        if by is not None:
            self.changed_by = by
            if self._state.adding and self.created_by_id is None:
                self.created_by = by
            self._history_user = by
        self._change_reason = reason[:100] or None
        if not self._state.adding:
            self.row_version += 1
        super().save(*args, **kwargs)

    def refuse_if_changed_since(self, row_version: int) -> None:
        """Raise ``Stale`` when this (locked) row is newer than the one the person was shown."""
        if self.row_version != row_version:
            raise Stale(self)
