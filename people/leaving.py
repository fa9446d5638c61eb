"""When somebody leaves: the account is closed, never deleted, and what they held is listed and handed over.

Apps say what a person can hold, from ``AppConfig.ready()``::

    register_holding(Holding("documents", _("Documents they own"), held_by=…, hand_over=…))

Both functions are told who is looking: nobody is shown, or hands over, what they may not see.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _t

from core.ledger import record_line
from core.lifecycle import Refused
from people.changing import refuse_losing_the_last_administrator, refuse_unless_administered
from people.models import ApiToken, Invitation, Person

# Sent inside the transaction that closes an account, with: person, by.
person_left = Signal()


@dataclass(frozen=True)
class Held:
    """One thing that a person holds, as a line of the list."""

    title: str
    url: str = ""
    code: str = ""


@dataclass(frozen=True)
class Holding:
    """One sort of thing a person can hold. ``hand_over`` returns how many went over; None: nothing to hand over."""

    name: str
    label: Any
    held_by: Callable[[Person, Any], list[Held]]
    hand_over: Callable[..., int] | None = None
    order: int = 100


_holdings: dict[str, Holding] = {}


def register_holding(holding: Holding) -> None:
    """Make a sort of thing known; called from an app's ``ready``."""
    _holdings[holding.name] = holding


def holdings_of(person: Person, *, seen_by: Any) -> list[tuple[Holding, list[Held]]]:
    """What the person holds, as far as ``seen_by`` may see it; sorts that are empty are left out."""
    found = [(one, one.held_by(person, seen_by)) for one in sorted(_holdings.values(), key=lambda one: one.order)]
    return [(holding, held) for holding, held in found if held]


def deactivate(person: Person, *, by: Any, reason: str) -> Person:
    """Close the account: sessions, links and private addresses end with the next request."""
    refuse_unless_administered(person, by=by, event="deactivate person")
    if by is not None and by.pk == person.pk:
        raise Refused(_t("Nobody deactivates their own account. Ask another administrator."))
    with transaction.atomic():
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if not person.is_active:
            return person
        if Person.objects.administrators().filter(pk=person.pk).exists():
            refuse_losing_the_last_administrator(person)
        person.is_active = False
        person.deactivated_at = timezone.now()
        person.end_sessions()
        person._history_user, person._change_reason = by, reason[:100]
        person.save()
        Invitation.objects.filter(person=person).close()
        ApiToken.objects.filter(person=person, revoked_at=None).update(revoked_at=person.deactivated_at)
        record_line(person, "person_deactivated", by=by, reason=reason)
        person_left.send(sender=Person, person=person, by=by)
    return person


def reactivate(person: Person, *, by: Any, reason: str) -> Person:
    """Open the account again. Old sessions and links stay closed."""
    refuse_unless_administered(person, by=by, event="reactivate person")
    with transaction.atomic():
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if person.is_active:
            return person
        person.is_active = True
        person.deactivated_at = None
        person._history_user, person._change_reason = by, reason[:100]
        person.save()
        record_line(person, "person_reactivated", by=by, reason=reason)
    return person


def hand_over(person: Person, *, to: Person, by: Any, names: list[str]) -> dict[str, int]:
    """Give what the person holds, of the named sorts, to somebody else. Returns how many of each went over."""
    refuse_unless_administered(person, by=by, event="hand over")
    if to.pk == person.pk or not to.is_active:
        raise Refused(_t("Choose somebody else who works here."))
    moved: dict[str, int] = {}
    with transaction.atomic():
        for name, holding in _holdings.items():
            if name in names and holding.hand_over is not None:
                moved[name] = holding.hand_over(person, to=to, by=by)
        record_line(person, "handed_over", by=by, data={"to": str(to), **moved})
    return moved
