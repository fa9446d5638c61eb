from audits.models.answer import Answer, Evidence, Outcome
from audits.models.audit import Audit, AuditMember
from audits.models.baseline import Baseline
from audits.models.checklist import Checklist
from audits.models.finding import Finding, FindingRevision
from audits.models.framework import Framework
from audits.models.framework_import import FrameworkImport
from audits.models.report import AuditReport, ReportFile, ReportSignature
from audits.models.requirement import Requirement
from audits.models.requirement_link import RequirementLink
from audits.models.settings import AuditSettings, Grade

__all__ = [
    "Answer",
    "Audit",
    "AuditMember",
    "AuditReport",
    "AuditSettings",
    "Baseline",
    "Checklist",
    "Evidence",
    "Finding",
    "FindingRevision",
    "Framework",
    "FrameworkImport",
    "Grade",
    "Outcome",
    "ReportFile",
    "ReportSignature",
    "Requirement",
    "RequirementLink",
]
