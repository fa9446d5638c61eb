"""The demo organisation: everybody can sign in, every state is there, and making it twice is making it once."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from actions.models import Task
from core.models import CatalogEntry, Comment, LedgerLine, LedgerSeal, Watch
from core.safe.html import clean, outline, text_of
from documents.models import Decision, Document, Version
from people.models import Delegation, Person
from portal.demo import documents as plans
from portal.demo.sign_ins import SIGN_INS

DEMO_PASSWORD = "demo-of-the-tests"
EDITIONS = [
    (plan.code, number)
    for plan in plans.PLANS
    if plan.kind != "checklist"  # its text is JSON, which tests/audits judges
    for number in range(1, len(plan.editions) + 1)
]
LINK = re.compile(r'href="/documents/([A-Z0-9-]+)/"')


@pytest.fixture(scope="module")
def demo(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """The demo, made once for all tests of this file and rolled back afterwards; gives the settings it needs."""
    changed = {
        "PORTAL_DEMO": True,
        "PORTAL_DEMO_PASSWORD": DEMO_PASSWORD,
        "PORTAL_LEDGER_ANCHOR": Path(tmp_path_factory.mktemp("ledger")) / "anchor",
    }
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(**changed):
            call_command("demo", verbosity=0)
        yield changed
        transaction.set_rollback(True)


@pytest.fixture
def in_demo(demo: dict[str, Any], db: None) -> Iterator[None]:
    """The demo as it was made, with its settings."""
    with override_settings(**demo):
        yield


def person(key: str) -> Person:
    return Person.objects.get(email=f"{key}@demo.example")


def waiting_for(key: str, kind: str) -> dict[str, Task]:
    return {task.entry.code: task for task in Task.objects.waiting_for(person(key)).filter(kind=kind)}


def days_until(moment: Any) -> int:
    return (moment.date() - timezone.localdate()).days


# --- the texts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "edition"), EDITIONS)
def test_the_sanitiser_takes_nothing_out_of_a_text(code: str, edition: int) -> None:
    html = plans.text_of(code, edition).decode()
    cleaned = clean(html)
    assert cleaned.removed == []
    assert text_of(cleaned.html) == text_of(html)
    keys = re.findall(r'data-step="([^"]+)"', html)
    assert [entry.key for entry in outline(cleaned.html) if entry.kind == "step" and entry.key] == keys
    assert re.findall(r'class="([^"]+)"', cleaned.html) == re.findall(r'class="([^"]+)"', html)
    assert "{" not in html
    assert "<!--" not in html


@pytest.mark.parametrize("plan", plans.PLANS, ids=lambda plan: plan.code)
def test_every_edition_says_something_new_and_why(plan: plans.Plan) -> None:
    texts = [plans.text_of(plan.code, number) for number in range(1, len(plan.editions) + 1)]
    reworded = [number for number, (one, two) in enumerate(zip(texts, texts[1:], strict=False), 2) if one == two]
    assert [number for number in reworded if plan.editions[number - 1].change == "major"] == []
    assert all(edition.reason for edition in plan.editions[1:])


# --- people ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [address for address, _role in SIGN_INS])
def test_everybody_signs_in_with_the_one_password(in_demo: None, client: Client, address: str) -> None:
    client.post(reverse("account_login"), {"login": address, "password": DEMO_PASSWORD})
    assert client.session[SESSION_KEY] == str(Person.objects.get(email=address).pk)
    assert client.get(reverse("documents:list")).status_code == 200


def test_outside_the_demo_nobody_of_it_signs_in(in_demo: None, client: Client) -> None:
    with override_settings(PORTAL_DEMO=False):
        client.post(reverse("account_login"), {"login": "officer@demo.example", "password": DEMO_PASSWORD})
        assert SESSION_KEY not in client.session
        assert client.get(reverse("documents:list")).status_code == 302


def test_two_colleagues_read_german_in_berlin(in_demo: None) -> None:
    germans = Person.objects.filter(language="de", time_zone="Europe/Berlin")
    assert {one.name for one in germans} == {"Jonas Weber", "Lena Hoffmann"}


# --- documents -------------------------------------------------------------------------------------------


def test_every_state_of_a_version_is_there(in_demo: None) -> None:
    states = {version.shown_state for version in Version.objects.all()}
    assert states == {"draft", "in_review", "changes_requested", "approved", "effective", "superseded", "retired"}
    assert {plan.kind for plan in plans.PLANS} == {"policy", "sop", "instruction", "form", "checklist"}


def test_three_versions_wait_for_the_approver_one_of_them_overdue(in_demo: None) -> None:
    tasks = waiting_for("approver", "decide")
    due = {code: days_until(task.due_at) for code, task in tasks.items()}
    assert due == {"MAP-INB-003": 0, "SOP-QUA-001": 0, "SOP-TRA-001": -3}


def test_reviews_are_due_for_the_owner_one_overdue_one_today_and_one_for_whom_they_stand_in(in_demo: None) -> None:
    assert set(waiting_for("owner", "review")) == {"SOP-INB-002", "SOP-OUT-002", "SOP-FIN-002"}
    due = dict(Document.objects.exclude(review_due_on=None).values_list("code", "review_due_on"))
    today = timezone.localdate()
    assert (due["SOP-INB-002"] - today).days == -12
    assert (due["SOP-OUT-002"] - today).days == (-1 if (today.month, today.day) == (2, 29) else 0)
    assert (due["SOP-FIN-002"] - today).days == 6
    assert not due.keys() & set(Document.objects.exclude(retired_at=None).values_list("code", flat=True))


def test_the_officer_has_changes_to_make_and_a_draft_to_go_on_with(in_demo: None) -> None:
    mine = Version.objects.open().filter(author=person("officer")).values_list("document__code", "state")
    assert ("SOP-INV-001", "changes_requested") in mine
    assert ("WI-OUT-001", "draft") in mine


def test_one_document_is_retired_and_names_its_successor(in_demo: None) -> None:
    retired = Document.objects.exclude(retired_at=None).get()
    assert retired.successor.code == "WI-QUA-001"
    assert retired.version_in_force() is None


def test_the_confidential_document_exists_for_its_readers_only(in_demo: None) -> None:
    readers = {one.email for one in Person.objects.all() if Document.objects.visible_to(one).filter(code="SOP-PEO-002")}
    named = {"ingrid.solberg@demo.example", "nadia.rahman@demo.example"}
    assert readers == named | {"auditor@demo.example"}  # auditors see everything


def test_the_external_auditor_reads_what_was_shared_with_them(in_demo: None) -> None:
    shared = Document.objects.filter(code="SOP-FIN-002")
    assert shared.visible_to(person("elena.petrova")).exists()
    assert not shared.visible_to(person("staff")).exists()


def test_every_link_in_a_text_in_force_leads_the_reader_to_a_document(in_demo: None) -> None:
    staff = person("staff")
    readable = set(Document.objects.visible_to(staff).values_list("code", flat=True))
    texts = {v.document.code: v.body_bytes().decode() for v in Version.objects.effective().visible_to(staff)}
    linked = {(code, target) for code, text in texts.items() for target in LINK.findall(text)}
    assert len(linked) > 40
    assert {(code, target) for code, target in linked if target not in readable} == set()
    every = {target for code, edition in EDITIONS for target in LINK.findall(plans.text_of(code, edition).decode())}
    assert every <= {plan.code for plan in plans.PLANS}


# --- how it came about -----------------------------------------------------------------------------------


def test_the_history_lies_in_the_past_and_says_that_it_is_told(in_demo: None) -> None:
    lines = list(LedgerLine.objects.order_by("id"))
    moments = [line.at for line in lines if line.event != "shared" and line.event != "delegated"]
    assert moments == sorted(moments)
    assert (timezone.now() - moments[0]).days > 1000
    assert all(line.at <= timezone.now() for line in lines)
    assert {line.event for line in lines if not line.data.get("demo")} == {"demo_made"}
    assert LedgerSeal.objects.count() == len(lines)


def test_every_approval_was_signed_by_somebody_else_than_the_author(in_demo: None) -> None:
    approvals = Decision.objects.filter(verdict="approve").select_related("seat__step__route__version")
    assert approvals.count() > 40
    for decision in approvals:
        version = decision.seat.step.route.version
        assert decision.by_id != version.author_id
        assert decision.signing_method == ("click" if version.document.kind == "form" else "password")
        assert decision.decided_at.date() <= timezone.localdate()


def test_a_second_run_changes_nothing_and_asks_one_question(in_demo: None, django_assert_num_queries: Any) -> None:
    def everything() -> list[int]:
        models = (Person, Document, Version, Decision, Task, Comment, Watch, Delegation, CatalogEntry, LedgerLine)
        return [model.objects.count() for model in models]

    before = everything()
    with django_assert_num_queries(1):
        call_command("demo", verbosity=0)
    assert everything() == before


def test_another_password_is_taken_over(in_demo: None) -> None:
    with override_settings(PORTAL_DEMO_PASSWORD="restored elsewhere"):
        call_command("demo", verbosity=0)
    assert person("staff").check_password("restored elsewhere")
