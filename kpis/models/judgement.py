from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from kpis.fields import NumericField
from kpis.models.kpi import Kpi
from kpis.models.limits import ChartKind, KpiRowQuerySet
from kpis.spc.judgement import Assurance as AssuranceKey
from kpis.spc.judgement import Variation as VariationKey


class Judgement(models.Model):
    """What one KPI says now: latest value, target, variation, assurance. Computed again whenever something it rests on
    changes, so that an overview of many KPIs reads one row each."""

    class Variation(models.TextChoices):
        COMMON = VariationKey.COMMON, _("No real change")
        IMPROVEMENT = VariationKey.IMPROVEMENT, _("Better")
        CONCERN = VariationKey.CONCERN, _("Worse")
        SPECIAL = VariationKey.SPECIAL, _("Real change")
        UNKNOWN = VariationKey.UNKNOWN, _("Too few values")

    class Assurance(models.TextChoices):
        PASS = AssuranceKey.PASS, _("Will pass")
        FAIL = AssuranceKey.FAIL, _("Will miss")
        HIT_AND_MISS = AssuranceKey.HIT_AND_MISS, _("Hit and miss")
        UNKNOWN = AssuranceKey.UNKNOWN, _("Not known")

    class Verdict(models.TextChoices):
        MET = "met", _("On target")
        NEAR = "near", _("Near target")
        MISSED = "missed", _("Off target")
        NONE = "", _("No target")

    kpi = models.OneToOneField(Kpi, models.CASCADE, primary_key=True, related_name="judgement")
    computed_at = models.DateTimeField(null=True)
    # Something changed and it waits to be computed again.
    is_outdated = models.BooleanField(default=True)

    period = models.DateField(null=True)
    value = NumericField(null=True)
    is_partial = models.BooleanField(default=False)
    previous_value = NumericField(null=True)
    last_year_value = NumericField(null=True)
    target_low = NumericField(null=True)
    target_high = NumericField(null=True)
    verdict = models.CharField(max_length=6, choices=Verdict.choices, blank=True)
    # When the oldest period without a value after the latest one was or is due: late from the day after.
    next_due_on = models.DateField(null=True)
    missing_count = models.PositiveIntegerField(default=0)

    chart = models.CharField(max_length=8, choices=ChartKind.choices, blank=True)
    variation = models.CharField(max_length=11, choices=Variation.choices, default=Variation.UNKNOWN)
    assurance = models.CharField(max_length=12, choices=Assurance.choices, default=Assurance.UNKNOWN)
    center = models.FloatField(null=True)
    lower = models.FloatField(null=True)
    upper = models.FloatField(null=True)
    has_proposal = models.BooleanField(default=False)
    # The newest values for a line the size of a word; empty places are gaps.
    newest_values = ArrayField(models.FloatField(null=True), default=list)
    # Higher needs attention sooner; lateness is added when it is asked for, because the day decides it.
    attention = models.PositiveSmallIntegerField(default=0)

    objects = KpiRowQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["kpi"], condition=models.Q(is_outdated=True), name="outdated_judgements")]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.variation} {self.assurance}"
