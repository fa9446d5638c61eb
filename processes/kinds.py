"""The process as a kind of record: its facts, forms, addresses and words."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core.attachment_text import words_of_files
from core.catalog import Listing
from core.event_words import EventWords, register_event
from core.kinds import Fact, MoveForm
from core.kinds.api import KindApi
from core.kinds.forms import RecordForm
from core.kinds.record_kind import Route
from core.lifecycle import Move, Refused
from core.navigation import NavEntry, register_nav, register_new
from documents.models import Document
from people.kinds import OwnedKind
from processes.fields import ProcessField
from processes.lifecycle import ProcessState
from processes.models import Process
from processes.models.process import SIPOC
from processes.tree import BadCode, prepare_in_tree
from processes.value_types import CategoryType, LevelType, LinesType
from processes.views import landscape, linking, pages, tree


class RetireForm(MoveForm):
    """Why a process is retired, and which one takes its place."""

    successor = ProcessField(
        label=_("Replaced by"),
        required=False,
        help_text=_("The process that takes its place: its code or words of its title. Leave empty if none does."),
    )

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        self.fields["successor"].person = person


class ProcessApi(KindApi):
    """``POST /api/processes`` takes ``parent``, the code of a process; without ``code`` it gets the next one below."""

    def new_fields(self) -> dict[str, Any]:
        fields = super().new_fields()
        return fields | {"parent": self.input_field(self.kind.all_facts["parent"], is_required=False)}

    def is_required(self, fact: Any) -> bool:
        return fact.name != "code" and super().is_required(fact)


class ProcessKind(OwnedKind):
    key = "process"
    path = "processes"
    model = Process
    icon = "process"
    group = "library"
    order = 10
    owner_is_required = False
    facts = (
        Fact("parent", editable=False, filterable=False, column=False),
        Fact("level", column=False, value_type=LevelType),
        Fact("category", value_type=CategoryType),
        Fact("criticality", head=True),
        Fact("purpose", column=None, on_page=False),
        Fact("trigger", column=None, on_page=False, filterable=False),
        Fact("outcome", column=None, on_page=False, filterable=False),
        *(Fact(name, column=None, on_page=False, value_type=LinesType) for name in SIPOC),
        Fact("external_reference", column=False, hide_empty=True),
        Fact("retired_at", label=_("Retired"), column=False, editable=False, filterable=False, hide_empty=True),
        Fact("successor", column=None, editable=False, on_page=False, exported=False),
    )
    states = {ProcessState.ACTIVE: ("check-circle", "ok"), ProcessState.RETIRED: ("archive", "gone")}
    events = {
        "placed": EventWords(_("moved it to another place in the tree"), "swap"),
        "reordered": EventWords(_("changed its order among its siblings"), "swap"),
        "code_changed": EventWords(_("changed its code from %(before)s to %(after)s"), "pencil"),
        "merged_in": EventWords(_("merged another process into it"), "process"),
        "document_linked": EventWords(_("linked a document"), "doc"),
        "document_unlinked": EventWords(_("removed the link to a document"), "x"),
    }
    move_forms = {"retire": RetireForm}

    page_template = "processes/process_page.html"
    list_template = "processes/process_list.html"
    form_template = "processes/process_form.html"
    page_view = pages.ProcessPageView
    create_view = pages.ProcessCreateView
    api_class = ProcessApi
    history_view = pages.ProcessHistoryView

    def form_fields_for(self, *, is_new: bool) -> list[str]:
        """The place of a process is chosen once here; afterwards “Move” changes it."""
        names = super().form_fields_for(is_new=is_new)
        first = ["title", "parent", "code"] if is_new else ["title"]
        return [*first, *(name for name in names if name not in first)]

    def adapt_form(self, form: RecordForm) -> None:
        super().adapt_form(form)
        if "code" in form.fields:
            form.fields["code"].required = False
            form.fields["code"].help_text = _("Leave empty to get the next one: P3.1.2 under P3.1.")
        if "parent" in form.fields:
            form.fields["parent"].help_text = _("Its code or words of its title. Leave empty to put it at the top.")
        for name in ("code", "external_reference", "criticality"):
            if name in form.fields:
                form.fields[name].widget.attrs["data-size"] = "mid"

    def moves(self, person: Any, record: Any) -> list[Move]:
        """Merging needs to know the other process and has a page of its own."""
        return [move for move in super().moves(person, record) if move.name != "merge"]

    def prepare_new(self, record: Any, values: dict[str, Any], *, by: Any) -> None:
        try:
            prepare_in_tree(record, by=by)
        except Refused as refusal:
            field = "code" if isinstance(refusal, BadCode) else "parent"
            raise ValidationError({field: str(refusal.message)}) from None

    def current_until(self, record: Any) -> Any:
        return record.retired_at

    def search_text(self, record: Any) -> str:
        texts = [record.purpose, record.trigger, record.outcome, record.external_reference]
        lines = [line for column in SIPOC for line in getattr(record, column)]
        return "\n".join(text for text in (*texts, *lines) if text)

    def listing(self, record: Any) -> Listing:
        return replace(super().listing(record), attachments=lambda: words_of_files(record))

    def routes(self) -> Sequence[Route]:
        """The tree stands at the address of the kind, the list beside it."""
        usual = [
            (name, f"{self.path}/list/" if name == "list" else address, view)
            for name, address, view in super().routes()
        ]
        record = f"{self.path}/<str:code>"
        return [
            ("tree", f"{self.path}/", tree.TreeView),
            ("landscape", f"{self.path}/landscape/", landscape.LandscapeView),
            *usual,
            ("place", f"{record}/place/", tree.PlaceView),
            ("merge", f"{record}/merge/", tree.MergeView),
            ("link", f"{record}/documents/", linking.LinkView),
            ("unlink", f"{record}/documents/<str:document>/remove/", linking.UnlinkView),
        ]

    def register_navigation(self) -> None:
        register_nav(NavEntry(self.plural, self.url_name("tree"), self.icon, self.group, self.order))
        label = capfirst(self.label)
        register_new(NavEntry(label, self.url_name("new"), self.icon, order=self.order, permission=self.may_add))

    def register_words(self) -> None:
        super().register_words()
        of_document = Document._meta.label_lower
        register_event(of_document, "process_linked", EventWords(_("linked it to a process"), "process"))
        register_event(of_document, "process_unlinked", EventWords(_("removed its link to a process"), "x"))


PROCESS = ProcessKind()
