from core.models.attachment import Attachment
from core.models.bulk import BulkRow, BulkRun
from core.models.catalog import CatalogEntry, CatalogLink, CatalogText
from core.models.comment import Comment
from core.models.job import Job
from core.models.ledger import LedgerLine, LedgerSeal
from core.models.notice import Notice, Subscription, Watch
from core.models.numbering import Counter, TakenNumber
from core.models.once import FormToken
from core.models.organisation import Organisation
from core.models.outbox import OutboxMessage
from core.models.record import Record
from core.models.saved_view import SavedView
from core.models.search import SavedSearch, SearchWord, SynonymGroup

__all__ = [
    "Attachment",
    "BulkRow",
    "BulkRun",
    "CatalogEntry",
    "CatalogLink",
    "CatalogText",
    "Comment",
    "Counter",
    "FormToken",
    "Job",
    "LedgerLine",
    "LedgerSeal",
    "Notice",
    "Organisation",
    "OutboxMessage",
    "Record",
    "SavedSearch",
    "SavedView",
    "SearchWord",
    "Subscription",
    "SynonymGroup",
    "TakenNumber",
    "Watch",
]
