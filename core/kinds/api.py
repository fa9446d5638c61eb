"""The API of a kind, made from its facts: list, read, create, change, move, with the verbs and rights of the pages.

``processportal.api`` mounts ``router_of(kind)`` for every registered kind.
"""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest
from django.utils.translation import gettext
from ninja import Field, Query, Router, Schema, Status
from pydantic import ConfigDict, create_model

from core.idempotency import once
from core.kinds.changes import change, create
from core.lifecycle import Refused
from core.pages.kind.base import LARGEST_KEY

if TYPE_CHECKING:
    from core.kinds.record_kind import RecordKind

MAX_TEXT = 100_000
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "The same POST with the same key answers with what the first one did, for a week.",
}
REPEATABLE = {"parameters": [KEY]}


class BadQuery(Refused):
    """A filter, a value of a filter, or an order that does not exist: never silently all records."""

    status = 400


class Input(Schema):
    """What is sent; a field that does not exist is an error, not silence."""

    model_config = ConfigDict(extra="forbid")


class MoveIn(Input):
    """A move, with its reason and, where it asks more, the values of its form."""

    comment: str = Field("", max_length=2000)
    values: dict[str, Any] = {}


class KindApi:
    """The routes of one kind. A kind that answers otherwise subclasses this and names it as ``api_class``."""

    def __init__(self, kind: "RecordKind") -> None:
        self.kind = kind
        name = "".join(part.capitalize() for part in kind.key.split("-"))
        self.out = create_model(f"{name}Out", __base__=Schema, **self.out_fields())
        results: Any = list[self.out]  # type: ignore[name-defined]  # made a line above
        page_fields: dict[str, Any] = {"count": (int, ...), "page": (int, ...), "results": (results, ...)}
        self.page = create_model(f"{name}Page", __base__=Schema, **page_fields)
        self.new = create_model(f"New{name}", __base__=Input, **self.new_fields())
        self.changed = create_model(f"{name}Change", __base__=Input, **self.change_fields())
        self.filters = create_model(f"{name}Filters", __base__=Schema, **self.filter_fields())

    # --- schemas ---

    def facts(self) -> list[Any]:
        return [fact for fact in self.kind.all_facts.values() if fact.in_api]

    def editable(self) -> list[Any]:
        return [fact for fact in self.facts() if fact.is_editable]

    def out_fields(self) -> dict[str, Any]:
        """What a record looks like: its facts, and what is needed to change it."""
        fields: dict[str, Any] = {fact.name: self.field(fact, fact.value_type.api_type | None) for fact in self.facts()}
        return fields | {"id": (int, ...), "row_version": (int, ...), "url": (str, ...)}

    def new_fields(self) -> dict[str, Any]:
        """Facts that must be sent are those without which the model cannot be saved."""
        return {fact.name: self.input_field(fact, is_required=self.is_required(fact)) for fact in self.editable()}

    def change_fields(self) -> dict[str, Any]:
        """Only what becomes different is sent, with the row version that was read."""
        facts = [fact for fact in self.editable() if fact.name != "code"]
        fields: dict[str, Any] = {fact.name: self.input_field(fact, is_required=False) for fact in facts}
        return {"row_version": (int, Field(ge=0, lt=2**31)), **fields, "reason": (str, Field("", max_length=100))}

    def filter_fields(self) -> dict[str, Any]:
        """As in the address of the list; unknown names and values answer 400."""
        filtered = (fact.name for fact in self.kind.all_facts.values() if fact.is_filterable)
        names = [*self.kind.filter_class.base_fields, *filtered]
        fields: dict[str, Any] = {name: (str, Field("", max_length=200)) for name in names}
        fields["sort"] = (str, Field("", max_length=80, description=f"One of {', '.join(self.kind.sortable)}; - turns"))
        fields["page"] = (int, Field(1, ge=1, le=100_000))
        fields["page_size"] = (int, Field(50, ge=1, le=200))
        return fields

    def field(self, fact: Any, annotation: Any, default: Any = ...) -> tuple[Any, Any]:
        return annotation, Field(default, description=str(fact.label))

    def input_field(self, fact: Any, *, is_required: bool) -> tuple[Any, Any]:
        annotation = fact.value_type.api_type
        if annotation is str:
            limit = getattr(fact.field, "max_length", None) or MAX_TEXT
            return annotation | None, Field(... if is_required else None, max_length=limit, description=str(fact.label))
        return self.field(fact, annotation | None, ... if is_required else None)

    def is_required(self, fact: Any) -> bool:
        if fact.name == "code" and self.kind.code_prefix:
            return False
        return not fact.is_list and not fact.field.blank and not fact.field.has_default()

    # --- records in and out ---

    def get_queryset(self, person: Any) -> models.QuerySet:
        return self.kind.with_facts(self.kind.visible_to(person))

    def find(self, person: Any, key: Any) -> Any:
        """The record as the person may see it; hidden is missing."""
        if self.kind.lookup == "pk" and key > LARGEST_KEY:
            raise Http404
        record = self.get_queryset(person).filter(**{self.kind.lookup: key}).first()
        if record is None:
            raise Http404
        return record

    def to_out(self, record: Any, person: Any) -> dict[str, Any]:
        shown = {fact.name: fact.value_type.to_api(fact.told_to(record, person)) for fact in self.facts()}
        return shown | {"id": record.pk, "row_version": record.row_version, "url": self.kind.address(record)}

    def read_values(self, sent: Schema, person: Any) -> dict[str, Any]:
        """Clean values of the facts that were sent. Raises ``ValidationError`` with all problems by field."""
        values, problems = {}, {}
        for name, value in sent.model_dump(exclude_unset=True).items():
            fact = self.kind.all_facts.get(name)
            if fact is None:
                continue
            if value is None and fact.field is not None and not fact.field.is_relation and not fact.field.null:
                value = "" if fact.field.empty_strings_allowed and fact.field.blank else value
                if value is None:
                    problems[name] = ValidationError(gettext("This field cannot be null."))
                    continue
            try:
                values[name] = fact.value_type.from_api(value, person=person)
            except ValidationError as problem:
                problems[name] = problem
        if problems:
            raise ValidationError(problems)
        return values

    # --- verbs ---

    def list(self, request: HttpRequest, page: int, page_size: int) -> dict[str, Any]:
        person = request.user
        chosen = self.kind.filter_class(request.GET, kind=self.kind, person=person)
        if problems := chosen.problems:
            raise BadQuery(" ".join(f"{name}: {text}" for name, texts in problems.items() for text in texts))
        pages = Paginator(chosen.apply(self.get_queryset(person)), page_size)
        # A page behind the last is empty: programs read on until nothing comes.
        records = pages.page(page).object_list if page <= pages.num_pages else []
        return {"count": pages.count, "page": page, "results": [self.to_out(one, person) for one in records]}

    def create(self, request: HttpRequest, sent: Schema) -> dict[str, Any]:
        person = request.user

        def act() -> Any:
            return create(self.kind, self.read_values(sent, person), by=person)

        record = once(request, self.kind.model, act)
        return self.to_out(self.find(person, getattr(record, self.kind.lookup)), person)

    def change(self, request: HttpRequest, key: Any, sent: Any) -> dict[str, Any]:
        person = request.user
        record = self.find(person, key)
        values = self.read_values(sent, person)
        change(self.kind, record, values, by=person, reason=sent.reason, row_version=sent.row_version)
        return self.to_out(self.find(person, key), person)

    def move(self, request: HttpRequest, key: Any, name: str, sent: MoveIn) -> dict[str, Any]:
        person = request.user
        record = self.find(person, key)
        move = next((move for move in getattr(self.kind.model, "MOVES", ()) if move.name == name), None)
        if move is None:
            raise Http404

        def act() -> Any:
            values = {}
            if form_class := self.kind.move_forms.get(name):
                data = {**sent.values, "comment": sent.comment}
                form = form_class(data, record=record, move=move, person=person)
                if not form.is_valid():
                    raise ValidationError(form.errors.as_data())
                values = form.move_values()
            return record.move(name, by=person, comment=sent.comment, **values)

        once(request, self.kind.model, act)
        return self.to_out(self.find(person, key), person)


