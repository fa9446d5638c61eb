from typing import Any

from django.db import models, transaction

from core.history import FieldHistory
from core.ledger import record_line
from core.lifecycle import NotAllowed


class ImportSettings(models.Model):
    """What the organisation allows of imports; there is one row at most."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    # Off but while the first import runs: what takes effect by it was not approved in the portal.
    may_take_effect = models.BooleanField(default=False)

    history = FieldHistory()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_row_of_import_settings")]

    def __str__(self) -> str:
        return "import settings"

    @classmethod
    def current(cls) -> "ImportSettings":
        """The stored row, or the defaults, unsaved."""
        return cls.objects.first() or cls()

    @classmethod
    def allow_effective(cls, allowed: bool, *, by: Any) -> None:
        """Let imports take effect, or end that. Raises ``NotAllowed`` for whoever is no administrator."""
        if by is not None and not by.has_perm("core.change_organisation"):
            raise NotAllowed()
        with transaction.atomic():
            settings = cls.current()
            if settings.pk and settings.may_take_effect == allowed and cls.objects.exists():
                return
            settings.may_take_effect = allowed
            settings._history_user = by
            settings.save()
            record_line(None, "imports_may_take_effect" if allowed else "imports_may_not_take_effect", by=by)
