import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from audits.models.audit import Audit
from core.models import Attachment


def canonical(snapshot: dict[str, Any]) -> bytes:
    """The bytes that a report's hash vouches for: the same wherever and whenever they are made."""
    return json.dumps(snapshot, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_of(snapshot: dict[str, Any]) -> str:
    """sha256 of the snapshot as hexadecimal digits."""
    return hashlib.sha256(canonical(snapshot)).hexdigest()


class AuditReport(models.Model):
    """What an audit found, frozen word for word; the first is its report, what comes later are addenda."""

    audit = models.ForeignKey(Audit, models.PROTECT, related_name="reports")
    number = models.PositiveSmallIntegerField()
    reason = models.TextField(_("reason for the addendum"), blank=True)
    snapshot = models.JSONField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["audit", "number"], name="one_report_of_a_number_per_audit"),
            models.CheckConstraint(condition=Q(number=0) | ~Q(reason=""), name="addenda_say_why"),
        ]

    def __str__(self) -> str:
        return f"{self.audit.code} {self.label}"

    def get_absolute_url(self) -> str:
        return reverse("audits:audit-report", args=[self.audit.code, self.number])

    @property
    def is_addendum(self) -> bool:
        return self.number > 0

    @property
    def label(self) -> str:
        """What people call it."""
        return _t("Addendum %(n)s") % {"n": self.number} if self.is_addendum else _t("Report")

    def is_intact(self) -> bool:
        """Whether what is stored is what was hashed."""
        return hash_of(self.snapshot) == self.sha256

    def file_as(self, form: str) -> "ReportFile | None":
        """The file in this form that shows all signatures there are, or None."""
        return self.files.filter(form=form, signatures=self.signatures.count()).select_related("attachment").first()

    def waits_for(self) -> list[str]:
        """The roles that have not signed: "lead", "owner"."""
        signed = {one.role for one in self.signatures.all() if one.sha256 == self.sha256}
        is_one_person = self.audit.lead_id == self.audit.owner_id  # only in a self-check
        wanted = [ReportSignature.Role.LEAD] if is_one_person else ReportSignature.Role.values
        return [str(role) for role in wanted if role not in signed]


class ReportSignature(models.Model):
    """One signature under a report: by whom, in which role, how they proved who they are, and what they signed."""

    class Role(models.TextChoices):
        LEAD = "lead", _("Lead auditor")
        OWNER = "owner", _("Owner of what was audited")

    report = models.ForeignKey(AuditReport, models.PROTECT, related_name="signatures")
    role = models.CharField(max_length=5, choices=Role.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)  # as printed
    meaning = models.CharField(max_length=200)
    method = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        default_permissions = ()
        ordering = ["signed_at"]
        constraints = [
            models.UniqueConstraint(fields=["report", "role"], name="one_signature_of_a_role_under_a_report"),
            models.UniqueConstraint(fields=["report", "by"], name="one_signature_of_a_person_under_a_report"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_role_display()}"


class ReportFile(models.Model):
    """A report as a file, made by the worker: PDF or workbook."""

    class Form(models.TextChoices):
        PDF = "pdf", _("PDF")
        XLSX = "xlsx", _("Excel workbook")

    report = models.ForeignKey(AuditReport, models.PROTECT, related_name="files")
    form = models.CharField(max_length=4, choices=Form.choices)
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")
    signatures = models.PositiveSmallIntegerField()  # how many it shows: with another signature it is made again
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.report} {self.form}"
