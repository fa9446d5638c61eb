"""The small cast that every test knows, named for what they are; and a document to work with."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from core.signing import Signature
from documents.adopting import Adoption, adopt
from documents.bulk import Start, start_documents
from documents.drafting import save_draft, start_document
from documents.kinds import Prepared, kind_named
from documents.models import Document, Version
from documents.retiring import retire
from documents.submission import StepPlan, submit
from people.models import Department, Person

PASSWORD = "correct horse battery"
BODY = b"<h2>Purpose</h2><p>Goods arrive cold and stay cold.</p>"

Maker = Callable[..., Person]


@pytest.fixture
def department(db: None) -> Department:
    return Department.objects.create(name="Inbound", code="INB")


@pytest.fixture
def other_department(db: None) -> Department:
    return Department.objects.create(name="Finance", code="FIN")


@pytest.fixture
def make_person(db: None, department: Department) -> Maker:
    """make_person("Ann Lindqvist", "staff", "officer") → a person in these groups."""

    def make(name: str, *groups: str, **fields: Any) -> Person:
        fields.setdefault("department", department)
        email = fields.pop("email", name.lower().replace(" ", ".") + "@example.org")
        person = Person.objects.create_user(email, PASSWORD, name=name, **fields)
        person.groups.add(*Group.objects.filter(name__in=groups))
        return person

    return make


@pytest.fixture
def author(make_person: Maker) -> Person:
    return make_person("Ann Author", "staff", "officer")


@pytest.fixture
def owner(make_person: Maker) -> Person:
    return make_person("Omar Owner", "staff", "owner")


@pytest.fixture
def approver(make_person: Maker) -> Person:
    return make_person("Quinn Approver", "staff", "manager")


@pytest.fixture
def auditor(make_person: Maker) -> Person:
    return make_person("Ada Auditor", "staff", "auditor")


@pytest.fixture
def reader(make_person: Maker) -> Person:
    return make_person("Rita Reader", "staff")


@pytest.fixture
def outsider(make_person: Maker, other_department: Department) -> Person:
    return make_person("Otto Outsider", "staff", department=other_department)


@pytest.fixture
def administrator(make_person: Maker) -> Person:
    return make_person("Ada Min", "staff", "administrator")


def signed_in(person: Person, **options: Any) -> Client:
    """A client that is signed in as this person."""
    client = Client(**options)
    client.force_login(person)
    return client


@pytest.fixture
def browse() -> Callable[..., Client]:
    """browse(person) → a client that is signed in as this person."""
    return signed_in


def signed(person: Person, method: str = "password") -> Signature:
    """A fresh signature of this person."""
    return Signature(person.pk, str(person), method, timezone.now())


def new_draft(author: Person, owner: Person, **fields: Any) -> Version:
    """A first draft with a text."""
    fields = {"kind": "sop", "title": "Receiving cold goods", "department": author.department, **fields}
    return start_document(by=author, owner=owner, body=fields.pop("body", BODY), **fields)


def released(author: Person, owner: Person, approver: Person, **fields: Any) -> Version:
    """A version that ran its whole route and is in force."""
    version = new_draft(author, owner, **fields)
    return approve(version, author, approver)


def approve(version: Version, author: Person, approver: Person) -> Version:
    """Submit and decide, so that the version is approved."""
    route = submit(version, by=author, plan=[StepPlan("Approved for use", people=[approver])])
    route.decide("approve", by=approver, seen_hash=version.manifest_hash, signature=signed(approver))
    version.refresh_from_db()
    return version


def retired(version: Version, first: Person, second: Person, reason: str = "Not needed", **facts: Any) -> Version:
    """Retire with the signatures of two people."""
    retire(version, by=first, reason=reason, signature=signed(first), **facts)
    retire(version, by=second, signature=signed(second))
    version.refresh_from_db()
    return version


def taken_over(author: Person, owner: Person, titles: list[str]) -> list[Document]:
    """Documents in force that ran no route: for tests of many, a fifth of the time that ``released`` takes."""
    text = Prepared.by(kind_named("sop"), BODY)
    starts = [Start("sop", title, text, department=author.department, owner=owner) for title in titles]
    before = {"approver": "Old System", "approved_on": "2024-02-20", "version": "1.0", "source": "old.md"}
    drafts = start_documents(starts, by=author)
    taken = adopt([Adoption(draft, "1.0", timezone.localdate(), before) for draft in drafts], by=author)
    return [version.document for version in taken]


def retype(version: Version, by: Person, body: bytes, **fields: Any) -> Version:
    """Save another text into a draft."""
    return save_draft(version, by=by, row_version=version.row_version, body=body, **fields).version


def flat(html: str) -> str:
    """The page as a browser reads it: any white space is one blank."""
    return " ".join(html.split())
