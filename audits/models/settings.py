from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core.history import FieldHistory


class AuditSettings(models.Model):
    """How strict the organisation is with its audits: one row, or the usual values."""

    independence_months = models.PositiveSmallIntegerField(
        _("months of independence"),
        default=24,
        validators=[MaxValueValidator(120)],
        help_text=_("Who wrote or approved a document of the scope within these months does not audit it."),
    )
    repeat_months = models.PositiveSmallIntegerField(
        _("months in which a finding repeats"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=_("The same requirement or step on the same process within these months is a repeat finding."),
    )
    respond_days = models.PositiveSmallIntegerField(
        _("days to respond"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("How long the owner of a finding has to say what will be done."),
    )

    history = FieldHistory()

    class Meta:
        verbose_name = _("audit settings")
        verbose_name_plural = _("audit settings")
        default_permissions = ("change",)

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> Self:
        """The stored settings, or the usual ones, unsaved."""
        return cls.objects.first() or cls()


class Grade(models.Model):
    """How serious a finding is, as the organisation grades: its name, its hint, what it asks for."""

    FIRST_ROWS_WITHOUT_HISTORY = True  # a migration makes them

    class Tone(models.TextChoices):
        LATE = "late", _("Red")
        WAIT = "wait", _("Amber")
        NOTE = "note", _("Blue")
        OK = "ok", _("Green")

    key = models.SlugField(_("key"), max_length=20, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    hint = models.CharField(_("when it applies"), max_length=200, blank=True)
    tone = models.CharField(_("colour"), max_length=4, choices=Tone.choices, default=Tone.NOTE)
    order = models.PositiveSmallIntegerField(_("order"), default=10)
    needs_response = models.BooleanField(_("needs a response"), default=True)
    needs_effectiveness = models.BooleanField(_("needs a cause and an effectiveness check"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)

    history = FieldHistory()

    class Meta:
        ordering = ["order", "key"]
        verbose_name = _("grade of findings")
        verbose_name_plural = _("grades of findings")
        default_permissions = ("change",)

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Its name: the portal's own names are translated, an organisation's stay as written."""
        return _t(self.name)

    @property
    def icon(self) -> str:
        return {"late": "alert", "wait": "flag", "note": "bulb", "ok": "check-circle"}[self.tone]


# The names and hints that a portal begins with (see the migration), here so that translators find them.
USUAL_WORDS = (
    gettext_noop("Major"),
    gettext_noop("Minor"),
    gettext_noop("Observation"),
    gettext_noop("Opportunity for improvement"),
    gettext_noop("Good practice"),
)
