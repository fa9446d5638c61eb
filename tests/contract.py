"""What holds for every kind of record, asked of every kind alike. tests/test_contract.py runs it.

Each registered kind has one maker, in tests/makers.py::

    @maker
    class ForkliftMaker(Maker):
        kind = FORKLIFT

        def facts(self, world: World) -> dict[str, Any]:
            return {"drivers": [world.named]}

``facts`` names what a value of the right type alone does not make valid; every other editable fact gets one, and every
text the words that the contract looks for. Records are created as the form creates them, unless ``make`` says
otherwise. A kind with pages of its own says what their parameters stand for: ``parameters = {"chart": "weekly"}``.

Each check returns what is wrong, one line each, so that a test can also see it find something.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.kinds import RecordKind, all_kinds
from core.kinds.changes import create
from core.kinds.forms import form_class_of
from core.kinds.value_types import (
    ChoiceType,
    DateType,
    DecimalType,
    DurationType,
    NumberType,
    RelatedType,
    TextType,
    WordsType,
)
from core.panels import panels_for
from people.models import ApiToken, Person
from tests.security.world import Route, routes

CANARY = "ZXCANARY"
BEACON = "ybeacon"  # stands beside the canary; what is searched for, because a page repeats what was asked
SECRET = f"{CANARY} {BEACON}"
PAYLOAD = '"><img src=x onerror=alert(1)>{{7*7}}'
RAW_PAYLOAD = "<img src=x onerror"
MISSING_CODE, MISSING_KEY = "NO-SUCH-1", 987_654_321

# Addresses of apps with kinds that take a document, one of its versions, or a library of requirements, not a record of
# a kind: tests/security walks them with a confidential one. Grades and settings are for everybody who may change them.
WALKED_ELSEWHERE = (
    *("processes:document-link", "processes:map-", "training:read", "audits:framework", "audits:library"),
    *("audits:edition", "audits:links", "audits:requirement", "audits:fulfils", "audits:checklist", "audits:grade"),
    "actions:feed",
)

# Who meets a confidential record that names one reader. Nobody else may notice that it exists.
SEES_CONFIDENTIAL = ("owner", "auditor", "named")
SENDS = ("nobody", "officer", "reader")  # who of them also sends something to every address
SEES_NOTHING = ("nobody", "officer", "reader", "outsider", "manager", "administrator")

# What the addresses of every kind answer to somebody who does not see the record, sees it, and may change it.
ANSWERS = {
    "page": (404, 200, 200),
    "history": (404, 200, 200),
    "edit": (404, 403, 200),
}


@dataclass
class World:
    """The people of the contract. ``owner`` owns what is made, ``named`` is the one named reader."""

    owner: Person
    officer: Person
    auditor: Person
    named: Person
    reader: Person
    outsider: Person
    manager: Person
    administrator: Person
    clients: dict[str, Client] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        """A browser of this person that also sends their token to the API; "nobody" is not signed in."""
        if who not in self.clients:
            self.clients[who] = Client(headers=self.token(who))
            if who != "nobody":
                self.clients[who].force_login(getattr(self, who))
        return self.clients[who]

    def token(self, who: str) -> dict[str, str]:
        if who == "nobody":
            return {}
        _token, text = ApiToken.make(getattr(self, who), name="contract", scope="write")
        return {"Authorization": f"Bearer {text}"}


class Maker:
    """How the contract makes records of one kind, and what it must know of its pages."""

    kind: RecordKind
    # Address parameter, or "route parameter" → its value, or a function of the record that gives it.
    parameters: ClassVar[dict[str, Any]] = {}
    also: ClassVar[tuple[str, ...]] = ()  # further addresses that belong to the kind, by the beginning of their names
    form_extras: ClassVar[dict[str, str]] = {}  # what the form sends beside the facts, such as the rows of a formset
    creator = "officer"  # who creates them
    has_own_form = False  # whether new records are made by another page than every kind's

    def facts(self, world: World) -> dict[str, Any]:
        """Values of facts that need a particular one."""
        return {}

    def values(self, world: World, text: str) -> dict[str, Any]:
        """A value for every editable fact."""
        return values_for(self.kind, world, text) | self.facts(world)

    def make(self, world: World, text: str = "Plain", /, **facts: Any) -> Any:
        """A record with the text in every text, created as by the form."""
        record = create(self.kind, self.values(world, text) | facts, by=getattr(world, self.creator))
        if facts.get("audience") == "named":  # who made it is none of its readers
            type(record)._base_manager.filter(pk=record.pk).update(created_by=world.owner)
            record = type(record)._base_manager.get(pk=record.pk)
            record.refresh_audience()
        return record

    def confidential(self, world: World) -> Any:
        """A record that only its owner, auditors and one named reader see, with the canary in every text."""
        return self.make(world, SECRET, audience="named", readers=[world.named])


MAKERS: dict[str, Maker] = {}


def maker(made: type[Maker]) -> type[Maker]:
    """Register the maker of a kind."""
    MAKERS[made.kind.key] = made()
    return made


def values_for(kind: RecordKind, world: World, text: str) -> dict[str, Any]:
    """A value for every editable fact that takes a plain one; the text in every text."""
    values: dict[str, Any] = {"owner": world.owner, "department": world.owner.department}
    plain: dict[type, Any] = {
        DecimalType: Decimal("1.5"),
        NumberType: 1,
        DateType: date(2026, 10, 1),
        DurationType: timedelta(hours=2),
    }
    for name, fact in kind.all_facts.items():
        value_type = fact.value_type
        if not fact.is_editable or name in {"code", "audience", *values} or isinstance(value_type, RelatedType):
            continue
        if isinstance(value_type, ChoiceType):
            values[name] = value_type.choices[0][0]
        elif isinstance(value_type, TextType):
            values[name] = text[: fact.field.max_length or None]
        elif isinstance(value_type, WordsType) and isinstance(fact.field.base_field, models.CharField):
            values[name] = [text]
        elif value := plain.get(type(value_type)):
            values[name] = value
    return {name: value for name, value in values.items() if name in kind.all_facts}


# --- addresses ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Address:
    """One address of a kind, filled for a record, and the same for a record that does not exist."""

    route: Route
    path: str
    missing: str  # empty: the address names no record


def apps_with_kinds() -> set[str]:
    return {kind.model._meta.app_label for kind in all_kinds()}


def routes_of(one: Maker) -> list[Route]:
    """The addresses of a kind: its own pages, those of its app that carry its key, and its API."""
    label, key = one.kind.model._meta.app_label, one.kind.key
    return [
        route
        for route in routes()
        if getattr(route.pattern.callback, "view_initkwargs", {}).get("kind") is one.kind
        or route.name.startswith((f"{label}:{key}-", f"api:{key}-"))
        or route.name.startswith(one.also or ("-",))
        or (route.template.startswith("api/") and route.template.startswith(f"api/{one.kind.base_path}"))
    ]


def unclaimed_routes() -> list[str]:
    """Addresses of apps with kinds that take a record and belong to no maker: nobody would look whether they hide what
    is hidden."""
    claimed = {route.template for one in MAKERS.values() for route in routes_of(one)}
    labels = tuple(f"{label}:" for label in apps_with_kinds())
    open_ones = [route for route in routes() if route.name.startswith(labels) and set(route.parameters) - {"form"}]
    return [
        f"{route.name} {route.template}"
        for route in open_ones
        if route.template not in claimed and not route.name.startswith(WALKED_ELSEWHERE)
    ]


def addresses(one: Maker, record: Any) -> Iterator[Address]:
    """Every address of the kind, filled for this record. Raises ``LookupError`` where a parameter has no value."""
    for route in routes_of(one):
        values = {name: _value(one, record, route, name) for name in route.parameters}
        absent = {name: _absent(name, value) for name, value in values.items()}
        path = _filled(route.template, values)
        yield Address(route, path, _filled(route.template, absent) if absent != values else "")


def _value(one: Maker, record: Any, route: Route, name: str) -> Any:
    for key in (f"{route.name} {name}", name):
        if key in one.parameters:
            value = one.parameters[key]
            return value(record) if callable(value) else value
    if name in ("code", "pk", "key"):
        return getattr(record, one.kind.lookup if name == "key" else name)
    if name == "form":
        return "csv"
    if name == "grant":
        return MISSING_KEY
    if name == "name" and "/moves/" in route.template:
        return one.kind.model.MOVES[0].name if one.kind.has_states else "none"
    if name == "name" and "/panels/" in route.template:
        return next((panel.name for panel in panels_for(one.kind.model)), "none")
    raise LookupError(
        f"No value for “{name}” of {route.template}: name it in the parameters of the maker of {one.kind.key}"
    )


def _absent(name: str, value: Any) -> Any:
    if name == "code" or (name == "key" and isinstance(value, str)):
        return MISSING_CODE
    if isinstance(value, UUID):
        return UUID(int=MISSING_KEY)
    return MISSING_KEY if name in ("pk", "key") and isinstance(value, int) else value


def _filled(template: str, values: dict[str, Any]) -> str:
    for name, value in values.items():
        for converter in ("", "str:", "int:", "slug:", "uuid:"):
            template = template.replace(f"<{converter}{name}>", str(value)).replace(f"{{{name}}}", str(value))
    return f"/{template}"


# --- checks -------------------------------------------------------------------------------------------------------


def unfillable(one: Maker, record: Any) -> list[str]:
    """Addresses whose parameters the maker cannot fill."""
    try:
        return [address.path for address in addresses(one, record) if "<" in address.path or "{" in address.path]
    except LookupError as problem:
        return [str(problem)]


def leaks(one: Maker, record: Any, world: World, people: tuple[str, ...] = SEES_NOTHING) -> list[str]:
    """Where somebody meets a confidential record of whom it must be hidden: its words, or an answer other than that for
    a record that does not exist."""
    found = []
    for who in people:
        client = world.client(who)
        for address in addresses(one, record):
            for method in ("get", "post") if who in SENDS else ("get",):
                answer = ask(client, method, address.path)
                if CANARY in body_of(answer):
                    found.append(f"{who} reads it at {method} {address.path}")
                if address.missing and answer.status_code != ask(client, method, address.missing).status_code:
                    found.append(f"{who} tells it from a missing one: {method} {address.path} {answer.status_code}")
        found += [f"{who} finds it at {path}" for path in gathering(one) if CANARY in body_of(ask(client, "get", path))]
        chosen = client.post(f"/bulk/{one.kind.key}/", {"action": "watch", "pick": record.pk}, follow=True)
        if CANARY in body_of(chosen):
            found.append(f"{who} chooses it for a bulk change")
    return found


def unseen(one: Maker, record: Any, world: World) -> list[str]:
    """Where somebody who may see the record does not: else a page that shows nothing to anybody would pass."""
    found = []
    for who in SEES_CONFIDENTIAL:
        client = world.client(who)
        shown = [(one.kind.address(record), "page"), *((path, "list") for path in gathering(one))]
        found += [
            f"{who} misses it at {path}" for path, _what in shown if CANARY not in body_of(ask(client, "get", path))
        ]
    return found


def gathering(one: Maker) -> list[str]:
    """Where many records come together: list with all columns, export, suggestions, API, search."""
    kind = one.kind
    columns = "&".join(f"columns={column.name}" for column in kind.columns)
    found = [
        f"/search?q={BEACON}&everything=1",
        f"/search/suggest?q={BEACON}",
        f"/api/search?q={BEACON}&everything=true",
    ]
    names = {route.name.partition(":")[2]: route for route in routes_of(one)}
    if f"{kind.key}-list" in names:
        found.append(f"{kind.list_address()}?{columns}")
    if f"{kind.key}-export" in names:
        found.append(_filled(names[f"{kind.key}-export"].template, {"form": "csv"}))
    if f"{kind.key}-suggest" in names:
        found.append(f"/{names[f'{kind.key}-suggest'].template}?q={BEACON}")
    if any(route.template == f"api/{kind.base_path}" for route in routes_of(one)):
        found.append(f"/api/{kind.base_path}?q={BEACON}")
    return found


def wrong_answers(one: Maker, record: Any, world: World) -> list[str]:
    """Where the pages of a confidential record answer otherwise than the table says."""
    found = []
    paths = {
        address.route.name.partition(":")[2].removeprefix(f"{one.kind.key}-"): address.path
        for address in addresses(one, record)
    }
    for who in (*SEES_CONFIDENTIAL, *SEES_NOTHING[1:]):
        person = Person.objects.get(pk=getattr(world, who).pk)
        place = 0 if who in SEES_NOTHING else 2 if one.kind.may_change(person, record) else 1
        for name, expected in ANSWERS.items():
            status = ask(world.client(who), "get", paths[name]).status_code if name in paths else expected[place]
            if status != expected[place]:
                found.append(f"{who}: {name} answers {status} instead of {expected[place]}")
    return found


def raw_payloads(one: Maker, record: Any, world: World) -> list[str]:
    """Pages that give out a text of the record as markup."""
    client = world.client("owner")
    paths = [address.path for address in addresses(one, record) if not address.path.startswith("/api/")]
    paths += gathering(one)
    answers = ((path, ask(client, "get", path)) for path in paths)
    html = ((path, body_of(answer)) for path, answer in answers if "html" in answer.get("Content-Type", ""))
    return [path for path, text in html if RAW_PAYLOAD in text or "onerror=alert(1)>49" in text]


def sent_twice(one: Maker, world: World) -> list[str]:
    """What happens more than once when form and API request are sent twice."""
    found = []
    if not one.has_own_form:
        client, kind = world.client("officer"), one.kind
        sent = (
            form_data(kind, world.officer, one.values(world, "Twice"))
            | one.form_extras
            | {"form_token": f"twice-{kind.key}"}
        )
        before = kind.model._base_manager.count()
        answers = [client.post(reverse(kind.url_name("new")), sent) for _again in range(2)]
        if kind.model._base_manager.count() != before + 1 or answers[0].get("Location") != answers[1].get("Location"):
            found.append(f"form: {[answer.status_code for answer in answers]}, {_errors(answers[0])}")
    return found


def lost_updates(one: Maker, record: Any, world: World) -> list[str]:
    """What a form overwrites that somebody else saved since it was opened."""
    kind, client = one.kind, world.client("owner")
    person = Person.objects.get(pk=world.owner.pk)
    if not kind.may_change(person, record) or "edit" not in {name for name, _route, _view in kind.routes()}:
        return []
    sent = form_data(kind, person, record=record) | one.form_extras | {kind.title_field: "Typed here"}
    setattr(record, kind.title_field, "Saved meanwhile")
    record.save(by=world.officer)
    answer = client.post(kind.address(record, "edit"), sent)
    text = body_of(answer)
    record.refresh_from_db()
    if answer.status_code != 409 or "Saved meanwhile" not in text or "Typed here" not in text:
        return [f"edit answers {answer.status_code} {_errors(answer)}"]
    return [] if kind.title_of(record) == "Saved meanwhile" else ["edit overwrote what somebody else saved"]


def growing_queries(one: Maker, world: World) -> list[str]:
    """Lists that ask more questions for many records than for few."""
    client, found = world.client("officer"), []
    for number in range(2):
        one.make(world, f"Few {number}")
    few = {path: _queries(client, path) for path in gathering(one)}
    for number in range(8):
        one.make(world, f"Many {number}")
    for path, count in few.items():
        if (more := _queries(client, path)) > count:
            found.append(f"{path}: {count} queries for few, {more} for many")
    return found


def form_data(
    kind: RecordKind, person: Person, values: dict[str, Any] | None = None, record: Any = None
) -> dict[str, Any]:
    """What a browser sends when the form is filled with these values, or opened for a record."""
    if record is None:
        form = form_class_of(kind, person, is_new=True)(initial={"audience": "everyone"} | (values or {}))
    else:
        form = form_class_of(kind, person, is_new=False)(instance=record)
    sent = {}
    for bound in form:
        value = bound.value()
        if value is None or value is False or value == []:
            continue
        if isinstance(value, list):
            value = [getattr(each, "pk", each) for each in value]
        sent[bound.name] = getattr(value, "pk", value)
    return sent


def ask(client: Client, method: str, path: str) -> Any:
    """The answer, with an empty body sent as JSON to the API and as a form to pages."""
    if method == "post" and path.startswith("/api/"):
        return client.post(path, {}, content_type="application/json")
    return getattr(client, method)(path)


def body_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode(errors="replace")


def _queries(client: Client, path: str) -> int:
    client.get(path)  # what is read once an hour is read before
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    return len(asked)


def _errors(answer: Any) -> str:
    form = (answer.context or {}).get("form") if answer.status_code in (409, 422) else None
    return str(getattr(form, "errors", ""))
