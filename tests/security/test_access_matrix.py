"""NEG-01: every address of the portal × every kind of person × a confidential record. Nobody outside meets its words.

The addresses come from the URL configuration, so that a new view without a check fails here by itself. An address for
which no object can be made fails too; there is no list of exceptions.
"""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.regex_helper import normalize

from actions.kinds import ACTION
from audits.audit_kinds import AUDIT, FINDING
from people.models import ApiToken
from processes.kinds import PROCESS
from tests.security.world import CANARY, Route, make_secret, routes

RUN_PAGES = ("run", "answer", "evidence", "evidence-remove", "question-finding")

# What an address parameter is called → what stands there. An entry for "route parameter" wins over "parameter".
Parameters = dict[str, Any]


LIBRARY_PAGES = (
    *("framework", "library-change", "edition-changes", "links-to-check", "requirement-new", "requirement"),
    *("requirement-branch", "requirement-change", "requirement-applies", "requirement-link", "requirement-panel"),
)


def parameters_of(secret: dict[str, Any], owner: Any) -> Parameters:
    """Values that lead to the confidential record wherever an address could."""
    return {
        "code": secret["code"],
        "sequence": secret["sequence"],
        "seat_id": secret["seat_id"],
        "entry_id": secret["entry_id"],
        "documents:share-end key": secret["grant"].key,
        "name": "withdraw",
        "documents:panel name": "used-by",
        **{f"{PROCESS.url_name(name)} code": secret["process"].code for name, _address, _view in PROCESS.routes()},
        f"{PROCESS.url_name('move')} name": "retire",
        "document": secret["code"],
        **{
            f"{kind.url_name(name)} code": secret[kind.key].code
            for kind in (ACTION, AUDIT, FINDING)
            for name, _address, _view in kind.routes()
        },
        f"{ACTION.url_name('move')} name": "complete",
        f"{AUDIT.url_name('move')} name": "cancel",
        f"{FINDING.url_name('move')} name": "withdraw",
        "audits:audit-leave member": owner.pk,
        "number": 0,
        **{f"audits:{name} code": secret["audit"].code for name in RUN_PAGES},
        "audits:grade key": "minor",
        "audits:answer key": "q-alarm",
        "audits:evidence key": "q-alarm",
        "audits:evidence-remove key": "q-alarm",
        "audits:question-finding key": "q-alarm",
        "audits:evidence-remove evidence_id": uuid.UUID(int=1),
        **{f"audits:{page} code": secret["library"].code for page in LIBRARY_PAGES},
        "slug": secret["requirement"].slug,
        "link_id": secret["requirement_link"].pk,
        **{f"audits:framework-import{page} run_id": secret["library_import"].pk for page in ("", "-columns", "-apply")},
        "core:attachment pk": secret["attachment"].pk,
        "core:attachment name": secret["attachment"].name,
        "appendix_id": secret["appendix"].pk,
        "attachment_id": secret["attachment"].pk,
        "core:attachment-remove pk": secret["attachment"].pk,
        "core:comment-resolve pk": secret["comment"].pk,
        "core:notice pk": secret["notice"].pk,
        "core:job pk": secret["job"].pk,
        "core:job-cancel pk": secret["job"].pk,
        "secret": "no-secret",
        "grant": secret["grant"].pk,  # of records that are no documents: tests/contract.py makes those
        "form": "csv",
        "shape": "record",
        "saved_id": 1,
        "run_id": secret["import_run"].pk,
        "synonym_id": 1,
        "subscription_id": 1,
        # addresses of the sign-in library and of the configuration pages
        "key": "1-abc",
        "uidb36": "1",
        "provider_id": "sso",
        "pk": owner.pk,
        "people:end-delegation pk": secret["delegation"].pk,
        "people:role pk": secret["role"].pk,
        "people:department pk": secret["document"].department_id,
        "people:import-preview pk": secret["import"].pk,
        "documents:route pk": secret["approval_route"].pk,
        "documents:route-change pk": secret["approval_route"].pk,
        "documents:route-use pk": secret["approval_route"].pk,
        "documents:kind key": "sop",
        "core:bulk name": "documents",
        "listing": "documents",
        "core:view pk": secret["saved_view"].pk,
        "core:view-forget pk": secret["saved_view"].pk,
        "core:bulk-run pk": secret["bulk_run"].pk,
        "core:bulk-apply pk": secret["bulk_run"].pk,
        "core:bulk-undo pk": secret["bulk_run"].pk,
        "which": "people",
        "token": "of-nobody",
        "people:invitation token": secret["invitation_token"],
        "object_id": secret["document"].pk,
        "app_label": "people",
        "content_type_id": 1,
        "url": "people/",
        "id": owner.pk,
        "uuid": uuid.UUID(int=1),
    }


def address_of(route: Route, values: Parameters) -> str:
    """The address with every parameter filled; fails where nobody said what to put."""
    filled = {}
    for name in route.parameters:
        key = f"{route.name} {name}" if f"{route.name} {name}" in values else name
        if key not in values:
            pytest.fail(f"No object is made for “{name}” of {route.template} ({route.name}). Add it to the world.")
        filled[name] = values[key]
    if route.name and ":" not in route.name.removeprefix("admin:"):
        try:
            return reverse(route.name, kwargs=filled)
        except Exception:  # noqa: S110 - several addresses share a name: fill this one's own template below
            pass
    return "/" + _fill(route.template, filled)


