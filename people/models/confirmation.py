from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

VALID = timedelta(days=14)


def default_expiry() -> Any:
    return timezone.now() + VALID


class ConfirmationQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Those that wait and have not run out."""
        return self.filter(outcome="", expires_at__gt=timezone.now())


class Confirmation(models.Model):
    """An act that one person asked for and that takes effect only when a second one confirms it."""

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        DECLINED = "declined", _("Declined")

    act = models.CharField(max_length=40)
    subject = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")  # whom it concerns
    data = models.JSONField(default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(default=default_expiry)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="confirmed") | ~Q(closed_by=F("asked_by")),
                name="nobody_confirms_what_they_asked_for",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} by {self.asked_by_id}"

    @property
    def is_open(self) -> bool:
        return not self.outcome and self.expires_at > timezone.now()
