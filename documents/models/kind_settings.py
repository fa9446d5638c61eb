from typing import Any

from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.history import FieldHistory
from core.lifecycle import Refused
from core.signing import Signature
from documents.kinds import all_kinds


class KindSettings(models.Model):
    """How strict the organisation is with one kind of document."""

    class Signing(models.TextChoices):
        SIGNATURE = "signature", _("Signature with password, code or passkey")
        CLICK = "click", _("A plain click")

    kind = models.CharField(_("kind"), max_length=40, primary_key=True)
    signing = models.CharField(_("approval by"), max_length=10, choices=Signing.choices, default=Signing.SIGNATURE)
    review_months = models.PositiveSmallIntegerField(_("review every … months"), default=24)
    retention_years = models.PositiveSmallIntegerField(_("keep … years after the end"), default=10)
    # Days relative to the due date at which the person is reminded; then weekly to the owner, then to the manager.
    remind_days_before = models.PositiveSmallIntegerField(_("remind … days before"), default=14)
    weekly_after = models.BooleanField(_("remind every week after the due date"), default=True)
    escalate_after_days = models.PositiveSmallIntegerField(_("tell the manager after … days"), default=14)

    history = FieldHistory()

    class Meta:
        verbose_name = _("settings of a kind")
        verbose_name_plural = _("settings of kinds")

    def __str__(self) -> str:
        return self.kind

    def refuse_unless_signed(self, signature: Signature | None, *, by: Any) -> None:
        """Raise ``Refused`` unless the signature is this person's, fresh, and as strict as this kind asks for."""
        if signature is None or not signature.is_fresh_of(by.pk):
            raise Refused(_t("Sign again: the signature is missing or too old."))
        if self.signing == self.Signing.SIGNATURE and not signature.is_proof:
            raise Refused(_t("This kind of document needs a signature with password, code or passkey."))

    @classmethod
    def of(cls, kind: str) -> "KindSettings":
        """The stored settings of a kind, or the defaults, unsaved."""
        return cls.objects.filter(pk=kind).first() or cls.usual(kind)

    @classmethod
    def usual(cls, kind: str) -> "KindSettings":
        """What holds for a kind until somebody says otherwise, unsaved."""
        months = next((known.review_months for known in all_kinds() if known.key == kind), 24)
        return cls(kind=kind, review_months=months)
