"""How a KPI is judged: which chart and rules, from when limits hold, which points are left out of them. All with who
and why; nothing is overwritten."""

from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kpis.models.kpi import Kpi
from kpis.spc.constants import Constants
from kpis.spc.judged import Chart
from kpis.spc.rules import Marking, RuleSet

LEAST_RUN, LONGEST_RUN = 5, 20


class ChartKind(models.TextChoices):
    """The charts by name."""

    RUN = Chart.RUN, _("Run chart")
    XMR = Chart.XMR, _("XmR chart (individual values)")
    XBAR_R = Chart.XBAR_R, _("X-bar chart, limits from ranges")
    XBAR_S = Chart.XBAR_S, _("X-bar chart, limits from standard deviations")
    P = Chart.P, _("p chart (shares)")
    P_PRIME = Chart.P_PRIME, _("p′ chart (shares, large denominators)")
    C = Chart.C, _("c chart (counts)")
    U = Chart.U, _("u chart (rates)")
    U_PRIME = Chart.U_PRIME, _("u′ chart (rates, more variation than chance)")
    G = Chart.G, _("g chart (cases between rare events)")
    T = Chart.T, _("t chart (time between rare events)")
    EWMA = Chart.EWMA, _("EWMA chart (moving average)")
    CUSUM = Chart.CUSUM, _("CUSUM chart (sums of differences)")


class Rules(models.TextChoices):
    NHS = RuleSet.NHS, _("Making Data Count: 7 on one side")
    WHEELER = RuleSet.WHEELER, _("Wheeler: 8 on one side, 3 of 4 in the outer quarter")
    WESTERN_ELECTRIC = RuleSet.WESTERN_ELECTRIC, _("Western Electric: 8 on one side")
    NELSON = RuleSet.NELSON, _("Nelson: 9 on one side")


class MarkingStyle(models.TextChoices):
    WHOLE_RUN = Marking.WHOLE_RUN, _("All points of a run")
    FROM_NTH = Marking.FROM_NTH, _("From the point that completes it")


class ConstantsChoice(models.TextChoices):
    EXACT = Constants.EXACT, _("Exact")
    PRINTED = Constants.PRINTED, _("As printed in tables (three decimals)")
    WHEELER = Constants.WHEELER, _("2.66 and 3.267")


class KpiRowQuerySet(models.QuerySet):
    def visible_to(self, person: Any) -> Self:
        """Rows of KPIs that the person may see."""
        return self.filter(kpi__audience_keys__overlap=person.keys())


class ChartMethod(models.Model):
    """How a KPI is judged since somebody chose so, with the reason. The newest row counts; without one the portal
    chooses the chart by the kind of figure."""

    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="chart_methods")
    # Empty: the portal chooses.
    chart = models.CharField(_("chart"), max_length=8, choices=ChartKind.choices, blank=True)
    rules = models.CharField(_("rules"), max_length=16, choices=Rules.choices, default=Rules.NHS)
    run_length = models.PositiveSmallIntegerField(
        _("points on one side"),
        null=True,
        blank=True,
        validators=[MinValueValidator(LEAST_RUN), MaxValueValidator(LONGEST_RUN)],
        help_text=_("Leave empty for the number that belongs to the rules"),
    )
    marking = models.CharField(
        _("marked points"), max_length=9, choices=MarkingStyle.choices, default=MarkingStyle.WHOLE_RUN
    )
    constants = models.CharField(
        _("constants"), max_length=7, choices=ConstantsChoice.choices, default=ConstantsChoice.EXACT
    )
    uses_medians = models.BooleanField(_("limits by medians"), default=False)
    screens_ranges = models.BooleanField(_("leave out extreme moving ranges"), default=True)
    reason = models.TextField(_("reason"))
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = KpiRowQuerySet.as_manager()

    class Meta:
        ordering = ["kpi", "id"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="chart_method_is_chosen_with_a_reason"),
            models.CheckConstraint(
                condition=Q(run_length__isnull=True) | Q(run_length__range=(LEAST_RUN, LONGEST_RUN)),
                name="chart_method_has_a_sensible_run_length",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.chart or 'automatic'} {self.rules}"


class LimitVersion(models.Model):
    """Limits of a KPI from a period on: which points they are computed from, who set them and why.

    Without a base they come from the first points of their stretch and stay frozen after that.
    """

    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="limit_versions")
    number = models.PositiveSmallIntegerField()
    since = models.DateField(_("in force since"))  # the first day of a period
    base_from = models.DateField(_("base from"), null=True, blank=True)
    base_until = models.DateField(_("base until"), null=True, blank=True)
    reason = models.TextField(_("reason"))
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_reason = models.TextField(blank=True)

    objects = KpiRowQuerySet.as_manager()

    class Meta:
        ordering = ["kpi", "since", "number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["kpi", "number"], name="one_limit_version_of_a_number_per_kpi"),
            models.UniqueConstraint(
                fields=["kpi", "since"], condition=Q(withdrawn_at=None), name="one_limit_version_per_kpi_and_period"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="limits_are_set_with_a_reason"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_reason=""), name="limits_are_withdrawn_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(base_from__isnull=True) | Q(base_until__isnull=True) | Q(base_from__lte=F("base_until")),
                name="base_of_limits_begins_before_it_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} limits {self.number} since {self.since}"


class ExcludedPoint(models.Model):
    """A period that is left out of limits and signals because something known disturbed it, with the reason."""

    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="excluded_points")
    period = models.DateField(_("period"))
    reason = models.TextField(_("reason"))
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = KpiRowQuerySet.as_manager()

    class Meta:
        ordering = ["kpi", "period"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "period"], condition=Q(lifted_at=None), name="a_point_is_excluded_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_point_is_excluded_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} without {self.period}"
