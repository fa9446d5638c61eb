import hashlib
import secrets
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ApiTokenQuerySet(models.QuerySet):
    def usable(self) -> Self:
        """Tokens that open the API now: not revoked, not expired, of people who may sign in."""
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()), revoked_at=None, person__is_active=True
        )

    def visible_to(self, person: Any) -> Self:
        """A person's own tokens."""
        return self.filter(person=person)


class ApiToken(models.Model):
    """A key with which a program works in a person's name. Only its hash is kept."""

    class Scope(models.TextChoices):
        READ = "read", _("Read")
        WRITE = "write", _("Read and write")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("what it is for"), max_length=120)
    scope = models.CharField(_("may"), max_length=5, choices=Scope.choices, default=Scope.READ)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @classmethod
    def make(
        cls, person: Any, *, name: str, scope: str = Scope.READ, expires_at: datetime | None = None
    ) -> tuple["ApiToken", str]:
        """Make a token; its text is returned once and never stored."""
        text = f"pp_{secrets.token_urlsafe(32)}"
        token = cls.objects.create(
            person=person, name=name, scope=scope, digest=cls.digest_of(text), hint=text[:8], expires_at=expires_at
        )
        return token, text

    @classmethod
    def find(cls, text: str) -> "ApiToken | None":
        """The usable token with this text."""
        return cls.objects.usable().select_related("person__department").filter(digest=cls.digest_of(text)).first()

    @staticmethod
    def digest_of(text: str) -> str:
        """sha256 suffices: the text is 256 bits of randomness, not a password."""
        return hashlib.sha256(text.encode(errors="replace")).hexdigest()

    def revoke(self) -> None:
        """End the token for good."""
        if self.revoked_at is None:
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])
