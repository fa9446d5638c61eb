"""Pages ask the database equally often, however much there is; `make bench` prints the same over 100,000 documents."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.models import Task
from core import catalog
from core.models import Notice, Watch
from tests.cast import new_draft, released

pytestmark = pytest.mark.django_db

MOST = 14
PAGES = {
    "home": "/",
    "inbox": "/inbox/",
    "list": "/documents/",
    "list by title": "/documents/?sort=title",
    "list by owner": "/documents/?sort=-owner",
    "list filtered": "/documents/?kind=sop&state=effective",
    "record": "/documents/{code}/",
    "search": "/search?q=goods",
    "search narrowed": "/search?q=goods&kind=sop",
    "suggestions": "/search/suggest?q=rece",
}


@pytest.fixture
def some_more(author: Any, owner: Any, approver: Any) -> Any:
    """some_more(3) → three documents in force and three drafts, each with a task, a notice and a favourite."""

    def make(count: int, reader: Any) -> str:
        for number in range(count):
            document = released(author, owner, approver, title=f"Receiving cold goods {number}").document
            new_draft(reader, reader, title=f"Receiving warm goods {number}")
            entry = catalog.entry_of(document)
            key = f"{document.code}:{number}"
            Task.ask(key=key, kind="do", title="Do it", url="/", entry=entry, person=reader, due_at=timezone.now())
            Notice.objects.create(key=key, topic="watched", person=reader, entry=entry, text="News")
            Watch.objects.create(person=reader, entry=entry, is_favourite=True)
        return document.code

    return make


def test_every_page_asks_as_often_over_few_records_as_over_many(client: Client, reader: Any, some_more: Any) -> None:
    reader.groups.add(Group.objects.get(name="officer"))
    client.force_login(reader)
    code = some_more(1, reader)
    few = counted(client, code)
    some_more(6, reader)
    assert counted(client, code) == few
    assert {name: count for name, count in few.items() if count > MOST} == {}


def counted(client: Client, code: str) -> dict[str, int]:
    counts = {}
    for name, address in PAGES.items():
        client.get(address.format(code=code))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address.format(code=code)).status_code == 200
        counts[name] = len(queries)
    return counts
