from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kpis.periods import GRAINS, MONDAY_TO_FRIDAY, Calendar

MOST_DECIMALS = 6


def monday_to_friday() -> list[int]:
    return list(MONDAY_TO_FRIDAY)


class Kind(models.TextChoices):
    """What one measurement consists of."""

    NUMBER = "number", _("Number")
    RATIO = "ratio", _("Ratio: numerator and denominator")
    COUNT = "count", _("Count with area of opportunity")
    SUBGROUP = "subgroup", _("Subgroup: several values a period")


class Direction(models.TextChoices):
    HIGHER = "higher", _("Higher is better")
    LOWER = "lower", _("Lower is better")
    WITHIN = "within", _("Within a range")


class Grain(models.TextChoices):
    DAY = "day", _("Day")
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")


class Aggregation(models.TextChoices):
    """How several measurements become one figure, over time and over sites or products."""

    SUM = "sum", _("Sum")
    MEAN = "mean", _("Mean")
    WEIGHTED = "weighted", _("Mean weighted by the denominator or weight")
    LAST = "last", _("Last value")
    RATIO_OF_SUMS = "ratio_of_sums", _("Ratio of sums")


class Per(models.IntegerChoices):
    """What a ratio or rate is stated per: 0.93 is 93 per 100."""

    ONE = 1, _("1")
    HUNDRED = 100, _("100 (per cent)")
    THOUSAND = 1000, _("1,000")
    MILLION = 1_000_000, _("1,000,000")


class DefinitionFields(models.Model):
    """What decides how a KPI is counted and read. A change of any of these makes a new version of the definition."""

    kind = models.CharField(_("kind of figure"), max_length=8, choices=Kind.choices, default=Kind.NUMBER)
    unit = models.CharField(_("unit"), max_length=20, blank=True, help_text=_("For example %, min, €, per 1,000"))
    per = models.PositiveIntegerField(_("stated per"), choices=Per.choices, default=Per.ONE)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=1, validators=[MaxValueValidator(MOST_DECIMALS)])
    direction = models.CharField(_("better is"), max_length=6, choices=Direction.choices, default=Direction.HIGHER)
    grain = models.CharField(_("measured every"), max_length=7, choices=Grain.choices, default=Grain.MONTH)
    fiscal_year_start = models.PositiveSmallIntegerField(
        _("fiscal year starts in month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    week_start = models.PositiveSmallIntegerField(_("week starts on"), default=0, validators=[MaxValueValidator(6)])
    working_days = ArrayField(
        models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)]),
        verbose_name=_("working days"),
        default=monday_to_friday,
    )
    aggregation = models.CharField(
        _("aggregated by"), max_length=13, choices=Aggregation.choices, default=Aggregation.MEAN
    )
    numerator_label = models.CharField(_("numerator"), max_length=200, blank=True)
    denominator_label = models.CharField(_("denominator"), max_length=200, blank=True)
    dimension_1 = models.CharField(
        _("broken down by"), max_length=60, blank=True, help_text=_("For example site or product")
    )
    dimension_2 = models.CharField(_("and by"), max_length=60, blank=True)
    period_rule = models.CharField(
        _("date that counts"), max_length=300, blank=True, help_text=_("Which date puts a case in a period")
    )
    left_out = models.CharField(_("what is left out"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    # A figure that the portal takes of itself every night; empty when values come from people, files or programs.
    portal_figure = models.CharField(_("taken from the portal"), max_length=40, blank=True)

    class Meta:
        abstract = True

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.fiscal_year_start, self.week_start, tuple(self.working_days))

    @property
    def has_parts(self) -> bool:
        """Whether a measurement is a numerator and a denominator."""
        return self.kind in (Kind.RATIO, Kind.COUNT)

    def clean(self) -> None:
        super().clean()
        problems: dict[str, Any] = {}
        if self.has_parts and self.aggregation in (Aggregation.SUM, Aggregation.LAST):
            problems["aggregation"] = _("Choose “Ratio of sums” for a figure with numerator and denominator.")
        if not self.has_parts and self.aggregation == Aggregation.RATIO_OF_SUMS:
            problems["aggregation"] = _("Only a ratio or a count can be a ratio of sums. Choose another aggregation.")
        if not self.has_parts and self.per != Per.ONE:
            problems["per"] = _("Only a ratio or a count is stated per 100 or more. Choose 1.")
        if self.dimension_2 and not self.dimension_1:
            problems["dimension_1"] = _("Enter the first breakdown before the second.")
        if self.dimension_1 and self.dimension_1.casefold() == self.dimension_2.casefold():
            problems["dimension_2"] = _("Enter another breakdown than the first.")
        if not set(self.working_days):
            problems["working_days"] = _("Choose at least one working day.")
        if problems:
            raise ValidationError(problems)

    @classmethod
    def definition_fields(cls) -> tuple[str, ...]:
        """The names of the fields of a definition."""
        return tuple(field.name for field in DefinitionFields._meta.local_fields)

    def definition_values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.definition_fields()}


class Definition(DefinitionFields):
    """How a KPI was counted from a day on, until the next definition. Written once."""

    kpi = models.ForeignKey("kpis.Kpi", models.PROTECT, related_name="definitions")
    number = models.PositiveSmallIntegerField()
    valid_from = models.DateField(_("valid from"))
    reason = models.TextField(_("reason"), blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["kpi", "number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["kpi", "number"], name="one_definition_of_a_number_per_kpi"),
            models.CheckConstraint(condition=Q(grain__in=GRAINS), name="definition_has_a_known_grain"),
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} definition {self.number}"

    def changes_since(self, earlier: "Definition") -> list[tuple[str, str, str]]:
        """Label, old and new words of each field that differs from an earlier definition."""
        found = []
        for name in self.definition_fields():
            old, new = getattr(earlier, name), getattr(self, name)
            if old != new:
                field = self._meta.get_field(name)
                found.append((str(field.verbose_name), earlier.words_of(name), self.words_of(name)))
        return found

    def words_of(self, name: str) -> str:
        """A field's value as people read it."""
        display = getattr(self, f"get_{name}_display", None)
        value = display() if display else getattr(self, name)
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
