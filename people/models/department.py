from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.history import FieldHistory


class Department(models.Model):
    """One place in the organisation's tree."""

    name = models.CharField(_("name"), max_length=120)
    code = models.CharField(
        _("short name"), max_length=20, unique=True, help_text=_("For example FIN, used in numbers")
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("belongs to")
    )
    # Itself and everything above it, so that "X and below" is one array comparison.
    lineage = ArrayField(models.BigIntegerField(), default=list, editable=False)
    is_active = models.BooleanField(_("in use"), default=True)

    NOT_IN_EACH_HISTORY = ("lineage",)  # derived from the parents, and compared with them by ``people.proof``

    history = FieldHistory()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.pk and self.parent and self.pk in self.parent.lineage:
            raise ValidationError({"parent": _("A department cannot belong to itself or to one below it.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self._store_lineage()

    def _store_lineage(self) -> None:
        lineage = [self.pk, *(self.parent.lineage if self.parent else [])]
        if lineage == self.lineage:
            return
        Department.objects.filter(pk=self.pk).update(lineage=lineage)
        self.lineage = lineage
        for child in self.children.all():
            child.parent = self
            child._store_lineage()
