from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """A person's own, and those that are for everybody."""
        return self.filter(Q(person=person.pk) | Q(is_shared=True)) if person.is_active else self.none()


class SavedView(models.Model):
    """Filters, order and columns of a list under a name; one person's, or for everybody."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    listing = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(max_length=1000, blank=True)  # the list's address, tidied
    is_shared = models.BooleanField(_("for everybody"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        default_permissions = ()
        permissions = [("share_view", "Show a saved view of a list to everybody")]
        constraints = [
            models.UniqueConstraint(fields=["person", "listing", "name"], name="one_view_per_person_list_and_name")
        ]
        indexes = [models.Index(fields=["listing"], condition=Q(is_shared=True), name="saved_view_shared")]

    def __str__(self) -> str:
        return self.name
