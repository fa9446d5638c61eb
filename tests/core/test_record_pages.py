"""The pages that a kind of record gets from its registration, shown on the trial kind."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from core.kinds.fields import RecordsField
from core.models import CatalogEntry, LedgerLine
from people.fields import written
from tests.cast import flat, signed_in
from tests.trial.kinds import FORKLIFT
from tests.trial.models import Forklift

pytestmark = pytest.mark.django_db

LIST, NEW = "/forklifts/", "/forklifts/new/"


@pytest.fixture
def forklift(owner) -> Forklift:
    """A forklift of the owner, open to everyone."""
    truck = Forklift(code="FL-1", title="Reach truck", owner=owner, department=owner.department, lift_height="4.50")
    truck.save(by=owner)
    return truck


@pytest.fixture
def client(author) -> Client:
    """Signed in as the officer, who may create and change."""
    return signed_in(author)


def typed(owner, **fields) -> dict:
    """What the form of a new forklift is sent."""
    usual = {"title": "Reach truck", "energy": "battery", "serial": "0b7c9e58-4f0e-4c52-9a55-1d5f4f5e0d11"}
    return usual | {"owner": written(owner), "audience": "everyone"} | fields


def edited(forklift, owner, **fields) -> dict:
    """The same for the form that changes one."""
    sent = typed(owner, title=forklift.title, energy=forklift.energy, serial=str(forklift.serial), lift_height="4.5")
    return sent | {"department": forklift.department_id, "row_version": forklift.row_version} | fields


def token_of(page: str) -> str:
    return re.search(r'name="form_token" value="([^"]+)"', page)[1]


def test_list_shows_code_title_state_and_columns(client, forklift):
    page = flat(client.get(LIST).content.decode())
    assert all(text in page for text in ("FL-1", "Reach truck", "In use", "Lift height (m)", "4.5", "Omar Owner"))


def test_navigation_and_new_lead_there(client):
    page = client.get("/").content.decode()
    assert f'href="{LIST}"' in page
    assert f'href="{NEW}"' in page


def test_reader_is_offered_no_new(forklift, reader):
    page = signed_in(reader).get(LIST).content.decode()
    assert NEW not in page


def test_list_filters_by_fact(client, forklift, owner):
    Forklift(code="FL-2", title="Gas truck", energy="gas", owner=owner).save(by=owner)
    page = client.get(LIST, {"energy": "gas"}).content.decode()
    assert ("Gas truck" in page, "Reach truck" in page) == (True, False)


def test_list_finds_by_code_and_by_words(client, forklift):
    assert "Reach truck" in client.get(LIST, {"q": "fl 1"}).content.decode()
    assert "Reach truck" in client.get(LIST, {"q": "truck reach"}).content.decode()
    assert "Nothing matches" in client.get(LIST, {"q": "crane"}).content.decode()


def test_list_sorts_either_way(client, forklift, owner):
    Forklift(code="FL-2", title="Zeppelin", owner=owner).save(by=owner)
    page = client.get(LIST, {"sort": "-title"}).content.decode()
    assert page.index("Zeppelin") < page.index("Reach truck")


def test_department_filter_reaches_below(client, forklift, department):
    assert "Reach truck" in client.get(LIST, {"department": department.pk}).content.decode()


def test_senseless_filter_is_ignored(client, forklift):
    assert "Reach truck" in client.get(LIST, {"energy": "coal", "page": "x", "sort": "nothing"}).content.decode()


def test_optional_column_is_shown_when_asked(client, forklift):
    assert str(forklift.serial) not in client.get(LIST).content.decode()
    assert str(forklift.serial) in client.get(LIST, {"columns": "serial"}).content.decode()


def test_new_record_gets_its_number(client, owner):
    answer = client.post(NEW, typed(owner))
    truck = Forklift.objects.get()
    assert (answer.status_code, answer["Location"], truck.code) == (302, "/forklifts/FL-001/", "FL-001")
    assert truck.created_by.name == "Ann Author"


def test_new_record_is_found_by_everybody(client, owner, reader):
    client.post(NEW, typed(owner))
    entry = CatalogEntry.objects.visible_to(reader).get()
    assert (entry.kind, entry.code, entry.title) == ("forklift", "FL-001", "Reach truck")


def test_form_sent_twice_makes_one_record(client, owner):
    token = token_of(client.get(NEW).content.decode())
    answers = [client.post(NEW, typed(owner, form_token=token)) for _ in range(2)]
    assert Forklift.objects.count() == 1
    assert {answer["Location"] for answer in answers} == {"/forklifts/FL-001/"}


def test_refused_form_says_what_is_wrong_and_keeps_the_rest(client, owner):
    answer = client.post(NEW, typed(owner, title="", lift_height="high"))
    page = flat(answer.content.decode())
    assert answer.status_code == 422
    assert "There is a problem with 2 answers" in page
    assert 'value="high"' in page
    assert not Forklift.objects.exists()


def test_code_in_use_is_refused_at_its_field(client, owner):
    client.post(NEW, typed(owner, code="FL-77"))
    answer = client.post(NEW, typed(owner, code="fl 77"))
    assert answer.status_code == 422
    assert "is or was in use" in answer.content.decode()


def test_confidential_record_needs_readers(client, owner):
    answer = client.post(NEW, typed(owner, audience="named"))
    assert answer.status_code == 422
    assert "Name at least one person or job role" in answer.content.decode()


def test_named_reader_sees_the_new_record(client, owner, reader, outsider):
    client.post(NEW, typed(owner, audience="named", readers=written(reader)))
    assert signed_in(reader).get("/forklifts/FL-001/").status_code == 200
    assert signed_in(outsider).get("/forklifts/FL-001/").status_code == 404


def test_page_shows_facts_and_moves(client, forklift):
    page = flat(client.get("/forklifts/FL-1/").content.decode())
    assert all(text in page for text in ("Reach truck", "Battery", "Take out of service", "Edit", "Omar Owner"))


def test_other_spelling_leads_to_the_record(client, owner):
    client.post(NEW, typed(owner))
    assert client.get("/forklifts/fl-1/")["Location"] == "/forklifts/FL-001/"


def test_reader_gets_no_buttons_and_no_form(forklift, reader):
    browser = signed_in(reader)
    assert "Take out of service" not in browser.get("/forklifts/FL-1/").content.decode()
    assert browser.get("/forklifts/FL-1/edit/").status_code == 403
    assert browser.post("/forklifts/FL-1/edit/", {"title": "x"}).status_code == 403


def test_edit_saves_with_reason_and_trace(client, forklift, owner):
    answer = client.post("/forklifts/FL-1/edit/", edited(forklift, owner, title="Tall truck", change_reason="New mast"))
    assert answer.status_code == 302
    forklift.refresh_from_db()
    line = LedgerLine.objects.get(event="changed")
    assert (forklift.title, line.reason) == ("Tall truck", "New mast")
    assert line.data["changes"] == {"title": ["Reach truck", "Tall truck"]}


def test_saving_nothing_leaves_no_trace(client, forklift, owner):
    client.post("/forklifts/FL-1/edit/", edited(forklift, owner))
    forklift.refresh_from_db()
    assert (forklift.row_version, forklift.history.count()) == (1, 1)


def test_lost_update_shows_both(client, forklift, owner):
    old = edited(forklift, owner, title="Mine")
    forklift.title = "Theirs"
    forklift.save(by=owner)
    answer = client.post("/forklifts/FL-1/edit/", old)
    page = flat(answer.content.decode())
    assert answer.status_code == 409
    assert all(text in page for text in ("Theirs", "Mine", "Omar Owner saved this record"))
    forklift.refresh_from_db()
    assert forklift.title == "Theirs"


def test_saving_again_after_a_conflict_replaces(client, forklift, owner):
    old = edited(forklift, owner, title="Mine")
    forklift.title = "Theirs"
    forklift.save(by=owner)
    page = client.post("/forklifts/FL-1/edit/", old).content.decode()
    version = re.search(r'name="row_version" value="(\d+)"', page)[1]
    client.post("/forklifts/FL-1/edit/", old | {"row_version": version})
    forklift.refresh_from_db()
    assert forklift.title == "Mine"


def test_move_asks_for_its_reason(client, forklift):
    assert "Reason" in client.get("/forklifts/FL-1/moves/stop/").content.decode()
    answer = client.post("/forklifts/FL-1/moves/stop/", {"comment": ""})
    assert answer.status_code == 422
    forklift.refresh_from_db()
    assert forklift.state == "in_use"


def test_move_changes_state_and_index(client, forklift):
    answer = client.post("/forklifts/FL-1/moves/stop/", {"comment": "Chain worn"})
    forklift.refresh_from_db()
    assert (answer.status_code, forklift.state) == (302, "out")
    assert CatalogEntry.objects.get().state == "out"


def test_move_without_right_is_refused_and_traced(forklift, reader):
    answer = signed_in(reader).post("/forklifts/FL-1/moves/stop/", {"comment": "Why not"})
    assert answer.status_code == 403
    assert LedgerLine.objects.filter(event="refused:stop").count() == 1


def test_unknown_move_is_missing(client, forklift):
    assert client.post("/forklifts/FL-1/moves/explode/").status_code == 404


def test_history_is_in_words(client, forklift, owner):
    client.post("/forklifts/FL-1/edit/", edited(forklift, owner, energy="gas", change_reason="Bought another"))
    client.post("/forklifts/FL-1/moves/stop/", {"comment": "Chain worn"})
    page = flat(client.get("/forklifts/FL-1/history/").content.decode())
    told = (
        "Energy",
        "<del>Battery</del> <ins>Gas</ins>",
        "Bought another",
        "Chain worn",
        "“In use” to “Out of service”",
    )
    assert all(text in page for text in told)
    assert "audience_keys" not in page.lower().replace(" ", "_")


def test_history_names_who_was_added(client, forklift, owner, reader):
    client.post("/forklifts/FL-1/edit/", edited(forklift, owner, drivers=written(reader)))
    page = flat(client.get("/forklifts/FL-1/history/").content.decode())
    assert "<del>–</del> <ins>Rita Reader</ins>" in page
    assert page.count("changed it") == 1


def test_hidden_record_is_missing_everywhere(forklift, owner, reader):
    forklift.audience = Forklift.Audience.NAMED
    forklift.save(by=owner)
    browser = signed_in(reader)
    for address in ("", "edit/", "history/", "moves/stop/", "panels/x/"):
        assert browser.get(f"/forklifts/FL-1/{address}").status_code == 404
    assert "Reach truck" not in browser.get(LIST).content.decode()
    assert "Reach truck" not in browser.get("/forklifts/suggest", {"q": "reach"}).content.decode()
    assert b"Reach" not in browser.get("/forklifts/export.csv").content


def test_sharing_shows_the_record_until_its_day_ends(client, forklift, owner, outsider):
    forklift.audience = "department"
    forklift.save(by=owner)
    assert "/forklifts/FL-1/share/" in client.get("/forklifts/FL-1/").content.decode()
    client.post("/forklifts/FL-1/share/", {"person": outsider.email, "until": timezone.localdate(), "reason": "Audit"})
    assert signed_in(outsider).get("/forklifts/FL-1/").status_code == 200
    grant = forklift.grants.get()
    assert "Otto Outsider" in client.get("/forklifts/FL-1/share/").content.decode()
    client.post(f"/forklifts/FL-1/share/{grant.pk}/end/")
    assert signed_in(outsider).get("/forklifts/FL-1/").status_code == 404


def test_share_form_says_what_is_missing(client, forklift):
    answer = client.post("/forklifts/FL-1/share/", {"until": "2020-01-01"})
    assert answer.status_code == 422
    assert "Choose today or a later day." in answer.content.decode()


def test_reader_may_not_open_the_share_page(forklift, reader):
    assert signed_in(reader).get("/forklifts/FL-1/share/").status_code == 403


def test_suggestions_begin_while_typing(client, forklift):
    assert client.get("/forklifts/suggest", {"q": "rea"}).json() == {"suggestions": ["FL-1 Reach truck"]}


def test_view_of_the_list_can_be_saved(client, forklift):
    client.post("/views/forklift/", {"name": "Gas only", "query": "energy=gas"})
    assert "Gas only" in client.get(LIST).content.decode()


def test_export_holds_cells_that_can_come_back(client, forklift):
    text = client.get("/forklifts/export.csv").content.decode("utf-8-sig")
    assert "FL-1,Reach truck,In use,Battery,4.5" in text
    assert client.get("/forklifts/export.xlsx").content[:2] == b"PK"
    assert client.get("/forklifts/export.pdf").status_code == 404


def test_star_and_watch_hang_on_the_record(client, forklift):
    entry = CatalogEntry.objects.get()
    client.post(f"/watch/{entry.pk}/", {"what": "favourite"})
    assert 'aria-pressed="true"' in client.get("/forklifts/FL-1/").content.decode()


def test_page_costs_no_more_for_fifty_than_for_one(client, forklift, owner, django_assert_max_num_queries):
    counts: list[int] = []

    def count(page: Callable[[], object]) -> int:
        with django_assert_max_num_queries(60) as asked:
            page()
        return len(asked)

    client.get(LIST)  # the first page of a session writes down where it is
    counts.append(count(lambda: client.get(LIST)))
    for number in range(2, 30):
        Forklift(code=f"FL-{number}", title="Truck", owner=owner, department=owner.department).save(by=owner)
    counts.append(count(lambda: client.get(LIST)))
    assert counts[0] == counts[1]


def test_decimal_is_one_value_however_it_is_typed():
    fact = FORKLIFT.all_facts["lift_height"]
    assert fact.value_type.equal(Decimal("4.50"), Decimal("4.5"))


def test_several_records_are_named_by_their_codes(forklift, owner, reader):
    second = Forklift(code="FL-2", title="Truck, gas", owner=owner)
    hidden = Forklift(code="FL-3", title="Secret", owner=owner, audience="named")
    for truck in (second, hidden):
        truck.save(by=owner)
    field = RecordsField(kind=FORKLIFT, person=reader)
    assert field.clean("fl 1, FL-2 Truck, gas") == [forklift, second]
    assert field.prepare_value([forklift, second]) == "FL-1, FL-2"
    with pytest.raises(ValidationError):
        field.clean("FL-3")
