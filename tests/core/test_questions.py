"""Questions that are written once give each person their own answer, of this moment."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import CatalogEntry
from core.questions import Question, Slot
from documents.models import Document, Version
from people.models import Department, Person
from tests.cast import new_draft, released

pytestmark = pytest.mark.django_db

BY_CODE = Question(lambda person: Document.objects.with_people().visible_to(person).filter(code=Slot("code")))
VERSIONS = Question(
    lambda person: Version.objects.visible_to(person).filter(document=Slot("document")).select_related("author")
)
EACH_TIME = Question(
    lambda person: Document.objects.visible_to(person).filter(kind="sop").order_by("code"), planned_each_time=True
)


def asked(person: Person) -> Person:
    """The person as the next request reads them."""
    return Person.objects.get(pk=person.pk)


def test_it_answers_each_person_as_the_query_itself(author: Any, owner: Any, approver: Any, reader: Any) -> None:
    document = released(author, owner, approver).document
    draft = new_draft(author, owner)
    for person in (author, reader, owner):
        for code in (document.code, draft.document.code, "SOP-999"):
            found = BY_CODE.first(person, code=code)
            assert found == Document.objects.visible_to(person).filter(code=code).first()
        both = (VERSIONS.rows(person, document=document.pk), VERSIONS.rows(person, document=draft.document_id))
        assert both == (
            list(Version.objects.visible_to(person).filter(document=document)),
            list(Version.objects.visible_to(person).filter(document=draft.document)),
        )
    assert EACH_TIME.rows(author) == list(Document.objects.visible_to(author).filter(kind="sop").order_by("code"))
    assert EACH_TIME.count(reader) == 1


def test_related_people_come_with_it(author: Any, owner: Any, approver: Any, reader: Any) -> None:
    document = released(author, owner, approver).document
    BY_CODE.first(reader, code=document.code)
    with CaptureQueriesContext(connection) as queries:
        found = BY_CODE.first(reader, code=document.code)
        people = (found.owner.name, found.created_by.name, found.department)
    assert len(queries) == 1
    assert people == (owner.name, author.name, document.department)


def test_who_loses_a_key_sees_nothing_at_the_next_question(author: Any, owner: Any, approver: Any, reader: Any) -> None:
    document = released(author, owner, approver).document
    Document.objects.filter(pk=document.pk).update(audience_keys=[f"department:{reader.department_id}"])
    assert BY_CODE.first(asked(reader), code=document.code) == document
    Person.objects.filter(pk=reader.pk).update(department=Department.objects.create(name="Far away", code="FAR"))
    assert BY_CODE.first(asked(reader), code=document.code) is None


def test_who_left_gets_nothing(author: Any, owner: Any, approver: Any, reader: Any) -> None:
    document = released(author, owner, approver).document
    reader.is_active = False
    assert BY_CODE.rows(reader, code=document.code) == []
    assert BY_CODE.count(reader, code=document.code) == 0


def test_a_moment_is_not_kept(reader: Any) -> None:
    with pytest.raises(TypeError, match="for ever"):
        Question(lambda person: CatalogEntry.objects.visible_to(person).in_force()).rows(reader)
    now = Question(lambda person: CatalogEntry.objects.visible_to(person).filter(current_from__lte=Slot("now")))
    assert now.rows(reader, now=timezone.now()) == []


@pytest.mark.parametrize("pooled", [True, False])
def test_a_pooler_may_stand_before_the_database(
    settings: Any, pooled: bool, author: Any, owner: Any, approver: Any, reader: Any
) -> None:
    settings.PORTAL_POOLED_DATABASE = pooled
    document = released(author, owner, approver).document
    with CaptureQueriesContext(connection) as queries:
        assert BY_CODE.first(reader, code=document.code) == document
    assert queries.captured_queries[-1]["sql"].startswith("SELECT" if pooled else "EXECUTE")


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_is_told_anew(author: Any, owner: Any, approver: Any, reader: Any) -> None:
    document = released(author, owner, approver).document
    assert BY_CODE.first(reader, code=document.code) == document
    connection.close()
    assert BY_CODE.first(reader, code=document.code) == document


@pytest.mark.django_db(transaction=True)
def test_a_question_first_asked_in_a_change_that_was_taken_back_is_still_known(
    author: Any, owner: Any, approver: Any, reader: Any
) -> None:
    document = released(author, owner, approver).document
    connection.close()
    with transaction.atomic():
        assert BY_CODE.first(reader, code=document.code) == document
        transaction.set_rollback(True)
    assert BY_CODE.first(reader, code=document.code) == document


def test_a_person_is_looked_for_among_those_of_their_department_alone(
    reader: Any, department: Any, other_department: Any
) -> None:
    assert department.people.get(pk=reader.pk) == reader
    with pytest.raises(Person.DoesNotExist):
        other_department.people.get(pk=reader.pk)
    with pytest.raises(Person.DoesNotExist):
        Person.objects.get(pk=987_654_321)
