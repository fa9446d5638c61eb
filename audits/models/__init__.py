from audits.models.baseline import Baseline
from audits.models.checklist import Checklist
from audits.models.framework import Framework
from audits.models.framework_import import FrameworkImport
from audits.models.requirement import Requirement
from audits.models.requirement_link import RequirementLink

__all__ = ["Baseline", "Checklist", "Framework", "FrameworkImport", "Requirement", "RequirementLink"]
