"""The pages of every kind of record, as view classes. A kind that wants one page otherwise subclasses that view,
overrides the method in question, and names the class in its attribute (``page_view = KpiPageView``)."""

from core import kinds  # noqa: F401 - the package of kinds is read whole before its pages
from core.pages.kind.base import KindView, RecordView
from core.pages.kind.listing import RecordListView, RecordSuggestView
from core.pages.kind.record import RecordHistoryView, RecordPageView, RecordPanelView
from core.pages.kind.tables import RecordExportView, RecordTableView, RecordTemplateView
from core.pages.kind.writing import FormPage, RecordCreateView, RecordMoveView, RecordUpdateView

__all__ = [
    "FormPage",
    "KindView",
    "RecordCreateView",
    "RecordExportView",
    "RecordHistoryView",
    "RecordListView",
    "RecordMoveView",
    "RecordPageView",
    "RecordPanelView",
    "RecordSuggestView",
    "RecordTableView",
    "RecordTemplateView",
    "RecordUpdateView",
    "RecordView",
]
