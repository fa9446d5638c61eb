from django.db import models
from django.utils.translation import gettext_lazy as _

from processes.models.process import Process


class SipocPart(models.TextChoices):
    """The five columns of a SIPOC, in the order of its letters."""

    SUPPLIER = "supplier", _("Supplier")
    INPUT = "input", _("Input")
    STEP = "step", _("Process step")
    OUTPUT = "output", _("Output")
    CUSTOMER = "customer", _("Customer")


class SipocRow(models.Model):
    """One line in one column of the SIPOC of a process: a supplier, an input, a step, an output or a customer."""

    process = models.ForeignKey(Process, models.CASCADE, related_name="sipoc_rows")
    part = models.CharField(_("column"), max_length=10, choices=SipocPart.choices)
    position = models.PositiveSmallIntegerField(default=0)
    text = models.CharField(_("text"), max_length=200)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["process", "part", "text"], name="one_sipoc_line_of_a_column_says_a_thing"),
        ]

    def __str__(self) -> str:
        return self.text
