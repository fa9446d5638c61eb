import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.lifecycle import LifecycleModel, Move
from people.models import OwnedHistory, OwnedRecord, RecordGrant


class State(models.TextChoices):
    IN_USE = "in_use", _("In use")
    OUT_OF_SERVICE = "out", _("Out of service")


class Forklift(LifecycleModel, OwnedRecord):
    """One forklift of the warehouse, with who drives it."""

    class Energy(models.TextChoices):
        BATTERY = "battery", _("Battery")
        GAS = "gas", _("Gas")

    MOVES = (
        Move("stop", {State.IN_USE}, State.OUT_OF_SERVICE, "trial.change_forklift", _("Take out of service"), True),
        Move("restart", {State.OUT_OF_SERVICE}, State.IN_USE, "trial.change_forklift", _("Put back into use")),
    )

    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.IN_USE)
    energy = models.CharField(_("energy"), max_length=10, choices=Energy.choices, default=Energy.BATTERY)
    lift_height = models.DecimalField(_("lift height (m)"), max_digits=5, decimal_places=2, null=True, blank=True)
    serial = models.UUIDField(_("serial number"), default=uuid.uuid4)
    inspected_on = models.DateField(_("last inspection"), null=True, blank=True)
    battery_life = models.DurationField(_("battery life"), null=True, blank=True)
    is_leased = models.BooleanField(_("leased"), default=False)
    note = models.TextField(_("note"), blank=True)
    drivers = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("drivers"))

    AUDIENCE_PREFETCH = ("drivers",)

    history = OwnedHistory(m2m_fields=["drivers"])

    class Meta(OwnedRecord.Meta):
        verbose_name = _("forklift")
        verbose_name_plural = _("forklifts")

    def extra_audience_keys(self) -> Iterable[str]:
        return [f"person:{driver.pk}" for driver in self.drivers.all()]


class ForkliftGrant(RecordGrant):
    """One forklift shown to somebody outside its audience."""

    record = models.ForeignKey(Forklift, models.CASCADE, related_name="grants")

    class Meta(RecordGrant.Meta):
        pass
