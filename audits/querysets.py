"""Questions about many audits and findings."""

from datetime import date
from typing import Any, Self

from django.db.models import Q
from django.utils import timezone

from audits.lifecycle import UNFINISHED_AUDITS, UNFINISHED_FINDINGS, FindingState
from people.models import OwnedQuerySet


class AuditQuerySet(OwnedQuerySet):
    def unfinished(self) -> Self:
        return self.filter(state__in=UNFINISHED_AUDITS)

    def of(self, person: Any) -> Self:
        """Audits the person leads, works on, or answers for."""
        mine = Q(lead=person) | Q(owner=person) | Q(members__person=person, members__left_at=None)
        return self.filter(mine).distinct()

    def with_people(self) -> Self:
        return super().with_people().select_related("lead")


class FindingQuerySet(OwnedQuerySet):
    def published(self) -> Self:
        return self.exclude(state=FindingState.DRAFT)

    def unfinished(self) -> Self:
        """Published and neither closed nor withdrawn."""
        return self.filter(state__in=UNFINISHED_FINDINGS)

    def late(self, today: date | None = None) -> Self:
        """What should be done, or judged, by now."""
        today = today or timezone.localdate()
        is_checked = Q(state=FindingState.CHECKING)
        return self.unfinished().filter(is_checked & Q(check_on__lt=today) | ~is_checked & Q(due_on__lt=today))

    def of(self, person: Any) -> Self:
        """What waits for the person: findings to answer for, and checks to judge."""
        return self.unfinished().filter(Q(owner=person) | Q(judge=person, state=FindingState.CHECKING))

    def with_people(self) -> Self:
        return super().with_people().select_related("grade", "audit")
