"""A kind of record: one class with attributes, from which its pages, addresses and entries everywhere come.

docs/new-record.md walks through a new kind. Every attribute and method here may be overridden in a subclass; every page
is a view class with small methods (core/pages/kind/), named by an attribute, so that one page can be another without
the others changing.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth import get_permission_codename
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views import View

from core import catalog, kind_registry
from core.bulk import BulkAction, BulkList, Described, register_action, register_list
from core.bulk_watching import UNWATCH, WATCH
from core.catalog import Listing, lists
from core.columns import Column
from core.entry_rules import entry_rule, has_entry_rule
from core.event_words import STATE_CHANGED, EventWords, register_event, register_state_words
from core.kinds.changes import FactChange
from core.kinds.facts import Fact
from core.kinds.filters import RecordFilter, matching_title_or_code
from core.kinds.forms import MoveForm, RecordForm
from core.kinds.table import table_action
from core.lifecycle import LifecycleModel, Move
from core.models import CatalogEntry
from core.navigation import Link, NavEntry, register_nav, register_new
from core.numbering import NumberTaken, is_well_formed, next_code, take_code, tidy_code
from core.pages.kind import (
    RecordCreateView,
    RecordExportView,
    RecordHistoryView,
    RecordListView,
    RecordMoveView,
    RecordPageView,
    RecordPanelView,
    RecordSuggestView,
    RecordTableView,
    RecordTemplateView,
    RecordUpdateView,
)
from core.saved_views import ViewList, register_views
from core.state_labels import STATES, register_state
from core.task_labels import register_task_label

Route = tuple[str, str, type[View]]  # name behind the key, address, view class
CODE_RULE = _("Use letters, digits, dots and hyphens, for example FIN-014.")


class RecordKind:
    """One kind of record. An app writes::

        class ForkliftKind(OwnedKind):
            key = "forklift"
            model = Forklift
            icon = "case"
            code_prefix = "FL"
            facts = (Fact("energy", head=True), Fact("inspected_on"), Fact("note", column=None))

        FORKLIFT = ForkliftKind()

    and ``register(FORKLIFT)`` in ``AppConfig.ready()``, ``urlpatterns = FORKLIFT.urls()`` in ``urls.py``.
    """

    # --- names ---
    key: ClassVar[str]  # in addresses, among kinds in the index, and as the name of its list
    model: ClassVar[type[models.Model]]
    icon = "doc"
    path = ""  # the address of the list; the key with an s, unless given
    lookup = "code"  # the field that stands in addresses: "code" or "pk"
    code_prefix = ""  # new records get the next number of it: "FL" gives FL-001
    title_field = "title"

    # --- navigation ---
    group = "library"  # of core.navigation.GROUPS; "" keeps it out of the navigation
    order = 100
    is_short = False  # also in the bar at the foot of a phone

    # --- what its records say ---
    facts: Sequence[Fact] = ()
    states: ClassVar[Mapping[str, tuple[str, str]]] = {}  # state → (icon, tone), where not registered yet
    events: ClassVar[Mapping[str, EventWords]] = {}  # ledger events beside created, changed and the moves
    task_labels: ClassVar[Mapping[str, tuple[str, Any, Any]]] = {}  # kind of task → (icon, name, button)

    # --- list and forms ---
    page_size = 50
    default_sort = "code"
    filter_class: type[RecordFilter] = RecordFilter
    form_class: type[RecordForm] = RecordForm
    form_fields: Sequence[str] = ()  # editable facts in their order, unless given
    move_forms: ClassVar[Mapping[str, type[MoveForm]]] = {}  # move → its form, where it asks more than a reason

    # --- pages; a kind may name a template or a view class of its own for any of them ---
    list_template = "core/record_list.html"
    page_template = "core/record_page.html"
    form_template = "core/record_form.html"
    move_template = "core/record_move.html"
    history_template = "core/record_history.html"
    list_view: type[View] = RecordListView
    create_view: type[View] = RecordCreateView
    page_view: type[View] = RecordPageView
    update_view: type[View] = RecordUpdateView
    move_view: type[View] = RecordMoveView
    history_view: type[View] = RecordHistoryView
    panel_view: type[View] = RecordPanelView
    export_view: type[View] = RecordExportView
    table_view: type[View] = RecordTableView
    template_view: type[View] = RecordTemplateView
    suggest_view: type[View] = RecordSuggestView
    api_class: type | None = None  # a core.kinds.api.KindApi, where the API answers otherwise than every kind's

    # --- names, from the model ---------------------------------------------------------------------------

    @property
    def label(self) -> Any:
        """What one of them is called: the model's verbose name, as it stands in a sentence."""
        return self.model._meta.verbose_name

    @property
    def plural(self) -> Any:
        """What the list is called."""
        return capfirst(self.model._meta.verbose_name_plural)

    @property
    def has_states(self) -> bool:
        return issubclass(self.model, LifecycleModel)

    @property
    def has_code(self) -> bool:
        return any(field.name == "code" for field in self.model._meta.fields)

    def code_of(self, record: Any) -> str:
        return record.code if self.has_code else ""

    def title_of(self, record: Any) -> str:
        return str(getattr(record, self.title_field))

    # --- facts -------------------------------------------------------------------------------------------

    def get_facts(self) -> Iterable[Fact]:
        """All facts in their order; code, title and state come first without being named."""
        first = [name for name in ("code", self.title_field, "state") if self._is_field(name)]
        declared = {fact.name for fact in self.facts}
        return (*(Fact(name, on_page=False) for name in first if name not in declared), *self.facts)

    def _is_field(self, name: str) -> bool:
        return any(field.name == name for field in self.model._meta.get_fields())

    @cached_property
    def all_facts(self) -> dict[str, Fact]:
        """Fact by name, bound to the model."""
        return {fact.name: fact.bound_to(self.model) for fact in self.get_facts()}

    @property
    def identity(self) -> set[str]:
        """Facts that name a record; the list shows them always, in its first columns."""
        return {"code", self.title_field, "state"}

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns beside code, title and state."""
        chosen = [
            fact for fact in self.all_facts.values() if fact.column is not None and fact.name not in self.identity
        ]
        return tuple(Column(fact.name, fact.label, usual=bool(fact.column)) for fact in chosen)

    @cached_property
    def sortable(self) -> list[str]:
        """Names by which the list can be sorted."""
        return [name for name, fact in self.all_facts.items() if fact.is_sortable]

    def form_fields_for(self, *, is_new: bool) -> list[str]:
        """The model fields of the form. A code is given once and stays."""
        names = list(self.form_fields) or [name for name, fact in self.all_facts.items() if fact.is_editable]
        return names if is_new else [name for name in names if name != "code"]

    # --- who sees and who may ----------------------------------------------------------------------------

    def visible_to(self, person: Any) -> QuerySet:
        """Where every page, export, suggestion and API route of the kind starts."""
        return self.model._default_manager.visible_to(person)

    def permission(self, verb: str) -> str:
        """Django's name of a permission: "kpis.change_kpi"."""
        return f"{self.model._meta.app_label}.{get_permission_codename(verb, self.model._meta)}"

    def may_add(self, person: Any) -> bool:
        return person.has_perm(self.permission("add"))

    def may_change(self, person: Any, record: Any) -> bool:
        return person.has_perm(self.permission("change"), record)

    def may_change_some(self, person: Any) -> bool:
        """Whether bulk changes and the table are offered at all; each record is asked again."""
        return person.has_perm(self.permission("change"))

    def moves(self, person: Any, record: Any) -> list[Move]:
        """The moves that the person may take now."""
        return record.open_moves(person) if self.has_states else []

    def menu(self, person: Any, record: Any) -> list[Link]:
        """Further lines of the menu on the record's page, for this person."""
        return []

    # --- querysets ---------------------------------------------------------------------------------------

    def with_facts(self, records: QuerySet) -> QuerySet:
        """With the related records that facts show, so that a page costs the same queries for one row and for fifty."""
        facts = [fact for fact in self.all_facts.values() if fact.field is not None and fact.field.is_relation]
        single = [fact.name for fact in facts if not fact.is_list]
        lists = [fact.name for fact in facts if fact.is_list]
        records = records.select_related(*single) if single else records
        return records.prefetch_related(*lists) if lists else records

    def matching(self, records: QuerySet, text: str) -> QuerySet:
        """Records that the field “Title or code” of the list finds."""
        return matching_title_or_code(records, text, ("code" if self.has_code else "", self.title_field))

    # --- creating and changing ---------------------------------------------------------------------------

    def initial(self, person: Any) -> dict[str, Any]:
        """What stands in the fields of an empty form."""
        return {}

    def adapt_form(self, form: RecordForm) -> None:
        """Change fields of a form (help texts, choices) without a form class of its own."""

    def prepare_new(self, record: Any, values: dict[str, Any], *, by: Any) -> None:
        """Complete a new record before it is checked and saved. Here it gets its code, for good."""
        if not self.has_code:
            return
        record.code = tidy_code(record.code or "")
        if not record.code and self.code_prefix:
            record.code = next_code(self.code_prefix)
            return
        if not is_well_formed(record.code):
            raise ValidationError({"code": CODE_RULE})
        try:
            take_code(record.code)
        except NumberTaken as problem:
            raise ValidationError({"code": str(problem)}) from problem

    def check(self, record: Any, values: dict[str, Any]) -> None:
        """Rules that ``Model.clean`` cannot know, such as what a many-to-many field must hold; ``values`` are those
        that become different. Raises ``ValidationError`` with messages by field."""

    def after_save(self, record: Any, changes: list[FactChange], *, by: Any) -> None:
        """What follows in the same transaction; ``changes`` is empty for a new record."""
        catalog.refresh(record)

    # --- index -------------------------------------------------------------------------------------------

    def listings(self, records: list[Any]) -> list[Listing]:
        """How the records stand in the index of everything."""
        return [self.listing(record) for record in records]

    def listing(self, record: Any) -> Listing:
        """How one record stands there. It counts as current from its creation until ``current_until``."""
        return Listing(
            kind=self.key,
            code=self.code_of(record),
            title=self.title_of(record),
            url=self.address(record),
            state=getattr(record, "state", ""),
            current_from=record.created_at,
            current_until=self.current_until(record),
            department_id=getattr(record, "department_id", None),
            owner_id=getattr(record, "owner_id", None),
            audience_keys=record.audience_keys,
            changed_at=record.changed_at,
            body=lambda: self.search_text(record),
        )

    def current_until(self, record: Any) -> Any:
        """The moment from which it is found only among what is not in effect any more; None for no end."""
        return None

    def search_text(self, record: Any) -> str:
        """The words by which everybody in the audience finds it, beside code and title."""
        told = [fact for fact in self.all_facts.values() if fact.field is not None and not fact.field.is_relation]
        texts = [fact.value_of(record) for fact in told if fact.name not in self.identity]
        return "\n".join(text for text in texts if isinstance(text, str) and " " in text)

    # --- addresses ---------------------------------------------------------------------------------------

    def url_name(self, name: str) -> str:
        """The full name of one of its addresses: ``FORKLIFT.url_name("list")`` is "trial:forklift-list"."""
        return f"{self.model._meta.app_label}:{self.key}-{name}"

    def list_address(self) -> str:
        return reverse(self.url_name("list"))

    def address(self, record: Any, name: str = "page", *more: Any) -> str:
        """The address of a record's page, or of another of its addresses."""
        return reverse(self.url_name(name), args=[getattr(record, self.lookup), *more])

    def routes(self) -> list[Route]:
        """Name, address and view class of every page; a kind with more pages extends the list."""
        base = self.base_path
        record = f"{base}/<str:code>" if self.lookup == "code" else f"{base}/<int:pk>"
        return [
            ("list", f"{base}/", self.list_view),
            ("new", f"{base}/new/", self.create_view),
            ("export", f"{base}/export.<str:form>", self.export_view),
            ("table", f"{base}/table/", self.table_view),
            ("table-template", f"{base}/table/template.<str:form>", self.template_view),
            ("suggest", f"{base}/suggest", self.suggest_view),
            ("page", f"{record}/", self.page_view),
            ("edit", f"{record}/edit/", self.update_view),
            ("history", f"{record}/history/", self.history_view),
            ("move", f"{record}/moves/<str:name>/", self.move_view),
            ("panel", f"{record}/panels/<str:name>/", self.panel_view),
        ]

    @property
    def base_path(self) -> str:
        """Where its addresses begin, of pages and of the API."""
        return self.path or f"{self.key}s"

    def urls(self) -> list[URLPattern]:
        """``urlpatterns`` of the kind."""
        return [path(route, view.as_view(kind=self), name=f"{self.key}-{name}") for name, route, view in self.routes()]

    # --- registration ------------------------------------------------------------------------------------

    def register(self) -> None:
        """Make the kind known everywhere; called once, by ``core.kinds.register``."""
        kind_registry.add(self)
        lists(self.model)(self.listings)
        self.register_navigation()
        register_views(ViewList(self.key, self.plural, self.url_name("list")))
        register_list(self.bulk_list())
        for action in self.bulk_actions():
            register_action(self.key, action)
        for permission in ("core.attach_to", "core.keep_comments"):
            if not has_entry_rule(permission, self.model):
                entry_rule(permission, self.model)(self.may_change)
        self.register_words()

    def register_navigation(self) -> None:
        """The entry in the navigation, and the one under “New”."""
        if self.group:
            entry = NavEntry(self.plural, self.url_name("list"), self.icon, self.group, self.order, short=self.is_short)
            register_nav(entry)
            label = capfirst(self.label)
            register_new(NavEntry(label, self.url_name("new"), self.icon, order=self.order, permission=self.may_add))

    def register_words(self) -> None:
        """States, ledger events and tasks, as people read them."""
        record_kind = self.model._meta.label_lower
        if self.has_states:
            labels = dict(self.model._meta.get_field("state").flatchoices)
            for state, (icon, tone) in self.states.items():
                if state not in STATES:
                    register_state(state, icon, tone, labels[state])
            register_state_words(record_kind, labels)
            for move in self.model.MOVES:
                register_event(record_kind, move.name, EventWords(STATE_CHANGED, move.icon or "arrow-right"))
        for event, words in self.events.items():
            register_event(record_kind, event, words)
        for task, (icon, name, button) in self.task_labels.items():
            register_task_label(task, icon, name, button)

    def bulk_list(self) -> BulkList:
        """The list as core.bulk knows it."""
        return BulkList(
            self.key,
            self.plural,
            lambda person: self.with_facts(self.visible_to(person)),
            lambda person, query: self.filter_class(query, kind=self, person=person).apply(self.visible_to(person)),
            lambda record: Described(self.code_of(record), self.title_of(record), self.address(record)),
            self.url_name("list"),
        )

    def bulk_actions(self) -> Sequence[BulkAction]:
        """What may be asked of many records at once; a kind adds its own (core.kinds.bulk.set_fact)."""
        return (WATCH, UNWATCH, table_action(self))

    def entry_of(self, record: Any) -> CatalogEntry:
        return catalog.entry_of(record)
