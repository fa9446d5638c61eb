"""Home, inbox, search and watching, as people meet them; and what they cost the database."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from actions.models import Task
from core.catalog import entry_of
from core.models import CatalogEntry, LedgerLine, Notice, SavedSearch, Subscription, SynonymGroup, Watch
from core.numbering import code_key
from core.search_text import remember_words, store_words
from core.search_words import plain
from documents.submission import StepPlan, submit
from people.models import Person
from portal.saved_searches import tell_new_hits
from tests.cast import new_draft, released

pytestmark = pytest.mark.django_db
Put = Callable[..., CatalogEntry]


@pytest.fixture
def put(db: None) -> Put:
    """put("Vehicle wash", "Rinse twice") → an entry in force."""
    made: list[int] = []

    def make(title: str, body: str = "", **fields: Any) -> CatalogEntry:
        made.append(1)
        code = fields.pop("code", f"SOP-{len(made):03d}")
        fields = {"audience_keys": ["everyone"], "state": "effective", "kind": "sop", **fields}
        fields.setdefault("current_from", timezone.now() - timedelta(days=1))
        entry = CatalogEntry.objects.create(
            content_type=ContentType.objects.get_for_model(CatalogEntry),
            object_id=len(made),
            title=title,
            title_key=plain(title),
            code=code,
            code_key=code_key(code),
            url=f"/documents/{code}/",
            **fields,
        )
        store_words(entry, body=body)
        remember_words(plain(f"{title} {body}").split())
        return entry

    return make


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text_of(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def ask(person: Person, entry: CatalogEntry, at: int, due: Any = None, **fields: Any) -> Task:
    return Task.ask(
        key=f"t{at}", kind="decide", title=f"Decide {at}", url="/x/", entry=entry, person=person, due_at=due, **fields
    )


# --- home and inbox ---------------------------------------------------------------------------------------------------


def test_home_shows_what_waits_late_first_and_one_click_from_done(put: Put, reader: Person) -> None:
    entry, now = put("Vehicle wash"), timezone.now()
    ask(reader, entry, 1, now + timedelta(days=30))
    ask(reader, entry, 2, now - timedelta(days=5))
    ask(reader, entry, 3, now + timedelta(days=1))
    page = text_of(signed_in(reader), "/")
    assert page.index("Decide 2") < page.index("Decide 3") < page.index("Decide 1")
    assert page.index("Late") < page.index("Due within a week") < page.index("Later")
    assert page.count('<a class="btn btn--small" href="/x/">') == 3
    assert "5 days overdue" in page


def test_what_waits_says_who_asks_and_repeats_no_title(author: Person, owner: Person, approver: Person) -> None:
    version = new_draft(author, owner, title="Vehicle wash")
    route = submit(version, by=author, plan=[StepPlan("Approved for use", people=[approver])])
    page = text_of(signed_in(approver), "/inbox/")
    assert "<span>Version 1.0</span><span>from Ann Author</span>" in page
    assert "Decide on" not in page
    [notice] = Notice.objects.filter(person=approver, topic="asked")
    day = date_format(timezone.localdate() + timedelta(days=7))
    assert notice.text == f"Ann Author asks you to decide on {version.code} by {day}: Vehicle wash"
    route.decide("request_changes", by=approver, seen_hash=version.manifest_hash, comment="Too cold")
    assert "<span>from Quinn Approver</span>" in text_of(signed_in(author), "/inbox/")
    assert "Quinn Approver asks for changes" in text_of(signed_in(author), "/notices/")
    assert f"{version.code}: Vehicle wash" in text_of(signed_in(author), "/notices/")


def test_home_counts_what_it_does_not_list(put: Put, reader: Person) -> None:
    entry = put("Vehicle wash")
    for at in range(11):
        ask(reader, entry, at)
    page = text_of(signed_in(reader), "/")
    assert "3 more in the inbox" in page
    assert 'count--hot">11<' in page


def test_a_new_person_is_told_what_would_be_here(reader: Person) -> None:
    client = signed_in(reader)
    assert "Nothing waits for you" in text_of(client, "/")
    assert "Nothing waits for you" in text_of(client, "/inbox/")
    assert "Nothing done yet" in text_of(client, "/inbox/?show=done")
    assert "Nothing can be found yet" in text_of(client, "/search")
    assert "You watch nothing yet" in text_of(client, "/me/watching/")


def test_home_shows_my_drafts_my_stars_and_what_changed(
    author: Person, owner: Person, approver: Person, reader: Person
) -> None:
    version = released(author, owner, approver, title="Vehicle wash")
    new_draft(author, owner, title="Reefer check")
    Watch.objects.create(person=reader, entry=entry_of(version.document), is_favourite=True, is_watching=False)
    assert "Reefer check" in text_of(signed_in(author), "/")
    page = text_of(signed_in(reader), "/")
    assert "Reefer check" not in page
    assert page.count("Vehicle wash") == 3  # starred above and at the side, and recently changed


def test_the_inbox_filters_by_kind_and_keeps_what_is_done(put: Put, reader: Person) -> None:
    entry = put("Vehicle wash")
    ask(reader, entry, 1)
    Task.ask(key="r", kind="review", title="Look again", url="/y/", entry=entry, person=reader)
    client = signed_in(reader)
    assert "2 things wait" in text_of(client, "/inbox/")
    page = text_of(client, "/inbox/?kind=review")
    assert "Look again" in page
    assert "Decide 1" not in page
    Task.objects.filter(key="r").finish(by=reader)
    assert "Look again" in text_of(client, "/inbox/?show=done")
    assert "Look again" not in text_of(client, "/inbox/")


def test_a_task_on_a_record_that_became_confidential_is_gone(put: Put, reader: Person) -> None:
    entry = put("Vehicle wash")
    ask(reader, entry, 1)
    CatalogEntry.objects.update(audience_keys=["person:0"])
    for address in ("/", "/inbox/", "/inbox/?show=done"):
        assert "Decide 1" not in text_of(signed_in(reader), address)


def test_help_leads_everybody_to_what_it_speaks_of(reader: Person) -> None:
    client = signed_in(reader)
    assert 'href="/help/"' in client.get("/").content.decode()
    main = client.get("/help/").content.decode().partition("<main")[2].partition("</main")[0]
    ways = re.findall(r'href="(/[^"]*)"', main)
    assert {"/search", "/inbox/", "/me/watching/", "/keys/"} <= set(ways)
    assert [way for way in ways if client.get(way).status_code != 200] == []


COUNTED = ["/", "/inbox/", "/search?q=wash", "/search?q=wash&kind=sop&everything=1", "/search"]


@pytest.mark.parametrize("address", COUNTED)
def test_a_page_costs_the_same_at_few_and_at_many_records(
    put: Put, reader: Person, owner: Person, address: str, django_assert_max_num_queries: Any
) -> None:
    def fill(count: int, start: int) -> None:
        for at in range(start, start + count):
            entry = put(f"Vehicle wash {at}", owner=owner, department_id=reader.department_id)
            ask(reader, entry, at)
            Watch.objects.create(person=reader, entry=entry, is_favourite=True)

    client = signed_in(reader)
    fill(2, 0)
    client.get(address)
    with django_assert_max_num_queries(12) as few:
        text_of(client, address)
    fill(25, 2)
    with django_assert_max_num_queries(12) as many:
        text_of(client, address)
    assert len(few) == len(many)


# --- search page ------------------------------------------------------------------------------------------------------


def test_the_search_page_marks_narrows_and_corrects(put: Put, reader: Person, owner: Person) -> None:
    put("Receiving cold goods", "Close the dock behind the pallet.", owner=owner, department_id=reader.department_id)
    put("Quality policy", "Cold goods matter.", kind="policy")
    client = signed_in(reader)
    page = text_of(client, "/search?q=dock")
    assert '<mark class="mark">dock</mark>' in page
    assert "Omar Owner" in page
    page = text_of(client, "/search?q=cold+goods")
    assert "2 results" in page
    assert page.count('class="choice__n"') == 4  # two kinds, one department, one owner
    page = text_of(client, "/search?q=cold+goods&kind=policy")
    assert "1 result" in page
    assert "Type: Policy" in page
    page = text_of(client, "/search?q=cold+recieving")
    assert "You typed “cold recieving”" in page
    assert "Receiving cold goods" in page
    assert "Nothing found" in text_of(client, "/search?q=cold+recieving&exact=1")


def test_what_is_not_in_force_is_offered_when_nothing_else_is_found(put: Put, reader: Person) -> None:
    put("Vehicle wash", state="draft", current_from=None)
    client = signed_in(reader)
    page = text_of(client, "/search?q=vehicle")
    assert "1 record is not in force" in page
    assert "everything=1" in page
    assert "Vehicle wash" in text_of(client, "/search?q=vehicle&everything=1")


ODD = [
    "department=x",
    f"owner={'9' * 30}",
    "page=0",
    "page=999999",
    "page=x",
    "sort=;drop",
    "kind=%00",
    "department=-1",
]


def test_addresses_that_make_no_sense_are_answered(put: Put, reader: Person) -> None:
    put("Vehicle wash")
    client = signed_in(reader)
    for query in ODD:
        assert client.get(f"/search?q=wash&{query}").status_code == 200, query
    assert client.get("/search/suggest?q=%00'").status_code == 200


def test_suggestions_are_links(put: Put, reader: Person) -> None:
    put("Vehicle wash", code="SOP-014")
    client = signed_in(reader)
    page = text_of(client, "/search/suggest?q=vehi")
    assert '<a href="/documents/SOP-014/">' in page
    assert "<html" not in page
    assert text_of(client, "/search/suggest?q=zzzz").strip() == ""


# --- saved searches ---------------------------------------------------------------------------------------------------


def test_a_saved_search_tells_once_what_is_new_and_visible(put: Put, reader: Person) -> None:
    put("Vehicle wash")
    client = signed_in(reader)
    client.post("/search/saved/", {"query": "q=vehicle", "name": "Vehicles", "wants_news": "1"})
    assert tell_new_hits() == 0
    put("Vehicle heating")
    put("Vehicle secrets", audience_keys=["person:0"])
    assert tell_new_hits() == 1
    assert tell_new_hits() == 0
    [notice] = Notice.objects.all()
    assert (notice.text, notice.url) == ("1 new result for “Vehicles”", "/search?q=vehicle")
    assert "Vehicles" in text_of(client, "/search/saved/")


def test_a_saved_search_is_its_owners_alone(put: Put, reader: Person, outsider: Person) -> None:
    signed_in(reader).post("/search/saved/", {"query": "q=vehicle", "name": "Vehicles"})
    saved = SavedSearch.objects.get()
    assert "Vehicles" not in text_of(signed_in(outsider), "/search/saved/")
    assert signed_in(outsider).post(f"/search/saved/{saved.pk}/delete/").status_code == 404
    assert signed_in(reader).post(f"/search/saved/{saved.pk}/delete/").status_code == 302
    assert not SavedSearch.objects.exists()


# --- synonyms ---------------------------------------------------------------------------------------------------------


def test_the_administrator_keeps_synonyms_and_nobody_else(administrator: Person, reader: Person, put: Put) -> None:
    put("Refrigerated transport")
    client = signed_in(administrator)
    assert "No synonyms yet" in text_of(client, "/search/synonyms/")
    assert client.post("/search/synonyms/", {"terms": "chilled"}).status_code == 422
    assert client.post("/search/synonyms/", {"terms": "Chilled, refrigerated"}).status_code == 302
    group = SynonymGroup.objects.get()
    assert group.terms == ["chilled", "refrigerated"]
    assert LedgerLine.objects.filter(event="synonyms_changed", actor=administrator).exists()
    assert "Refrigerated transport" in text_of(signed_in(reader), "/search?q=chilled")
    assert signed_in(reader).get("/search/synonyms/").status_code == 403
    assert signed_in(reader).post(f"/search/synonyms/{group.pk}/", {"delete": "1"}).status_code == 403
    assert client.post(f"/search/synonyms/{group.pk}/", {"delete": "1"}).status_code == 302
    assert not SynonymGroup.objects.exists()


# --- watching ---------------------------------------------------------------------------------------------------------


def test_watching_and_starring_switch_on_and_off(put: Put, reader: Person) -> None:
    entry = put("Vehicle wash")
    client = signed_in(reader)
    answer = client.post(f"/watch/{entry.pk}/", {"next": "/inbox/"})
    assert answer["Location"] == "/inbox/"
    watch = Watch.objects.get()
    assert (watch.is_watching, watch.is_favourite) == (True, False)
    client.post(f"/watch/{entry.pk}/", {"what": "favourite"})
    client.post(f"/watch/{entry.pk}/")
    watch.refresh_from_db()
    assert (watch.is_watching, watch.is_favourite) == (False, True)
    answer = client.post(f"/watch/{entry.pk}/", {"next": "https://evil.example/"})
    assert answer["Location"] == entry.url
    assert client.get(f"/watch/{entry.pk}/").status_code == 405


def test_a_record_page_offers_star_and_watch(author: Person, owner: Person, approver: Person, reader: Person) -> None:
    document = released(author, owner, approver).document
    client, entry = signed_in(reader), entry_of(document)
    page = text_of(client, document.get_absolute_url())
    assert f'action="/watch/{entry.pk}/"' in page
    assert 'value="favourite" aria-pressed="false" aria-label="Star"' in page
    assert "Stop watching" not in page
    client.post(f"/watch/{entry.pk}/", {"what": "watch"})
    assert "Stop watching" in text_of(client, document.get_absolute_url())
    client.post(f"/watch/{entry.pk}/", {"what": "favourite"})
    assert 'aria-pressed="true" aria-label="Star"' in text_of(client, document.get_absolute_url())


def test_starring_alone_does_not_watch(put: Put, reader: Person) -> None:
    signed_in(reader).post(f"/watch/{put('Vehicle wash').pk}/", {"what": "favourite"})
    watch = Watch.objects.get()
    assert (watch.is_watching, watch.is_favourite) == (False, True)


def test_the_invisible_cannot_be_watched(put: Put, reader: Person) -> None:
    entry = put("Secrets", audience_keys=["person:0"])
    client = signed_in(reader)
    hidden, missing = client.post(f"/watch/{entry.pk}/"), client.post("/watch/999999/")
    assert hidden.status_code == missing.status_code == 404
    assert not Watch.objects.exists()


def test_subscriptions_by_kind_and_department(reader: Person, outsider: Person) -> None:
    client = signed_in(reader)
    assert client.post("/me/watching/", {}).status_code == 422
    client.post("/me/watching/", {"kind": "sop", "department": reader.department_id})
    client.post("/me/watching/", {"kind": "sop", "department": reader.department_id})
    subscription = Subscription.objects.get()
    assert (subscription.kind, subscription.department_id) == ("sop", reader.department_id)
    assert "SOP in Inbound" in text_of(client, "/me/watching/")
    assert signed_in(outsider).post(f"/me/watching/{subscription.pk}/end/").status_code == 404
    client.post(f"/me/watching/{subscription.pk}/end/")
    assert not Subscription.objects.exists()
