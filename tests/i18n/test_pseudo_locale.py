"""Every page as somebody meets it whose language marks each translated text: what bears no mark is not translated."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import available_timezones

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import SafeData, mark_safe

from core import moments
from core.models import Notice
from core.templatetags import kept, ui
from tests.cast import new_draft
from tests.i18n.visible_text import CLOSE, OPEN, words_without_marks
from tests.security.test_access_matrix import address_of, parameters_of
from tests.security.world import BODY, CANARY, make_secret, routes

NOT_OURS = ("admin/", "api/", "i18n/")  # configuration pages and addresses that answer no page
SAMPLES = "styleguide/"  # shows invented records beside our texts
# What is said by data, not by the portal: names, texts of the world, brands, formats.
NAMES = ["Ann Author", "Omar Owner", "Quinn Approver", "Inbound", "Keeper of secrets", "Approved for use"]
NAMES += [
    "Process Portal",
    "Excel",
    "CSV",
    "list.txt",
    "appendix-file.txt",
    "Standard approval",
    "book.zip",
    ".csv",
    "(Word)",
    # what a map is drawn from: columns of other programs
    "Order, Activity, Condition, Who, Subprocess, Terminated",
    "Process Step ID, Process Step Description, Next Step ID, Connector Label, Shape Type, Function, Phase",
    # the grades that every portal begins with; an organisation words them anew
    "Others can learn from it",
    "Harm is possible, or the rule does not work",
    "Could become a problem",
    "Could be done better",
    "A requirement is not met, no harm is likely",
    "UTC",
    "person: ",
]
CODES = re.compile(
    rf"{CANARY}( (title|reason|comment|notice|process|library|finding|action|requirement|audit)\b)?|\S+@\S+|https?://\S+|\b[A-Z]{{2,}}(-[A-Z]+)*-\d+\b|\b[0-9a-f]{{7,}}\b"
)
TIME_ZONES = available_timezones()  # asked once: it looks through a folder of six hundred files
EMPTY_FORM = {"seen_hash": "0", "row_version": "1"}
EMPTY_FORM |= {f"{rows}-TOTAL_FORMS": "1" for rows in ("steps", "targets", "pages")}
EMPTY_FORM |= {f"{rows}-INITIAL_FORMS": "0" for rows in ("steps", "targets", "pages")}


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Call it, and from then on every translated text stands in marks."""

    def forget() -> None:
        ui._day.cache_clear()  # days that pages of earlier tests showed are remembered in words
        moments._exact_words.cache_clear()
        kept._once.cache_clear()  # and so are pieces of pages
        kept._by_key.clear()

    def begin() -> None:
        forget()
        for name in ("gettext", "ngettext", "pgettext", "npgettext"):
            monkeypatch.setattr(translation._trans, name, marking(getattr(translation._trans, name)))

    yield begin
    forget()


def marking(translate: Callable[..., str]) -> Callable[..., str]:
    """A translator that surrounds what it says."""

    def say(*arguments: Any) -> str:
        said = translate(*arguments)
        if not str(said).strip():
            return said
        return mark_safe(f"{OPEN}{said}{CLOSE}") if isinstance(said, SafeData) else f"{OPEN}{said}{CLOSE}"  # noqa: S308

    return say


@pytest.fixture
def world(author, owner, approver, settings) -> dict[str, Any]:
    for person in (author, owner, approver):
        person.groups.set(Group.objects.all())
    return make_secret(author, owner, approver) | {"owner": owner, "approver": approver, "author": author}


def english_words(page: str) -> list[str]:
    """Unmarked words that are no names, codes, initials, time zones, nor written to somebody in their language."""
    found = []
    names = [*Notice.objects.values_list("text", flat=True), *NAMES]
    for text in words_without_marks(page):
        if text.replace(" ", "_") in TIME_ZONES or re.fullmatch(r"[A-Z]{2}|staff", text):
            continue
        said = text
        for name in names:
            said = said.replace(name, " ")
        if re.search(r"[^\W\d_]{2,}", CODES.sub(" ", said)):
            found.append(text)
    return found


def walk(client: Client, world: dict[str, Any], method: str, *, but: tuple[str, ...] = ()) -> tuple[list[str], int]:
    """Ask each address as this person; what stays English, and how many pages were read."""
    values, person = parameters_of(world, world["owner"]), world.get("reader")
    english, pages = [], 0
    for route in routes():
        if route.template.startswith((*NOT_OURS, SAMPLES, *but)) or "logout" in route.template:
            continue
        if person:
            client.force_login(person)
        address = address_of(route, values)
        with transaction.atomic():
            answer = getattr(client, method)(address, EMPTY_FORM if method == "post" else None)
            transaction.set_rollback(True)
        if answer.get("Content-Type", "").startswith("text/html") and not answer.streaming:
            pages += 1
            words = english_words(answer.content.decode())
            english += [f"{method.upper()} {address} → {answer.status_code}: {text}" for text in words]
    return english, pages


@pytest.mark.long
def test_no_text_of_a_page_stays_english(world, marked) -> None:
    marked()
    english, pages = walk(Client(raise_request_exception=False), world | {"reader": world["approver"]}, "get")
    assert english == []
    assert pages > 60


def test_no_text_of_an_open_drafts_pages_stays_english(world, marked) -> None:
    draft = new_draft(world["author"], world["owner"], title=f"{CANARY} title", body=BODY)
    marked()
    client = Client()
    client.force_login(world["author"])
    pages = ["page", "version-page", "edit", "submit", "print"]
    english = []
    for page in pages:
        taken = [draft.document.code] if page == "page" else [draft.document.code, draft.sequence]
        answer = client.get(reverse(f"documents:{page}", args=taken))
        assert answer.status_code == 200
        english += [f"{page}: {text}" for text in english_words(answer.content.decode())]
    assert english == []


@pytest.mark.long
def test_no_answer_to_an_empty_form_stays_english(world, marked) -> None:
    marked()
    client = Client(raise_request_exception=False)
    english, pages = walk(client, world | {"reader": world["owner"]}, "post", but=("accounts/",))
    assert english == []
    assert pages > 20


def test_no_text_for_a_visitor_stays_english(world, marked) -> None:
    marked()
    english, pages = walk(Client(raise_request_exception=False), world, "get")
    assert english == []
    assert pages > 5


def test_the_marks_are_missed_where_there_are_none() -> None:
    """Without this the tests above could pass because nothing is ever found."""
    page = '<p>⟦Read <b>this</b>⟧ and that</p><img alt="A picture"><button aria-label="⟦Close⟧">⟦x⟧</button>'
    assert words_without_marks(page) == ["and that", "A picture"]
    assert words_without_marks("<p>⟦cut off…</p><p>Next</p>") == ["Next"]
