"""What changed in the process, marked on the chart, and the proposal to re-base that may follow from it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.models import Version
from kpis.models.kpi import Kpi
from kpis.models.limits import KpiRowQuerySet, LimitVersion
from kpis.spc.shift import Test


class ChangeMarker(models.Model):
    """A change of the process on a day, marked on the chart of one KPI: by a person, or by the portal when a version of
    a document of the KPI's process took effect. A marker never moves limits."""

    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="markers")
    on = models.DateField(_("day"))
    label = models.CharField(_("what changed"), max_length=120)
    version = models.ForeignKey(Version, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    # Empty: the portal.
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = KpiRowQuerySet.as_manager()

    class Meta:
        ordering = ["kpi", "on", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["kpi", "version"], name="one_marker_per_kpi_and_version"),
            models.CheckConstraint(condition=~Q(label=""), name="a_change_marker_says_what_changed"),
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.on} {self.label}"


class Proposal(models.Model):
    """The portal's proposal to re-base after a marker: how much the level changed, and how sure that is."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")

    class UsedTest(models.TextChoices):
        WELCH = Test.WELCH, _("Welch’s t test")
        MANN_WHITNEY = Test.MANN_WHITNEY, _("Mann-Whitney test")

    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="proposals")
    marker = models.OneToOneField(ChangeMarker, models.PROTECT, related_name="proposal")
    since = models.DateField()  # the first period after the change
    difference = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    p_value = models.FloatField()
    test = models.CharField(max_length=12, choices=UsedTest.choices)
    before_mean = models.FloatField()
    after_mean = models.FloatField()
    before_n = models.PositiveIntegerField()
    after_n = models.PositiveIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True)
    limits = models.ForeignKey(LimitVersion, models.PROTECT, null=True, blank=True, related_name="+")

    objects = KpiRowQuerySet.as_manager()

    class Meta:
        ordering = ["kpi", "since"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None)
                | Q(state__in=("accepted", "declined"), decided_at__isnull=False),
                name="a_proposal_is_decided_at_a_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | (~Q(reason="") & Q(limits__isnull=False)),
                name="an_accepted_proposal_has_a_reason_and_limits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} re-base since {self.since}: {self.state}"
