"""Questions about many actions."""

from datetime import date
from typing import Any, Self

from django.db.models import Q
from django.utils import timezone

from actions.lifecycle import UNFINISHED, State
from people.models.owned import OwnedQuerySet


class ActionQuerySet(OwnedQuerySet):
    def unfinished(self) -> Self:
        """Neither verified nor cancelled."""
        return self.filter(state__in=UNFINISHED)

    def late(self, today: date | None = None) -> Self:
        """Open after their day; what is done waits for its verification and is not late."""
        return self.filter(state=State.OPEN, due_on__lt=today or timezone.localdate())

    def of(self, person: Any) -> Self:
        """What the person has to do now: their open actions and those they verify."""
        return self.filter(Q(owner=person, state=State.OPEN) | Q(verifier=person, state=State.DONE))

    def from_source(self, entry_id: int) -> Self:
        """Actions agreed because of one record."""
        return self.filter(source_id=entry_id)

    def with_people(self) -> Self:
        return super().with_people().select_related("verifier", "source")
