from typing import Any

from django.db import models

from sops.redline import Redline
from sops.redline.compare import REVISION


class StoredRedline(models.Model):
    """What differs between two contents, computed once for the pair. Who may read it is asked of the versions."""

    before = models.CharField(max_length=64)  # sha256 of the contents; rows of swept contents are swept as well
    after = models.CharField(max_length=64)
    revision = models.PositiveSmallIntegerField()  # of the rules by which they were compared
    changes = models.PositiveIntegerField()
    data = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["before", "after", "revision"], name="one_redline_per_pair_of_contents")
        ]

    def __str__(self) -> str:
        return f"{self.before[:8]} → {self.after[:8]}"

    @classmethod
    def of(cls, before: str, after: str) -> Redline | None:
        """The stored redline of two contents, if they were compared by these rules."""
        stored = cls.objects.filter(before=before, after=after, revision=REVISION).first()
        return Redline.from_data(stored.data) if stored else None

    @classmethod
    def keep(cls, before: str, after: str, redline: Redline) -> None:
        """Store it; one that another request has stored meanwhile says the same."""
        facts: dict[str, Any] = {"changes": len(redline.changes), "data": redline.as_data()}
        cls.objects.get_or_create(before=before, after=after, revision=REVISION, defaults=facts)
