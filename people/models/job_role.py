from django.db import models
from django.utils.translation import gettext_lazy as _

from core.history import FieldHistory


class JobRole(models.Model):
    """What somebody is at work ("Dock lead"), as far as procedures, routes and training care."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    is_active = models.BooleanField(_("in use"), default=True)

    history = FieldHistory()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
