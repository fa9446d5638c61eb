"""Are the frozen reports still what was hashed and signed? Asked by `manage.py verify`."""

from collections.abc import Iterator

from audits.models import Audit, AuditReport


def check_reports() -> Iterator[str]:
    """What is wrong with reports and signatures, in words."""
    for report in (
        AuditReport.objects.select_related("audit").prefetch_related("signatures").order_by("pk").iterator(200)
    ):
        if not report.is_intact():
            yield f"{report} is not what was frozen."
        for signature in report.signatures.all():
            if signature.sha256 != report.sha256:
                yield f"{report} is not what {signature.name} signed."
    for audit in Audit.objects.filter(state="closed").prefetch_related("reports__signatures"):
        first = next(iter(audit.reports.all()), None)
        if not any(not report.waits_for() for report in audit.reports.all()):
            yield f"{audit.code} is closed without a signed report." if first else f"{audit.code} has no report."
