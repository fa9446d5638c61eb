from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.dispatch import Signal
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.lifecycle import LifecycleModel, Move, Refused
from documents.models import Part
from kpis.fields import NumericField
from kpis.lifecycle import MOVES, State
from kpis.models.definition import Aggregation, Definition, DefinitionFields, Direction, Grain, Kind, Per
from kpis.periods import due_day, first_day, last_finished, periods_between, shifted
from people.models import OwnedHistory, OwnedQuerySet, OwnedRecord, RecordGrant
from processes.models import Process

MOST_DUE_DAYS = 90
FIXED_ONCE_MEASURED = ("kind", "grain", "fiscal_year_start", "week_start")


# Sent inside the transaction with: kpi, definition (the new one), by.
redefined = Signal()


class KpiQuerySet(OwnedQuerySet):
    def in_use(self) -> Self:
        return self.filter(state=State.IN_USE)

    def entered_by_people(self) -> Self:
        """KPIs whose values somebody enters, uploads or sends; not those that the portal takes of itself."""
        return self.filter(portal_figure="")

    def entered_by(self, person: Any) -> Self:
        """KPIs that the person answers for as owner or deputy."""
        return self.filter(Q(owner=person) | Q(deputy=person))


class Kpi(DefinitionFields, OwnedRecord, LifecycleModel):
    """One key performance indicator: what it measures and why, how it is counted, who answers for it."""

    MOVES = MOVES
    State = State
    Kind = Kind
    Direction = Direction
    Grain = Grain
    Aggregation = Aggregation
    Per = Per

    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.DRAFT)
    purpose = models.TextField(_("purpose"), blank=True, help_text=_("The decision that this figure helps with"))
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("deputy")
    )
    process = models.ForeignKey(
        Process, models.PROTECT, null=True, blank=True, related_name="kpis", verbose_name=_("process")
    )
    part = models.ForeignKey(
        Part,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="kpis",
        verbose_name=_("procedure step or map element"),
    )
    starts_on = models.DateField(
        _("first period"), null=True, blank=True, help_text=_("Values are expected from this period on")
    )
    definition_from = models.DateField(
        _("counted this way since"),
        null=True,
        blank=True,
        help_text=_(
            "First period that is counted as described here. Leave it to start a change with the present period."
        ),
    )
    due_days = models.PositiveSmallIntegerField(
        _("due"),
        default=5,
        validators=[MaxValueValidator(MOST_DUE_DAYS)],
        help_text=_("Working days after the end of the period"),
    )
    baseline = NumericField(_("baseline"), null=True, blank=True)
    retired_on = models.DateField(null=True, blank=True, editable=False)

    AUDIENCE_PREFETCH: ClassVar[tuple[str, ...]] = ()

    objects = KpiQuerySet.as_manager()
    history = OwnedHistory()

    class Meta(OwnedRecord.Meta):
        verbose_name = _("KPI")
        verbose_name_plural = _("KPIs")
        default_permissions = ("add", "change", "view")
        permissions = [
            ("enter_measurements", "Enter, import and correct measurements of KPIs they may see"),
        ]
        indexes = [
            *OwnedRecord.Meta.indexes,
            models.Index(fields=["state", "code"], name="kpi_by_state"),
            models.Index(fields=["owner", "state"], name="kpi_by_owner"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="in_use") | Q(owner__isnull=False), name="kpi_in_use_has_an_owner"
            ),
            models.CheckConstraint(
                condition=~Q(state="in_use") | Q(starts_on__isnull=False), name="kpi_in_use_has_a_first_period"
            ),
            models.CheckConstraint(
                condition=Q(fiscal_year_start__range=(1, 12)) & Q(week_start__range=(0, 6)),
                name="kpi_counts_in_a_real_calendar",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("kpis:kpi-page", args=[self.code])

    @property
    def is_in_use(self) -> bool:
        return self.state == State.IN_USE

    # --- who may see it ------------------------------------------------------------------------------

    def is_open_to_audience(self) -> bool:
        return self.state != State.DRAFT

    def extra_audience_keys(self) -> Iterable[str]:
        return [f"person:{self.deputy_id}"] if self.deputy_id else []

    # --- definition ----------------------------------------------------------------------------------

    def clean(self) -> None:
        OwnedRecord.clean(self)
        DefinitionFields.clean(self)
        problems: dict[str, Any] = {}
        if self.deputy_id and self.deputy_id == self.owner_id:
            problems["deputy"] = _("Choose another person than the owner.")
        for name in ("starts_on", "definition_from"):
            day = getattr(self, name)
            if day and first_day(day, self.grain, self.calendar) != day:
                nearest = date_format(first_day(day, self.grain, self.calendar), "DATE_FORMAT")
                problems[name] = _("Enter the first day of a period, for example %(day)s.") % {"day": nearest}
        if self.pk and self.measurements.exists():
            stored = type(self).objects.get(pk=self.pk)
            for name in FIXED_ONCE_MEASURED:
                if getattr(stored, name) != getattr(self, name):
                    problems[name] = _("This KPI has values. Retire it and define another one to change this.")
        if problems:
            raise ValidationError(problems)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; once the KPI was in use, a change of how it is counted adds a version of the definition, which begins
        with the period ``definition_from`` if that was set to a later day, else with the present one."""
        with transaction.atomic():
            fresh = self._changed_definition() if self.state != State.DRAFT else None
            if fresh is not None:
                self.definition_from = fresh.valid_from
            super().save(*args, **kwargs)
            if fresh is not None:
                fresh.kpi, fresh.made_by, fresh.reason = self, kwargs.get("by"), kwargs.get("reason", "")
                fresh.save(force_insert=True)
                if fresh.number > 1:
                    redefined.send(sender=type(self), kpi=self, definition=fresh, by=fresh.made_by)

    def _changed_definition(self) -> Definition | None:
        """A version of the definition that is not stored yet, where how it is counted became different."""
        last = self.definitions.order_by("number").last() if self.pk else None
        if last is not None and last.definition_values() == self.definition_values():
            return None
        start = self.starts_on if last is None else timezone.localdate()
        if self.definition_from and (last is None or self.definition_from > last.valid_from):
            start = self.definition_from
        valid_from = first_day(start or timezone.localdate(), self.grain, self.calendar)
        return Definition(
            number=last.number + 1 if last else 1,
            valid_from=max(valid_from, last.valid_from) if last else valid_from,
            **self.definition_values(),
        )

    def definition_at(self, period: date) -> Definition | None:
        """The definition by which a period is counted: the last that had begun, or the first for what was before."""
        definitions = list(self.definitions.all())
        begun = [definition for definition in definitions if definition.valid_from <= period]
        return begun[-1] if begun else definitions[0] if definitions else None

    # --- moves ---------------------------------------------------------------------------------------

    def check_move(self, move: Move, *, by: Any, **facts: Any) -> None:
        if move.target == State.IN_USE and self.owner_id is None:
            raise Refused(_t("Choose an owner before the KPI is used."))

    def apply_move(self, move: Move, *, by: Any, **facts: Any) -> dict[str, Any]:
        today = timezone.localdate()
        if move.target == State.IN_USE and self.starts_on is None:
            self.starts_on = first_day(today, self.grain, self.calendar)
        self.retired_on = today if move.target == State.RETIRED else None
        return {}

    # --- periods -------------------------------------------------------------------------------------

    def due_on(self, period: date) -> date:
        """The day by which the value of a period is due."""
        return due_day(period, self.grain, self.calendar, self.due_days)

    def expected_periods(self, today: date) -> list[date]:
        """Periods that are over and for which a value is expected, oldest first."""
        if self.starts_on is None or self.state == State.DRAFT:
            return []
        until = last_finished(today, self.grain, self.calendar)
        if self.retired_on:
            until = min(until, shifted(first_day(self.retired_on, self.grain, self.calendar), self.grain, -1))
        return list(periods_between(self.starts_on, until, self.grain, self.calendar))

    # --- values --------------------------------------------------------------------------------------

    def figure(self, numerator: Decimal, denominator: Decimal) -> Decimal | None:
        """The stated figure of a numerator and a denominator; none where the denominator is zero."""
        return numerator * self.per / denominator if denominator else None


class KpiGrant(RecordGrant):
    """One KPI shown to a person or a job role outside its audience, until a moment."""

    record = models.ForeignKey(Kpi, models.CASCADE, related_name="grants")

    class Meta(RecordGrant.Meta):
        pass