def _fill(template: str, filled: dict[str, Any]) -> str:
    if "(?P" in template:
        [(text, _names)] = normalize(template.replace("/^", "/").replace("$", ""))
        return text % filled
    for name, value in filled.items():
        for converter in ("", "str:", "int:", "slug:", "uuid:", "path:"):
            template = template.replace(f"<{converter}{name}>", str(value))
    return template.replace("\\Z", "")


@pytest.fixture
def people(author, reader, approver, outsider, administrator, make_person, other_department):
    """Everybody who must not meet the record; the deactivated one also owns a session from before."""
    return {
        "nobody": None,
        "staff of another department": outsider,
        "staff of the same department": reader,
        "owner elsewhere": make_person("Olga Otherowner", "staff", "owner", department=other_department),
        "manager": make_person("Manuel Manager", "staff", "manager", department=other_department),
        "officer": make_person("Olaf Officer", "staff", "officer"),
        "administrator": administrator,
        "deactivated": make_person("Dora Gone", "staff"),
    }


def client_for(person: Any) -> tuple[Client, dict[str, str]]:
    client = Client(raise_request_exception=True)
    if person is None:
        return client, {}
    client.force_login(person)
    _token, text = ApiToken.make(person, name="t", scope="write")
    if person.name == "Dora Gone":
        person.is_active = False
        person.save()
    return client, {"Authorization": f"Bearer {text}"}


class Walk:
    """One person's way through every address; what they meet that they should not."""

    def __init__(self, name: str, person: Any, values: Parameters) -> None:
        self.name, self.person, self.values = name, person, values
        self.client, self.headers = client_for(person)
        self.leaks: list[str] = []
        self.asked = 0
        self.missing: dict[tuple[str, str], int] = {}

    def ask(self, method: str, address: str) -> Any:
        self.asked += 1
        return getattr(self.client, method)(address, headers=self.headers)

    def meet(self, route: Route) -> None:
        """GET, then POST; not where the sign-in page answered, which happens before the method is looked at."""
        address = address_of(route, self.values)
        answer = self.judge("get", address, route)
        if is_sign_in(answer):
            return
        self.judge("post", address, route)
        if self.person is not None and "logout" in route.template:
            self.client.force_login(self.person)

    def judge(self, method: str, address: str, route: Route) -> Any:
        answer = self.ask(method, address)
        if CANARY in said_in(answer) + str(answer.headers):
            self.leaks.append(f"{self.name}: {method.upper()} {address} ({route.name}) → {answer.status_code}")
        if answer.status_code >= 500:
            self.leaks.append(f"{self.name}: {method.upper()} {address} → {answer.status_code}")
        if "code" in route.parameters:
            self.compare_with_missing(method, address, route, answer.status_code)
        return answer

    def compare_with_missing(self, method: str, address: str, route: Route, status: int) -> None:
        """Hidden and missing are answered alike; the same view with the same values is asked for the missing once."""
        missing = address_of(route, self.values | {"code": "SOP-INB-987"})
        if (method, missing) not in self.missing:
            self.missing[method, missing] = self.ask(method, missing).status_code
        expected = self.missing[method, missing]
        if status != expected or status == 200:
            self.leaks.append(f"{self.name}: {method.upper()} {address} → {status}, missing: {expected}")


def said_in(answer: Any) -> str:
    said = b"".join(answer) if answer.streaming else answer.content
    return said.decode(errors="replace")


def is_sign_in(answer: Any) -> bool:
    doors = ("/accounts/login/?next=", "/admin/login/?next=")
    return answer.status_code == 302 and answer["Location"].startswith(doors)


@pytest.mark.long
def test_neg_01_nobody_outside_meets_a_confidential_record_at_any_address(author, owner, make_person, people):
    secret = make_secret(author, owner, make_person("Quentin Decider", "staff", "manager"))
    values = parameters_of(secret, owner)
    walks = [Walk(name, person, values) for name, person in people.items()]
    for walk in walks:
        for route in routes():
            walk.meet(route)
    leaks = [leak for walk in walks for leak in walk.leaks]
    assert not leaks, "\n".join(leaks)
    assert min(walk.asked for walk in walks) > len(routes())
    secret["draft"].refresh_from_db()
    assert secret["draft"].state == "in_review"


def test_the_canary_is_seen_by_who_may_see_it(author, owner, approver):
    """Without this the test above could pass because nothing is ever shown."""
    secret = make_secret(author, owner, approver)
    client, headers = client_for(owner)
    values = parameters_of(secret, owner)
    seen = [
        route.name
        for route in routes()
        if "code" in route.parameters and CANARY in said_in(client.get(address_of(route, values), headers=headers))
    ]
    assert {"documents:page", "documents:version-page", "documents:history", "api:read_version"} <= set(seen)
