"""Search: what is found, in which order, and what is never told."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from core.models import CatalogEntry, SynonymGroup
from core.numbering import code_key
from core.search import search, suggest
from core.search_text import remember_words, store_words
from core.search_words import plain
from people.models import Person

pytestmark = pytest.mark.django_db


class Shelf:
    """Puts entries into the index without the records behind them."""

    def __init__(self) -> None:
        self.last = 0

    def put(self, title: str, body: str = "", code: str = "", **fields: Any) -> CatalogEntry:
        self.last += 1
        attachments = fields.pop("attachments", "")
        fields = {
            "kind": "sop",
            "state": "effective",
            "current_from": timezone.now() - timedelta(days=1),
            "audience_keys": ["everyone"],
            **fields,
        }
        entry = CatalogEntry.objects.create(
            content_type=ContentType.objects.get_for_model(CatalogEntry),
            object_id=self.last,
            title=title,
            title_key=plain(title),
            code=code,
            code_key=code_key(code),
            url=f"/documents/{code or self.last}/",
            **fields,
        )
        store_words(entry, body=body, attachments=attachments)
        remember_words(plain(f"{title} {body} {attachments}").split())
        return entry


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def titles(results: Any) -> list[str]:
    return [hit.entry.title for hit in results.rows]


@pytest.mark.parametrize("typed", ["SOP-014", "sop 14", "sop14", "SOP 014", "Sop_14", "SOP–014"])
def test_a_code_is_found_in_any_spelling_and_comes_first(shelf: Shelf, reader: Person, typed: str) -> None:
    shelf.put("Receiving cold goods", code="SOP-014")
    shelf.put("What SOP 14 asks of drivers", "SOP 14 " * 20, code="SOP-015")
    assert titles(search(reader, typed))[0] == "Receiving cold goods"
    assert suggest(reader, typed)[0].code == "SOP-014"


@pytest.mark.parametrize("typed", ["inb 1", "INB-001", "inb001", "sopinb001", "SOP INB 1", "sop-inb-001"])
def test_the_end_of_a_code_is_enough_and_it_may_be_written_in_one_piece(
    shelf: Shelf, reader: Person, typed: str
) -> None:
    shelf.put("Receiving cold goods", "As INB 2 says.", code="SOP-INB-001")
    shelf.put("Goods of INB 001", "INB 001 and INB-001 " * 20, code="SOP-INB-002")
    shelf.put("Goods of bay 11", "INB 11", code="SOP-INB-011")
    assert search(reader, typed).rows[0].entry.code == "SOP-INB-001"


def test_the_title_as_typed_comes_before_longer_titles_and_mentions(shelf: Shelf, reader: Person) -> None:
    shelf.put("Cold store cleaning, and what comes after cold store cleaning", "cold store cleaning " * 30)
    shelf.put("Cold store cleaning")
    shelf.put("Pest control", "After cold store cleaning, look for traps.")
    found = search(reader, "cold store cleaning")
    assert found.count == 3
    assert titles(found)[0] == "Cold store cleaning"
    assert titles(found)[-1] == "Pest control"


def test_common_little_words_are_words(shelf: Shelf, reader: Person) -> None:
    shelf.put("Time off", "How to ask for holidays")
    shelf.put("Time sheets", "Hours worked")
    shelf.put("IT onboarding")
    shelf.put("Onboarding of drivers")
    assert titles(search(reader, "time off")) == ["Time off"]
    assert titles(search(reader, "IT onboarding")) == ["IT onboarding"]


def test_accents_and_hyphens_and_slashes_do_not_matter(shelf: Shelf, reader: Person) -> None:
    shelf.put("Prüfung der Größe", "CI/CD follow-up")
    for typed in ("prufung grosse", "PRÜFUNG", "ci cd", "CI/CD", "follow up", "follow-up"):
        assert search(reader, typed).count == 1, typed


def test_the_last_word_may_be_only_begun(shelf: Shelf, reader: Person) -> None:
    shelf.put("Organization of the warehouse")
    for typed in ("org", "organiz", "organiza", "warehouse organizati"):
        assert search(reader, typed).count == 1, typed


def test_a_misspelt_word_is_corrected_by_a_word_that_the_person_may_read(shelf: Shelf, reader: Person) -> None:
    shelf.put("Receiving cold goods")
    shelf.put("Calibration of scales")
    found = search(reader, "cold recieving")
    assert (found.did_you_mean, titles(found)) == ("cold receiving", ["Receiving cold goods"])
    assert search(reader, "cold recieving", exact=True).count == 0
    assert search(reader, "calbration").did_you_mean == "calibration"


def test_of_words_that_are_equally_near_the_other_words_decide(shelf: Shelf, reader: Person) -> None:
    meant = shelf.put("How teams learn from each other")
    for word in ("echo", "ECHA", "ECHR"):
        shelf.put(f"The {word}", body="What other teams learn from it.")
    found = search(reader, "teams learn from ech other")
    assert found.rows[0].entry == meant


def test_when_no_entry_has_all_words_those_with_most_of_them_are_shown(shelf: Shelf, reader: Person) -> None:
    shelf.put("Cold store alarm")
    shelf.put("Cold store cleaning")
    shelf.put("Vehicle cleaning")
    found = search(reader, "cold store alarm vehicle")
    assert (found.mode, titles(found)[0]) == ("most", "Cold store alarm")


def test_a_quoted_phrase_stands_together_and_a_minus_leaves_out(shelf: Shelf, reader: Person) -> None:
    shelf.put("One", "stop the line when the alarm sounds")
    shelf.put("Two", "when the line is long, do not stop")
    assert titles(search(reader, '"stop the line"')) == ["One"]
    assert titles(search(reader, "line -alarm")) == ["Two"]


def test_synonyms_find_what_is_called_otherwise(shelf: Shelf, reader: Person) -> None:
    shelf.put("Refrigerated transport")
    shelf.put("Paid time off")
    SynonymGroup.objects.create(terms=["chilled", "refrigerated"])
    SynonymGroup.objects.create(terms=["pto", "paid time off"])
    found = search(reader, "chilled transport")
    assert (titles(found), found.related) == (["Refrigerated transport"], ("refrigerated",))
    assert titles(search(reader, "pto")) == ["Paid time off"]
    assert search(reader, "paid time off").count == 1


def test_the_words_of_attachments_are_found(shelf: Shelf, reader: Person) -> None:
    shelf.put("Probing pallets", "Three cases", attachments="probe pattern top middle bottom")
    found = search(reader, "probe pattern")
    assert titles(found) == ["Probing pallets"]


def test_people_see_what_is_in_force_unless_they_ask_for_more(shelf: Shelf, reader: Person) -> None:
    now = timezone.now()
    shelf.put("Loading in force")
    shelf.put("Loading tomorrow", current_from=now + timedelta(days=1))
    shelf.put("Loading retired", state="retired", current_until=now - timedelta(days=1))
    shelf.put("Loading draft", state="draft", current_from=None)
    assert titles(search(reader, "loading")) == ["Loading in force"]
    everything = search(reader, "loading", everything=True)
    assert {hit.entry.title: hit.state for hit in everything.rows} == {
        "Loading in force": "effective",
        "Loading tomorrow": "approved",
        "Loading retired": "retired",
        "Loading draft": "draft",
    }
    assert {(value.value, value.count) for value in everything.facets["state"]} == {
        ("effective", 1),
        ("approved", 1),
        ("retired", 1),
        ("draft", 1),
    }
    assert titles(search(reader, "loading", everything=True, state="approved")) == ["Loading tomorrow"]
    assert search(reader, "draft").not_in_force == 1


def test_facets_count_what_each_choice_would_leave(shelf: Shelf, reader: Person, owner: Person) -> None:
    shelf.put("Loading A", kind="sop", department_id=1, owner=owner)
    shelf.put("Loading B", kind="sop", department_id=2)
    shelf.put("Loading C", kind="policy", department_id=1)
    found = search(reader, "loading", kind="sop")
    assert found.count == 2
    assert {(value.value, value.count, value.is_chosen) for value in found.facets["kind"]} == {
        ("sop", 2, True),
        ("policy", 1, False),
    }
    assert {(value.value, value.count) for value in found.facets["department"]} == {(1, 1), (2, 1)}
    assert [(value.value, value.count) for value in found.facets["owner"]] == [(owner.pk, 1)]
    assert search(reader, "loading", kind="sop", department=1, owner=owner.pk).count == 1


def test_the_snippet_marks_the_words_and_escapes_everything_else(shelf: Shelf, reader: Person) -> None:
    shelf.put("Markup", "Write <script>alert(1)</script> & stop the \x02conveyor\x03 belt")
    snippet = search(reader, "conveyor").rows[0].snippet
    assert "<script" not in snippet
    assert "&amp;" in snippet
    assert snippet.count("<mark") == snippet.count("</mark>") == 1


def test_pages_go_on_where_the_last_one_stopped(shelf: Shelf, reader: Person) -> None:
    for at in range(23):
        shelf.put(f"Loading {at}")
    pages = [titles(search(reader, "loading", page=page)) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [10, 10, 3]
    assert len({title for page in pages for title in page}) == 23


def test_nothing_typed_lists_what_changed_last(shelf: Shelf, reader: Person) -> None:
    shelf.put("First")
    shelf.put("Second")
    found = search(reader, "  ")
    assert (found.count, titles(found)) == (2, ["Second", "First"])


@pytest.mark.parametrize(
    "typed",
    ["'", '"', '"" ""', "\\", "a & b | !c", ":*", "-", "--", "(", "x" * 5000, "\x00", "<->", "%", "_", "🙂", "-x"],
)
def test_no_input_is_an_error(shelf: Shelf, reader: Person, typed: str) -> None:
    shelf.put("Loading")
    assert set(titles(search(reader, typed, everything=True))) <= {"Loading"}
    assert {entry.title for entry in suggest(reader, typed)} <= {"Loading"}


def test_suggestions_are_titles_in_force(shelf: Shelf, reader: Person) -> None:
    shelf.put("Vehicle wash")
    shelf.put("Vehicle wash, old", state="retired", current_until=timezone.now() - timedelta(days=1))
    assert [entry.title for entry in suggest(reader, "vehicle wa")] == ["Vehicle wash"]
    assert [entry.title for entry in suggest(reader, "wash veh")] == ["Vehicle wash"]
    assert [entry.title for entry in suggest(reader, "vehcle")] == ["Vehicle wash"]