def router_of(kind: "RecordKind") -> Router:
    """The routes of a kind, below its path."""
    api = (kind.api_class or KindApi)(kind)
    router = Router(tags=[str(kind.plural)])
    key_type = str if kind.lookup == "code" else int
    name = kind.key.replace("-", "_")

    @router.get("", response=api.page, operation_id=f"list_{name}", url_name=f"{kind.key}-list")
    def list_records(request: HttpRequest, filters: Query[api.filters]) -> Any:  # type: ignore[name-defined]
        """Records that the person may see, by the filters of the list. Unknown filters and values answer 400."""
        return api.list(request, filters.page, filters.page_size)

    @router.post(
        "",
        response={201: api.out},
        operation_id=f"create_{name}",
        url_name=f"{kind.key}-create",
        openapi_extra=REPEATABLE,
    )
    def create_record(request: HttpRequest, new: api.new) -> Any:  # type: ignore[name-defined]
        """Create a record. ``Idempotency-Key`` makes a repeat harmless."""
        return Status(201, api.create(request, new))

    @router.get("/{key}", response=api.out, operation_id=f"read_{name}", url_name=f"{kind.key}-read")
    def read_record(request: HttpRequest, key: key_type) -> Any:  # type: ignore[valid-type]
        """One record."""
        return api.to_out(api.find(request.user, key), request.user)

    @router.patch("/{key}", response=api.out, operation_id=f"change_{name}", url_name=f"{kind.key}-change")
    def change_record(request: HttpRequest, key: key_type, sent: api.changed) -> Any:  # type: ignore[valid-type, name-defined]
        """Change what is sent; 409 when somebody else saved since ``row_version`` was read."""
        return api.change(request, key, sent)

    if kind.has_states:

        @router.post(
            "/{key}/moves/{name}",
            response=api.out,
            operation_id=f"move_{name}",
            url_name=f"{kind.key}-move",
            openapi_extra=REPEATABLE,
        )
        def move_record(request: HttpRequest, key: key_type, name: str, sent: MoveIn | None = None) -> Any:  # type: ignore[valid-type]
            """Move the record to another state. ``Idempotency-Key`` makes a repeat harmless."""
            return api.move(request, key, name, sent or MoveIn(comment=""))

    return router
