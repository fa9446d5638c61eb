import hashlib
import secrets
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

VALID = timedelta(days=7)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet):
    def open(self) -> Self:
        """Links that still work."""
        return self.filter(used_at=None, expires_at__gt=timezone.now(), person__is_active=True)

    def close(self) -> int:
        """End the links that still work; returns how many there were."""
        return self.filter(used_at=None, expires_at__gt=timezone.now()).update(expires_at=timezone.now())


class Invitation(models.Model):
    """A link by mail with which one person sets their password, once and within seven days."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    invited_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.person} until {self.expires_at:%Y-%m-%d}"

    @classmethod
    def make(cls, person: Any, *, by: Any) -> tuple["Invitation", str]:
        """A new invitation and its token, of which only the digest is kept; earlier links stop working."""
        return cls.make_many([person], by=by)[0]

    @classmethod
    def make_many(cls, people: list[Any], *, by: Any) -> list[tuple["Invitation", str]]:
        """The same for many people, in two statements."""
        cls.objects.filter(person__in=people).close()
        tokens = [secrets.token_urlsafe(32) for _person in people]
        until = timezone.now() + VALID
        invitations = cls.objects.bulk_create(
            cls(person=person, token_hash=digest_of(token), invited_by=by, expires_at=until)
            for person, token in zip(people, tokens, strict=True)
        )
        return list(zip(invitations, tokens, strict=True))
