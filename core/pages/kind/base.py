"""What every page of a kind shares: the kind, the record as the person may see it, and how it answers."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import classonlymethod
from django.views import View

from core.catalog import entries_of
from core.models import CatalogEntry
from core.numbering import code_key
from core.views import refuse_politely

LARGEST_KEY = 2**63 - 1


class KindView(View):
    """A page of one kind. Subclasses name ``template_attribute``, the kind's attribute with the template."""

    kind: Any = None  # given by ``RecordKind.urls``
    template_attribute = ""

    @classonlymethod
    def as_view(cls, **options: Any) -> Any:
        """As always; what is refused is answered by a page that says why."""
        return refuse_politely(super().as_view(**options))

    def get_queryset(self) -> Any:
        """The records that this page may show to this person; everything on it starts here."""
        return self.kind.visible_to(self.request.user)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """What the template gets; a subclass adds to ``super()``."""
        return {"kind": self.kind, "list_url": self.kind.list_address(), **context}

    def get_template_name(self) -> str:
        return getattr(self.kind, self.template_attribute)

    def answer(self, *, status: int = 200, **context: Any) -> HttpResponse:
        """The page."""
        return render(self.request, self.get_template_name(), self.get_context_data(**context), status=status)


class RecordView(KindView):
    """A page of one record, found by what stands in the address: what is hidden is missing."""

    record: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = self.find_record()
        if found is None:
            return self.other_spelling()
        self.record = found
        return super().dispatch(request, *args, **kwargs)

    def find_record(self) -> Any:
        """The record that the address names, or None."""
        key = self.kwargs[self.kind.lookup]
        if self.kind.lookup == "pk" and key > LARGEST_KEY:
            return None
        return self.kind.with_facts(self.get_queryset()).filter(**{self.kind.lookup: key}).first()

    def other_spelling(self) -> HttpResponse:
        """Another spelling of a code leads to the record, if the person may see it."""
        key = code_key(str(self.kwargs.get("code", "")))
        entries = CatalogEntry.objects.visible_to(self.request.user)
        entry = entries.filter(kind=self.kind.key, code_key=key).first() if key else None
        if entry is None or self.request.method != "GET" or self.request.path == entry.url:
            raise Http404
        return redirect(entry.url)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        kind, record = self.kind, self.record
        named = {"code": kind.code_of(record), "title": kind.title_of(record), "address": kind.address(record)}
        return super().get_context_data(record=record, **named, **context)

    def entry(self) -> CatalogEntry | None:
        """The record's entry in the index, on which comments, files, watching and stars hang."""
        return entries_of(self.record).first()
