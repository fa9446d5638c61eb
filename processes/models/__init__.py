from processes.models.category import ProcessCategory
from processes.models.document_link import ProcessDocument
from processes.models.map import MapComparison, ProcessMap
from processes.models.process import FormerProcessCode, Process, ProcessGrant

__all__ = [
    "FormerProcessCode",
    "MapComparison",
    "Process",
    "ProcessCategory",
    "ProcessDocument",
    "ProcessGrant",
    "ProcessMap",
]
