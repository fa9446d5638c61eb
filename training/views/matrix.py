"""Who has read what: as a list with due and overdue by department, and as a matrix of people and documents."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.table_files import download
from training.matrix import (
    DOCUMENTS_PER_PAGE,
    PEOPLE_PER_PAGE,
    ReadingFilter,
    by_department,
    list_rows,
    matrix_of,
    matrix_rows,
    totals,
)

ROWS = 50
MAX_EXPORTED = 50_000


def readings(request: HttpRequest) -> HttpResponse:
    """The readings that the person may see, what is late first."""
    chosen = ReadingFilter(request.GET, person=request.user)
    found = chosen.apply()
    ordered = found.select_related("person__department", "document", "version").order_by(
        F("acknowledged_at").desc(nulls_first=True), "due_on", "person__name", "pk"
    )
    page = Paginator(ordered, ROWS).get_page(request.GET.get("page"))
    context = _context(request, chosen) | {
        "page_obj": page,
        "totals": totals(found),
        "departments": by_department(found),
    }
    return render(request, "training/reading_list.html", context)


def export(request: HttpRequest, form: str) -> HttpResponse:
    """The same rows as CSV or XLSX."""
    found = ReadingFilter(request.GET, person=request.user).apply()
    rows = found.select_related("person__department", "document", "version").order_by("person__name", "document__code")
    return download(list_rows(rows[:MAX_EXPORTED]), f"readings-{timezone.localdate():%Y-%m-%d}", form)


def matrix(request: HttpRequest) -> HttpResponse:
    """People down, documents across."""
    chosen = ReadingFilter(request.GET, person=request.user)
    people_page, documents_page = (_number(request, name) for name in ("page", "documents"))
    shown = matrix_of(
        chosen.apply(),
        people_from=(people_page - 1) * PEOPLE_PER_PAGE,
        documents_from=(documents_page - 1) * DOCUMENTS_PER_PAGE,
    )
    pages = Paginator(range(shown.people), PEOPLE_PER_PAGE)
    context = _context(request, chosen) | {
        "matrix": shown,
        "page_obj": pages.get_page(people_page),
        "documents_page": Paginator(range(shown.all_documents), DOCUMENTS_PER_PAGE).get_page(documents_page),
    }
    return render(request, "training/matrix.html", context)


def export_matrix(request: HttpRequest, form: str) -> HttpResponse:
    """The whole matrix as CSV or XLSX."""
    found = ReadingFilter(request.GET, person=request.user).apply()
    rows = matrix_rows(matrix_of(found, whole=True))
    return download(rows, f"reading-matrix-{timezone.localdate():%Y-%m-%d}", form)


def _context(request: HttpRequest, chosen: ReadingFilter) -> dict[str, Any]:
    query = request.GET.copy()
    for name in ("page", "documents"):
        query.pop(name, None)
    return {"filter": chosen, "query": query.urlencode()}


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "1")
    return int(text) if text.isdecimal() and 0 < len(text) < 6 and int(text) else 1
