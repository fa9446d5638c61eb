from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SignedInQuerySet(models.QuerySet):
    def of(self, person: Any) -> Self:
        """The person's own, the latest first."""
        return self.filter(person=person).order_by("-seen_at")


class SignedIn(models.Model):
    """One session of one person: since when, from where, with which browser. Ended sessions have no row."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="signed_in")
    session_key = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(_("last seen"))
    address = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=200, blank=True)

    objects = SignedInQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.person_id} since {self.began_at:%Y-%m-%d %H:%M}"
