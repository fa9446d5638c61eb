from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from audits.models.framework import Framework
from audits.models.requirement import Requirement


class BaselineQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        return self.filter(framework__audience_keys__overlap=person.keys())


class Baseline(models.Model):
    """A named selection of one library's requirements: a level, or a profile. It adds nothing of its own."""

    framework = models.ForeignKey(Framework, models.CASCADE, related_name="baselines")
    key = models.CharField(max_length=120)  # the same in every edition
    title = models.CharField(_("title"), max_length=300)
    edition = models.CharField(_("edition"), max_length=60, blank=True)
    position = models.PositiveIntegerField(default=0)
    requirements = models.ManyToManyField(Requirement, related_name="baselines")
    missing_ids = ArrayField(
        models.CharField(max_length=220), default=list, blank=True
    )  # named, but not in the library
    source_file = models.CharField(max_length=200, blank=True)

    objects = BaselineQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["framework", "key"], name="one_baseline_per_key")]

    def __str__(self) -> str:
        return self.title
