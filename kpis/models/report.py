import hashlib
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.history import FieldHistory
from kpis.models.definition import Grain
from kpis.models.kpi import Kpi
from kpis.schedule import Schedule, UnusableRule, checked
from people.models import Department, JobRole, OwnedHistory, OwnedQuerySet, OwnedRecord
from processes.models import Process

MOST_PERIODS = 60
FIRST_YEAR = 2000
RULE_WORDS = {
    "unreadable": _("This is not a recurrence rule. Enter, for example, FREQ=MONTHLY;BYMONTHDAY=5."),
    "too_often": _("A report is sent at most once a day. Choose FREQ=DAILY or a longer step."),
    "never": _("No day ever meets this rule, so the report would never be sent. Correct the rule."),
    "over": _("This schedule has ended: no moment lies ahead. Remove COUNT or UNTIL, or enter a later start."),
}


class ReportQuerySet(OwnedQuerySet):
    def due(self, now: datetime) -> Self:
        """Reports whose next moment has come."""
        return self.filter(is_scheduled=True, next_due_at__lte=now)


class Report(OwnedRecord):
    """A report of KPIs: its pages, what it shows of them, when it is sent and to whom."""

    introduction = models.TextField(_("introduction"), blank=True)
    grain = models.CharField(_("period"), max_length=7, choices=Grain.choices, default=Grain.MONTH)
    periods_shown = models.PositiveSmallIntegerField(
        _("periods shown"), default=13, help_text=_("In the tables and charts of the report")
    )
    # Filters: of the chosen KPIs only those that match are shown.
    only_department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("only department")
    )
    only_process = models.ForeignKey(
        Process, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("only process")
    )
    only_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only KPIs of"),
    )

    is_scheduled = models.BooleanField(_("send on a schedule"), default=False)
    rule = models.CharField(_("recurrence rule"), max_length=300, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, default=timezone.get_default_timezone_name)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    only_if_changed = models.BooleanField(_("only if something changed"), default=True)
    recipients = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("recipients")
    )
    recipient_roles = models.ManyToManyField(
        JobRole, blank=True, related_name="+", verbose_name=_("recipients by job role")
    )

    objects = ReportQuerySet.as_manager()
    history = OwnedHistory(excluded_fields=["next_due_at"], m2m_fields=["recipients", "recipient_roles"])

    class Meta(OwnedRecord.Meta):
        verbose_name = _("KPI report")
        verbose_name_plural = _("KPI reports")
        default_permissions = ("add", "change", "view")
        indexes = [
            *OwnedRecord.Meta.indexes,
            models.Index(fields=["next_due_at"], condition=Q(is_scheduled=True), name="report_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_scheduled=False) | (~Q(rule="") & Q(starts_at__isnull=False)),
                name="scheduled_report_has_a_rule_and_a_start",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("kpis:kpi-report-page", args=[self.code])

    def clean(self) -> None:
        super().clean()
        problems: dict[str, Any] = {}
        if not 1 <= self.periods_shown <= MOST_PERIODS:
            problems["periods_shown"] = _("Enter a number from 1 to %(most)d.") % {"most": MOST_PERIODS}
        if self.time_zone not in available_timezones():
            problems["time_zone"] = _("There is no time zone “%(name)s”.") % {"name": self.time_zone[:60]}
        elif self.is_scheduled:
            problems |= self._schedule_problems()
        if problems:
            raise ValidationError(problems)

    def _schedule_problems(self) -> dict[str, Any]:
        """What is wrong with the schedule, by field; its rule is stored as it is understood."""
        if self.starts_at is None:
            return {"starts_at": _("Enter when it is sent for the first time.")}
        if self.starts_at.year < FIRST_YEAR:
            return {"starts_at": _("Enter a start after 2000.")}
        try:
            self.rule = checked(self.rule, self.local_start, self.time_zone, timezone.now()).rule
        except UnusableRule as problem:
            return {"rule": RULE_WORDS[problem.reason]}
        return {}

    @property
    def local_start(self) -> datetime:
        """The start in the clock of the report's time zone."""
        return self.starts_at.astimezone(ZoneInfo(self.time_zone)).replace(tzinfo=None)

    @property
    def schedule(self) -> Schedule | None:
        """When it is sent; none while it is not scheduled."""
        if not self.is_scheduled or self.starts_at is None:
            return None
        return Schedule(self.rule, self.local_start, self.time_zone)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and plan anew where the schedule became different; a moment that waits for the sweep is kept."""
        fields = ("is_scheduled", "rule", "starts_at", "time_zone")
        stored = type(self).objects.filter(pk=self.pk).values(*fields).first() if self.pk else None
        if stored != {name: getattr(self, name) for name in fields}:
            self.plan_next(timezone.now())
        super().save(*args, **kwargs)

    def plan_next(self, after: datetime) -> None:
        """Set when it is sent next; the caller saves."""
        schedule = self.schedule
        self.next_due_at = schedule.next_after(after) if schedule else None


class ReportPage(models.Model):
    """One page of a report: a heading and the KPIs beneath it."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="pages")
    position = models.PositiveSmallIntegerField()
    heading = models.CharField(_("heading"), max_length=200)

    class Meta:
        ordering = ["report", "position", "id"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.heading


class ReportItem(models.Model):
    """One KPI on a page of a report."""

    page = models.ForeignKey(ReportPage, models.CASCADE, related_name="items")
    kpi = models.ForeignKey(Kpi, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["page", "position", "id"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["page", "kpi"], name="kpi_stands_once_on_a_page")]

    def __str__(self) -> str:
        return f"{self.page_id} {self.kpi_id}"


class Commentary(models.Model):
    """What somebody says about a page of a report in one period."""

    page = models.ForeignKey(ReportPage, models.CASCADE, related_name="commentaries")
    period = models.DateField()  # first day of the period that the report is about
    text = models.TextField(_("commentary"), max_length=5000)
    written_at = models.DateTimeField(auto_now=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    history = FieldHistory()

    class Meta:
        default_permissions = ()
        verbose_name = _("commentary")
        constraints = [models.UniqueConstraint(fields=["page", "period"], name="one_commentary_per_page_and_period")]

    def __str__(self) -> str:
        return self.text[:60]


class ReportRun(models.Model):
    """One sending of a report: the claim of an occasion, and how it ended. The same occasion twice is one row."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    report = models.ForeignKey(Report, models.CASCADE, related_name="runs")
    due_at = models.DateTimeField()
    period = models.DateField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    message = models.TextField(blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    job = models.ForeignKey("core.Job", models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-due_at", "-id"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["report", "due_at"], name="one_run_per_report_and_occasion")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.due_at}"


class ReportFile(models.Model):
    """A file that was sent, stored once by its hash. Written once."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    media_type = models.CharField(max_length=100)
    data = models.BinaryField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.sha256[:12]

    @staticmethod
    def digest_of(data: bytes) -> str:
        return hashlib.sha256(data).hexdigest()


class ReportDelivery(models.Model):
    """What one person got of one sending: files with their hashes, or why nothing. Written once."""

    class Outcome(models.TextChoices):
        SENT = "sent", _("Sent")
        UNCHANGED = "unchanged", _("Not sent: nothing changed")
        NO_ACCESS = "no_access", _("Not sent: may see none of its KPIs")
        LEFT = "left", _("Not sent: account deactivated")

    run = models.ForeignKey(ReportRun, models.PROTECT, related_name="deliveries")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    content_hash = models.CharField(max_length=64, blank=True)  # of the figures, whatever the files look like
    kpi_ids = models.JSONField(default=list)
    pdf = models.ForeignKey(ReportFile, models.PROTECT, null=True, related_name="+")
    workbook = models.ForeignKey(ReportFile, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["run", "person"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["run", "person"], name="one_delivery_per_run_and_person"),
            models.CheckConstraint(
                condition=~Q(outcome="sent") | (Q(pdf__isnull=False) & Q(workbook__isnull=False)),
                name="sent_report_has_its_files",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.person_id} {self.outcome}"
