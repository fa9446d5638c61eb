from django.db import models
from django.utils.translation import gettext_lazy as _

from core.history import FieldHistory


class Category(models.TextChoices):
    """What a process is for, in the three groups that every process landscape knows."""

    MANAGEMENT = "management", _("Management processes")
    CORE = "core", _("Core processes")
    SUPPORT = "support", _("Support processes")


class ProcessCategory(models.Model):
    """What this organisation calls one of the three categories; without a row the portal's own name is shown."""

    key = models.CharField(_("category"), max_length=20, choices=Category.choices, primary_key=True)
    name = models.CharField(_("name"), max_length=60)

    history = FieldHistory()

    class Meta:
        verbose_name = _("process category")
        verbose_name_plural = _("process categories")
        default_permissions = ("change",)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def names(cls) -> dict[str, str]:
        """The name of each category, in the order in which a landscape shows them. One query."""
        own = dict(cls.objects.values_list("key", "name"))
        return {category.value: own.get(category.value) or str(category.label) for category in Category}
