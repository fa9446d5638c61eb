from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.history import FieldHistory


class DelegationQuerySet(models.QuerySet):
    def active(self) -> Self:
        """Delegations that hold today."""
        today = timezone.localdate()
        return self.filter(starts_on__lte=today, ends_on__gte=today, delegate__is_active=True)


class Delegation(models.Model):
    """While one person is away, another decides and reads for them."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="delegations", verbose_name=_("who is away")
    )
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="stands_in_for", verbose_name=_("who stands in")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until and including"))

    objects = DelegationQuerySet.as_manager()
    history = FieldHistory()

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("delegate")), name="nobody_stands_in_for_themself"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="delegation_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"{self.delegate} for {self.person}"

    def clean(self) -> None:
        problems: dict[str, Any] = {}
        if self.person_id and self.person_id == self.delegate_id:
            problems["delegate"] = _("Choose somebody else than the person who is away.")
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            problems["ends_on"] = _("The last day must not be before the first.")
        if problems:
            raise ValidationError(problems)
