"""NEG-16: who was deactivated, or lost a role, is refused from the next request on, wherever they held a key."""

import pytest
from django.test import Client
from django.urls import reverse

from actions.models import Task
from core.unsubscribing import ALL, unsubscribe_url
from documents.models import Document
from documents.submission import StepPlan, submit
from people.changing import change_person
from people.leaving import deactivate, reactivate
from people.models import ApiToken, JobRole, Person
from tests.cast import new_draft, released

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["deactivated", "switched off in the database"])
def close(request, administrator):
    """Two ways an account ends: the page that does it properly, and a row changed by a directory's import."""

    def end(person):
        if request.param == "deactivated":
            deactivate(person, by=administrator, reason="left")
        else:
            Person.objects.filter(pk=person.pk).update(is_active=False)

    return end


def test_neg_16_an_open_session_ends_at_every_page(client, reader, close, author, owner, approver):
    document = released(author, owner, approver).document
    client.force_login(reader)
    pages = ["/", "/inbox/", "/documents/", document.get_absolute_url(), "/search?q=cold", "/people/", "/me/"]
    assert {client.get(page).status_code for page in pages} == {200}
    close(reader)
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))
    assert client.post(reverse("core:comments", args=[1]), {"text": "x"}).status_code == 401


def test_neg_16_a_token_of_the_api_opens_nothing(author, close):
    _token, text = ApiToken.make(author, name="script", scope="write")
    headers = {"Authorization": f"Bearer {text}"}
    assert Client().get("/api/documents", headers=headers).status_code == 200
    close(author)
    assert Client().get("/api/documents", headers=headers).status_code == 401
    new = {"kind": "sop", "title": "Mine"}
    assert Client().post("/api/documents", new, content_type="application/json", headers=headers).status_code == 401
    assert not Document.objects.exists()


def test_neg_16_the_calendars_address_is_missing(author, owner, approver, close, client):
    submit(new_draft(author, owner), by=author, plan=[StepPlan("Approved", people=[approver])])
    assert Task.objects.waiting_for(approver).exists()
    feed = reverse("actions:feed", args=[Person.objects.get(pk=approver.pk).feed_secret])
    assert b"BEGIN:VEVENT" in client.get(feed).content
    close(approver)
    missing = client.get(reverse("actions:feed", args=["no-such-secret"]))
    answer = client.get(feed)
    assert answer.status_code == missing.status_code == 404
    assert answer.content == missing.content


def test_neg_16_the_link_in_an_old_mail_changes_nothing(reader, close, client):
    address = "/" + unsubscribe_url(reader, ALL).split("/", 3)[3]
    assert client.get(address).status_code == 200
    before = Person.objects.filter(pk=reader.pk).values("digest", "topic_digests").get()
    close(reader)
    for method in (client.get, client.post):
        assert method(address).status_code == 404
    assert Person.objects.filter(pk=reader.pk).values("digest", "topic_digests").get() == before


def test_neg_16_old_keys_stay_dead_when_the_person_returns(author, administrator, client):
    _token, text = ApiToken.make(author, name="script", scope="write")
    feed = reverse("actions:feed", args=[author.feed_secret])
    deactivate(author, by=administrator, reason="left")
    reactivate(Person.objects.get(pk=author.pk), by=administrator, reason="is back")
    assert Client().get("/api/documents", headers={"Authorization": f"Bearer {text}"}).status_code == 401
    assert client.get(feed).status_code == 404


def test_neg_16_a_role_that_was_taken_away_opens_nothing_more(client, author, owner, approver, reader, administrator):
    role = JobRole.objects.create(name="Keeper")
    reader.job_roles.add(role)
    document = released(author, owner, approver, audience="named").document
    document.reader_roles.add(role)
    document.refresh_audience()
    client.force_login(reader)
    assert client.get(document.get_absolute_url()).status_code == 200
    change_person(Person.objects.get(pk=reader.pk), by=administrator, values={"job_roles": []})
    assert client.get(document.get_absolute_url()).status_code == 404
