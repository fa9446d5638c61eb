from documents.models.appendix import Appendix
from documents.models.content import Content
from documents.models.document import Document, DocumentGrant, DocumentRoleGrant, FormerCode
from documents.models.kind_settings import KindSettings
from documents.models.part import Part
from documents.models.rendition import Rendition
from documents.models.retirement import Retirement
from documents.models.review import Review
from documents.models.route import Decision, Route, RouteSeat, RouteStep, RouteTemplate, RouteTemplateStep
from documents.models.version import State, Version

__all__ = [
    "Appendix",
    "Content",
    "Decision",
    "Document",
    "DocumentGrant",
    "DocumentRoleGrant",
    "FormerCode",
    "KindSettings",
    "Part",
    "Rendition",
    "Retirement",
    "Review",
    "Route",
    "RouteSeat",
    "RouteStep",
    "RouteTemplate",
    "RouteTemplateStep",
    "State",
    "Version",
]
