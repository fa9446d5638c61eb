"""The rows of the list as they are drawn: plain values, so that equal rows are drawn once for all who see them."""

from typing import Any, NamedTuple

from core.templatetags.ui import due, when
from documents.models import Document


class Row(NamedTuple):
    """One document in the list. What depends on the day or the hour is drawn already."""

    pk: int
    code: str
    url: str
    title: str
    state: str
    draft_state: str
    kind: Any
    number: str
    owner: tuple[int, str] | None
    department: str
    audience: str
    effective: str
    review: str
    interval: int
    changed: str


def rows_of(documents: list[Document], columns: Any) -> list[Row]:
    """Rows of documents that have their shown versions; moments only of columns that are shown."""
    return [_row(document, set(columns.drawn)) for document in documents]


def _row(document: Document, drawn: set[str]) -> Row:
    shown, draft = document.shown, document.draft
    review = due if document.is_review_near else when
    return Row(
        pk=document.pk,
        code=document.code,
        url=document.get_absolute_url(),
        title=(shown.title if shown else "") or document.title,
        state=shown.shown_state if shown else "",
        draft_state=draft.state if draft and draft != shown else "",
        kind=str(document.kind_of.label) if "kind" in drawn else "",
        number=shown.number if shown else "",
        owner=(document.owner_id, str(document.owner)) if "owner" in drawn and document.owner_id else None,
        department=str(document.department) if "department" in drawn and document.department_id else "–",
        audience=document.get_audience_display() if "audience" in drawn else "",
        effective=when(shown.effective_on if shown else None) if "effective" in drawn else "",
        review=review(document.review_due_on) if "review" in drawn else "",
        interval=document.review_months,
        changed=when(document.changed_at, relative=True) if "changed" in drawn else "",
    )
