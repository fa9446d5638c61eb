from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models.catalog import CatalogEntry


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """The person's own, without those on records that they may no longer see."""
        own = self.filter(person=person.pk) if person.is_active else self.none()
        return own.filter(Q(entry=None) | Q(entry__audience_keys__overlap=person.keys()))

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def to_mail(self, now: Any) -> Self:
        """Not in any mail yet, and their time has come."""
        return self.filter(mailed_at=None, mail_due_at__lte=now)


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
    # When it belongs into a mail, and into which sort ("at_once", "daily", "weekly"), by the person's choice.
    mail_due_at = models.DateTimeField(null=True, blank=True)
    rhythm = models.CharField(max_length=8, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_by_person"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(fields=["mail_due_at"], condition=Q(mailed_at=None), name="notice_to_mail"),
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
