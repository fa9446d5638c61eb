"""Changing facts of many documents asks the database little more than the change itself needs."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from core import bulk
from core.catalog import entry_of
from core.catalog_check import check_catalog
from documents.bulk_actions import DOCUMENTS
from documents.models import Document
from tests.cast import taken_over

pytestmark = pytest.mark.django_db


@pytest.fixture
def documents(author, owner, approver):
    return taken_over(author, owner, [f"Procedure {number}" for number in range(5)])


def asked_for(author, action, answer, documents):
    """How many questions doing it to these documents takes."""
    picked = [str(document.pk) for document in documents]
    run = bulk.choose(DOCUMENTS, bulk.action_named("documents", action, author), by=author, picked=picked)
    bulk.answer(run, QueryDict(answer))
    bulk.look(run)
    with CaptureQueriesContext(connection) as queries:
        bulk.go(run)
    return len(queries)


@pytest.mark.parametrize(
    ("action", "answer", "most"),
    [("owner", "owner={reader}", 24), ("rhythm", "review_months=7", 15), ("review", "review_due_on=2040-01-01", 17)],
)
def test_each_more_document_costs_few_questions(author, reader, documents, action, answer, most):
    answer = answer.format(reader=reader.email)
    few = asked_for(author, action, answer, documents[:1])
    many = asked_for(author, action, answer, documents[1:])
    assert (many - few) / 3 <= most


def test_what_decides_who_sees_a_document_still_brings_its_keys_up_to_date(author, reader, documents):
    asked_for(author, "owner", f"owner={reader.email}", documents)
    for document in documents:
        stored = Document.objects.get(pk=document.pk)
        assert f"person:{reader.pk}" in stored.working_keys
        assert f"person:{reader.pk}" in entry_of(stored).audience_keys
    asked_for(author, "rhythm", "review_months=7", documents)
    assert check_catalog() == []
