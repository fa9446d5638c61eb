"""Keeping the settings of a kind: one way to write them, with permission, history and a ledger line."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from core.ledger import record_line, record_refusal
from core.lifecycle import NotAllowed
from core.models.record import Stale
from documents.models import KindSettings

FIELDS = (
    "signing",
    "review_months",
    "retention_years",
    "remind_days_before",
    "weekly_after",
    "escalate_after_days",
)


def fingerprint(settings: KindSettings) -> str:
    """Changes whenever one of the settings does."""
    return hashlib.sha256(json.dumps([getattr(settings, name) for name in FIELDS]).encode()).hexdigest()


def save_kind(kind: str, *, by: Any, values: dict[str, Any], seen: str) -> bool:
    """Store the settings of a kind; whether anything was different. Raises ``NotAllowed``, or ``Stale`` when somebody
    else saved since the page with the fingerprint ``seen`` was opened."""
    if not by.has_perm("documents.keep_kind", KindSettings.of(kind)):
        record_refusal(None, "keep kind", by=by, reason=kind)
        raise NotAllowed(_t("Only administrators change the settings of a kind."))
    with transaction.atomic():
        KindSettings.objects.get_or_create(
            kind=kind, defaults={n: getattr(KindSettings.usual(kind), n) for n in FIELDS}
        )
        settings = KindSettings.objects.select_for_update(no_key=True).get(pk=kind)
        if seen != fingerprint(settings):
            raise Stale(settings)
        told = {n: [getattr(settings, n), v] for n, v in values.items() if getattr(settings, n) != v}
        if not told:
            return False
        for name, value in values.items():
            setattr(settings, name, value)
        settings._history_user = by
        settings.save()
        record_line(None, "kind_settings_changed", by=by, data={"kind": kind, "changes": told})
    return True


def reminder_words(settings: KindSettings) -> str:
    """The ladder of reminders of a review, as a sentence."""
    words = []
    if days := settings.remind_days_before:
        words.append(ngettext("%(n)s day before", "%(n)s days before", days) % {"n": days})
    words.append(_t("on the day"))
    if settings.weekly_after:
        words.append(_t("then weekly"))
    if days := settings.escalate_after_days:
        words.append(ngettext("the manager after %(n)s day", "the manager after %(n)s days", days) % {"n": days})
    return ", ".join(words)
