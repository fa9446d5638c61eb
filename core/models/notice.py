from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models.catalog import CatalogEntry


class Notice(models.Model):
    """One thing one person is told, in the page and, as they chose, by mail."""

    # topic, person, record and occasion: a repeat is a no-op.
    key = models.CharField(max_length=200, unique=True)
    topic = models.CharField(max_length=40)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    entry = models.ForeignKey(CatalogEntry, models.CASCADE, null=True, related_name="+")
    text = models.CharField(max_length=400)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    # Set when the notice went into a mail (at once or in a digest) or the person wants none.
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_by_person"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(fields=["id"], condition=Q(mailed_at=None), name="notice_unmailed"),
        ]

    def __str__(self) -> str:
        return self.text


class Watch(models.Model):
    """A person wants to be told what happens to one record."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="watches")
    entry = models.ForeignKey(CatalogEntry, models.CASCADE, related_name="watches")
    is_favourite = models.BooleanField(default=False)
    is_watching = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "entry"], name="one_watch_per_person_and_record")]

    def __str__(self) -> str:
        return f"{self.person_id} watches {self.entry_id}"


class Subscription(models.Model):
    """A person wants to be told of everything new in a kind, a department, or both."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="subscriptions")
    kind = models.CharField(_("kind"), max_length=40, blank=True)
    department_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "department_id"], nulls_distinct=False, name="one_subscription_of_a_sort"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind} {self.department_id}"
