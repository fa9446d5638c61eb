"""Talking about a record: threads, replies, calling a colleague, and nothing for who may not see it."""

import pytest
from django.urls import reverse

from core import catalog, comments
from core.lifecycle import NotAllowed
from core.mentions import read_mentions
from core.models import Comment, LedgerLine, Notice
from tests.cast import released

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(author, owner, approver):
    return catalog.entry_of(released(author, owner, approver).document)


@pytest.fixture
def secret(author, owner, approver):
    return catalog.entry_of(released(author, owner, approver, audience="named", title="Secret recipe").document)


@pytest.fixture
def address(entry):
    return reverse("core:comments", args=[entry.pk])


def told(person, topic):
    return list(Notice.objects.filter(person=person, topic=topic).values_list("text", flat=True))


def test_a_question_its_reply_and_its_end(entry, address, reader, owner, client):
    client.force_login(reader)
    client.post(address, {"text": "How cold is cold?"})
    first = Comment.objects.get()
    client.force_login(owner)
    client.post(address, {"text": "Below five degrees.", "thread": first.pk})
    client.force_login(reader)
    page = client.get(address).content.decode()
    assert page.index("How cold is cold?") < page.index("Below five degrees.")
    client.post(reverse("core:comment-resolve", args=[entry.pk, first.pk]))
    first.refresh_from_db()
    assert first.resolved_by == reader
    assert LedgerLine.objects.filter(event="comment_resolved", actor=reader).exists()


def test_the_owner_is_told_of_a_question_and_who_asked_of_the_reply(entry, reader, owner):
    said = comments.add(entry, by=reader, text="How cold is cold?")
    assert len(told(owner, "comments")) == 1
    comments.add(entry, by=owner, text="Five degrees.", thread=said.comment)
    assert len(told(reader, "comments")) == 1
    assert len(told(owner, "comments")) == 1  # nobody is told what they said themselves


def test_only_who_asked_and_who_keeps_the_record_resolve(entry, reader, auditor, owner):
    said = comments.add(entry, by=reader, text="How cold is cold?")
    with pytest.raises(NotAllowed):
        comments.resolve(said.comment, by=auditor)
    comments.resolve(said.comment, by=owner)
    assert Comment.objects.get().resolved_by == owner


def test_a_reply_opens_a_resolved_thread_again(entry, reader, owner):
    said = comments.add(entry, by=reader, text="How cold is cold?")
    comments.resolve(said.comment, by=reader)
    comments.add(entry, by=owner, text="One more thing.", thread=Comment.objects.get())
    assert Comment.objects.get(pk=said.comment.pk).resolved_at is None


def test_who_is_named_is_told_at_once_and_the_address_stays_out_of_the_text(entry, reader, approver):
    comments.add(entry, by=reader, text=f"@Quinn Approver <{approver.email}> is this right?")
    assert Comment.objects.get().text == "@Quinn Approver is this right?"
    assert told(approver, "mentions") == [f"Rita Reader names you in a comment on {entry}"]


def test_a_name_typed_by_hand_is_understood_when_only_one_person_bears_it(approver, make_person):
    assert read_mentions("Ask @quinn approver please").people == [approver]
    assert read_mentions("@Quinn Approver, @Quinn Approver!").people == [approver]
    assert read_mentions("mail quinn@Approver.example").people == []
    make_person("Quinn Approver", email="other.quinn@example.org")
    assert read_mentions("@Quinn Approver").people == []


def test_neg_11_who_is_named_without_access_hears_nothing_and_the_author_is_told(secret, owner, reader, client):
    client.force_login(owner)
    address = reverse("core:comments", args=[secret.pk])
    page = client.post(address, {"text": "@Rita Reader look"}, follow=True).content.decode()
    assert "Rita Reader cannot see this" in page
    assert not Notice.objects.filter(person=reader).exists()


def test_neg_11_a_reply_is_not_told_to_who_lost_access_meanwhile(entry, reader, owner):
    said = comments.add(entry, by=reader, text="How cold is cold?")
    entry.audience_keys = [f"person:{owner.pk}"]
    entry.save()
    comments.add(entry, by=owner, text="That is secret now.", thread=said.comment)
    assert told(reader, "comments") == []


def test_neg_06_nobody_comments_on_what_they_may_not_see(secret, reader, client):
    client.force_login(reader)
    address = reverse("core:comments", args=[secret.pk])
    missing = reverse("core:comments", args=[secret.pk + 1000])
    answer = client.post(address, {"text": "Hello"})
    assert answer.status_code == 404
    assert client.get(address).content == client.get(missing).content
    assert not Comment.objects.exists()


def test_neg_06_a_reply_must_belong_to_a_thread_of_this_record(entry, address, secret, owner, reader, client):
    said = comments.add(secret, by=owner, text="Secret")
    client.force_login(reader)
    assert client.post(address, {"text": "Hello", "thread": said.comment.pk}).status_code == 404
    resolve = reverse("core:comment-resolve", args=[entry.pk, said.comment.pk])
    assert client.post(resolve).status_code == 404


def test_an_empty_comment_keeps_the_page_and_says_what_to_do(address, reader, client):
    client.force_login(reader)
    answer = client.post(address, {"text": "  "})
    assert answer.status_code == 422
    assert "Enter a comment." in answer.content.decode()
    assert not Comment.objects.exists()


def test_a_form_sent_twice_is_one_comment(address, reader, client):
    client.force_login(reader)
    for _again in range(2):
        client.post(address, {"text": "Hello", "form_token": "once"})
    assert Comment.objects.count() == 1


def test_what_is_said_is_text_and_never_markup(address, reader, client):
    client.force_login(reader)
    client.post(address, {"text": "<script>alert(1)</script>"})
    page = client.get(address).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_fragment_costs_the_same_however_many_comments_there_are(
    entry, address, reader, owner, client, django_assert_max_num_queries
):
    for n in range(12):
        said = comments.add(entry, by=reader, text=f"Question {n}")
        comments.add(entry, by=owner, text=f"Answer {n}", thread=said.comment)
    client.force_login(reader)
    client.get(address, headers={"HX-Request": "true"})  # the first page of a session writes down where it is
    with django_assert_max_num_queries(10):
        fragment = client.get(address, headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()
