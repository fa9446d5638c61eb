from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kpis.fields import NumericField
from kpis.models.definition import Definition, Kind
from kpis.models.kpi import Kpi
from kpis.models.measurement_import import MeasurementImport
from kpis.numbers import MAX_MAGNITUDE
from kpis.periods import last_day


class Way(models.TextChoices):
    """How a value came in."""

    FORM = "form", _("Check-in")
    FILE = "file", _("File")
    API = "api", _("API")
    PORTAL = "portal", _("Taken by the portal")


class MeasurementQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        return self.filter(kpi__audience_keys__overlap=person.keys())

    def current(self) -> Self:
        """What counts now: the last revision of each period and breakdown, unless it was withdrawn."""
        return self.filter(is_current=True, is_withdrawn=False)

    def between(self, first: date | None, last: date | None) -> Self:
        since = self.filter(period__gte=first) if first else self
        return since.filter(period__lte=last) if last else since


def _finite(name: str) -> Q:
    """``numeric`` also holds NaN and Infinity; both lie outside every range."""
    return Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gt": -MAX_MAGNITUDE, f"{name}__lt": MAX_MAGNITUDE})


class Measurement(models.Model):
    """One value of a KPI for one period (and site, product, …), as one revision. A correction is a further row; of an
    older row only the mark that it is current is ever taken away."""

    Way = Way

    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="measurements", db_index=False)
    definition = models.ForeignKey(Definition, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    period = models.DateField(_("period"))  # its first day
    dimension_1 = models.CharField(max_length=100, blank=True)
    dimension_2 = models.CharField(max_length=100, blank=True)

    value = NumericField(_("value"), null=True, blank=True)
    numerator = NumericField(_("numerator"), null=True, blank=True)
    denominator = NumericField(_("denominator"), null=True, blank=True)  # the weight, where the figure is a number
    subgroup = ArrayField(NumericField(), verbose_name=_("values"), null=True, blank=True)
    left_out_count = models.PositiveIntegerField(_("left out"), null=True, blank=True)

    comment = models.TextField(_("comment"), blank=True)
    evidence = models.CharField(_("evidence"), max_length=500, blank=True)
    entered_at = models.DateTimeField(auto_now_add=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    way = models.CharField(max_length=6, choices=Way.choices)
    batch = models.ForeignKey(MeasurementImport, models.PROTECT, null=True, related_name="measurements", db_index=False)

    revision = models.PositiveSmallIntegerField(default=1)
    reason = models.TextField(_("reason for the correction"), blank=True)
    is_current = models.BooleanField(default=True)
    is_withdrawn = models.BooleanField(default=False)

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        ordering = ["kpi", "period", "dimension_1", "dimension_2", "revision"]
        default_permissions = ()
        verbose_name = _("measurement")
        indexes = [
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="measurements_of_a_batch"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "period", "dimension_1", "dimension_2"],
                condition=Q(is_current=True),
                name="one_current_measurement_per_period_and_breakdown",
            ),
            models.UniqueConstraint(
                fields=["kpi", "period", "dimension_1", "dimension_2", "revision"],
                name="one_measurement_per_period_breakdown_and_revision",
            ),
            models.CheckConstraint(
                condition=_finite("value") & _finite("numerator") & _finite("denominator"),
                name="measured_values_are_finite_numbers",
            ),
            models.CheckConstraint(
                condition=Q(is_withdrawn=True)
                | Q(kind="number", value__isnull=False, numerator__isnull=True, subgroup__isnull=True)
                | Q(
                    kind__in=("ratio", "count"),
                    value__isnull=True,
                    numerator__isnull=False,
                    denominator__isnull=False,
                    subgroup__isnull=True,
                )
                | Q(kind="subgroup", value__isnull=True, numerator__isnull=True, subgroup__len__gte=1),
                name="measurement_has_what_its_kind_needs",
            ),
            models.CheckConstraint(
                condition=Q(numerator__isnull=True) | Q(numerator__gte=0), name="numerator_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(denominator__isnull=True) | Q(denominator__gte=0), name="denominator_is_not_negative"
            ),
            models.CheckConstraint(
                condition=~Q(kind="ratio") | Q(numerator__isnull=True) | Q(numerator__lte=F("denominator")),
                name="numerator_is_not_above_denominator",
            ),
            models.CheckConstraint(
                condition=Q(revision=1) | ~Q(reason=""), name="measurement_is_corrected_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(dimension_2="") | ~Q(dimension_1=""), name="measurement_has_the_first_breakdown_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.period} {self.dimension_1} {self.dimension_2} r{self.revision}"

    @property
    def is_partial(self) -> bool:
        """Entered before its period was over."""
        return timezone.localdate(self.entered_at) <= last_day(self.period, self.definition.grain)

    @property
    def figure(self) -> Decimal | None:
        """The value as it is stated: of a ratio per 100, say; of a subgroup its mean."""
        if self.is_withdrawn:
            return None
        if self.kind in (Kind.RATIO, Kind.COUNT):
            return self.numerator * self.definition.per / self.denominator if self.denominator else None
        if self.kind == Kind.SUBGROUP:
            return sum(self.subgroup, Decimal(0)) / len(self.subgroup)
        return self.value
