from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from audits.models.requirement import Requirement
from core.models import CatalogEntry
from documents.models import Part


class RequirementLinkQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """Links of which the person may see both ends."""
        keys = person.keys()
        return self.filter(requirement__framework__audience_keys__overlap=keys, entry__audience_keys__overlap=keys)

    def with_ends(self) -> Self:
        return self.select_related("requirement__framework", "entry", "part")


class RequirementLink(models.Model):
    """One requirement fulfilled by a process or a document, or by one part of it: a step, or an element of a map.

    The other end is an entry in the index, so that it may be any record; who may see it is known by the entry."""

    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="links")
    entry = models.ForeignKey(CatalogEntry, models.CASCADE, related_name="+")
    part = models.ForeignKey(Part, models.CASCADE, null=True, blank=True, related_name="requirement_links")
    note = models.CharField(_("how it is fulfilled"), max_length=500, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    # From the edition before; where the words differ, somebody has to look at it again.
    carried_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+")
    needs_check = models.BooleanField(default=False)

    objects = RequirementLinkQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["requirement", "entry", "part"],
                nulls_distinct=False,
                name="one_link_between_requirement_and_what_fulfils_it",
            )
        ]

    def __str__(self) -> str:
        return f"{self.requirement_id} → {self.entry_id}"
