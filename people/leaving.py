"""When somebody leaves: the account is closed, never deleted, and what they held is listed and handed over.

Apps say what a person can hold, from ``AppConfig.ready()``::

    register_holding(Holding("documents", _("Documents they own"), held_by=…, hand_over=…))

The first is told who is looking, and nobody is shown what they may not see; None is the portal itself, which counts
everything (``in_sight`` knows). The second hands over everything, also what ``by`` may not see.
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
from core.notices import tell
from core.safe.words import gettext_noop
from people.changing import refuse_losing_the_last_administrator, refuse_unless_administered
from people.confirming import ask
from people.models import ApiToken, Confirmation, Invitation, Person
from people.models.grant import granted_models

# Sent inside the transaction that closes an account, with: person, by.
person_left = Signal()


@dataclass(frozen=True)
class Held:
    """One thing that a person holds, as a line of the list."""

    title: str
    url: str = ""
    code: str = ""


class HeldList(list[Held]):
    """What a person holds of one sort, as far as the reader may see it; and how much there is beside that."""

    hidden = 0

    @property
    def total(self) -> int:
        return len(self) + self.hidden


def in_sight(queryset: Any, seen_by: Any) -> Any:
    """What ``seen_by`` may see of the records; for the portal itself (None), which hands everything over, all."""
    return queryset if seen_by is None else queryset.visible_to(seen_by)


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


def holdings_of(person: Person, *, seen_by: Any) -> list[tuple[Holding, HeldList]]:
    """What the person holds, as far as ``seen_by`` may see it; sorts that are empty are left out."""
    found = [(one, one.held_by(person, seen_by)) for one in _in_order()]
    return [(holding, HeldList(held)) for holding, held in found if held]


def all_holdings_of(person: Person, *, seen_by: Any) -> list[tuple[Holding, HeldList]]:
    """The same for who hands them over: what they may not read is counted too, and by number only."""
    found = []
    for holding in _in_order():
        held = HeldList(holding.held_by(person, seen_by))
        held.hidden = len(holding.held_by(person, None)) - len(held)
        if held.total:
            found.append((holding, held))
    return found


def _in_order() -> list[Holding]:
    return sorted(_holdings.values(), key=lambda one: one.order)


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
        _end_shares(person, by=by)
        person_left.send(sender=Person, person=person, by=by)
    return person


def _end_shares(person: Person, *, by: Any) -> None:
    """What was shown to somebody is over when they leave, and stays over when they come back."""
    for model in granted_models():
        for grant in model.objects.filter(person=person).select_related("record"):
            record = grant.record
            grant.delete()
            record_line(record, "unshared", by=by, reason=f"{person} left", data={"with": str(person)})
            record.refresh_audience()


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


def hand_over(
    person: Person, *, to: Person, by: Any, names: list[str], is_confirmed: bool = False
) -> dict[str, int] | Confirmation:
    """Give what the person holds, of the named sorts, to somebody else, also what ``by`` may not read. Returns how many
    of each went over; to ``by`` themself it waits for a second administrator, and the ``Confirmation`` is returned."""
    refuse_unless_administered(person, by=by, event="hand over")
    if to.pk == person.pk or not to.is_active:
        raise Refused(_t("Choose somebody else who works here."))
    if by is not None and to.pk == by.pk and not is_confirmed:
        return ask("hand_over", subject=person, by=by, data={"to": to.pk, "names": sorted(names)})
    moved: dict[str, int] = {}
    with transaction.atomic():
        for holding in _in_order():
            if holding.name in names and holding.hand_over is not None:
                moved[holding.name] = holding.hand_over(person, to=to, by=by)
        record_line(person, "handed_over", by=by, data={"to": str(to), **moved})
        if sum(moved.values()):
            tell(
                [one for one in (person, to) if one.is_active and one.pk != getattr(by, "pk", None)],
                "security",
                gettext_noop(
                    "%(by)s handed over from %(name)s to %(to)s: %(n)s records and tasks",
                    by=by or _t("The portal"),
                    name=person,
                    to=to,
                    n=sum(moved.values()),
                ),
                occasion=f"handed_over:{person.pk}:{to.pk}:{timezone.now():%Y%m%d%H%M%S%f}",
            )
    return moved
