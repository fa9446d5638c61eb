"""FLT-19: who tampers with the trail is refused; who can get past that is found by `verify`."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from core.ledger import record_line, seal
from core.ledger_check import check_ledger
from core.verification import register_check, run_checks

LINES = 6


@pytest.fixture
def sealed(transactional_db, author, settings, tmp_path, tamper):
    """Some committed, sealed lines, with the anchor outside the database."""
    settings.PORTAL_LEDGER_ANCHOR = tmp_path / "ledger.anchor"
    tamper("TRUNCATE core_ledgerline, core_ledgerseal RESTART IDENTITY")
    for n in range(LINES):
        record_line(None, f"event {n}", by=author)
    assert seal() == LINES
    assert check_ledger().findings == []


@pytest.fixture
def tamper(as_database_owner):
    """Somebody with the owner's password and every trigger switched off."""
    tables = ("core_ledgerline", "core_ledgerseal")

    def run(statement):
        off, on = ([f"ALTER TABLE {table} {how} TRIGGER USER" for table in tables] for how in ("DISABLE", "ENABLE"))
        as_database_owner(*off, statement, *on)

    return run


def findings():
    return " ".join(finding.message for finding in run_checks(["ledger"])["ledger"])


def test_flt_19_an_altered_line_is_found(sealed, tamper):
    tamper("UPDATE core_ledgerline SET reason = 'as if' WHERE event = 'event 2'")
    assert "was altered" in findings()


def test_flt_19_a_removed_line_is_found(sealed, tamper):
    tamper("DELETE FROM core_ledgerline WHERE event = 'event 2'")
    assert "was removed" in findings()


def test_flt_19_a_line_removed_with_its_seal_is_found(sealed, tamper):
    tamper(
        "DELETE FROM core_ledgerseal WHERE line_id = (SELECT id FROM core_ledgerline WHERE event = 'event 2');"
        "DELETE FROM core_ledgerline WHERE event = 'event 2'"
    )
    assert "missing" in findings()


def test_flt_19_a_cut_tail_is_found_by_the_anchor_outside_the_database(sealed, tamper):
    tamper("DELETE FROM core_ledgerseal WHERE id > 4;DELETE FROM core_ledgerline WHERE event IN ('event 4', 'event 5')")
    assert "the tail was cut" in findings()


def test_flt_19_an_emptied_ledger_is_found(sealed, tamper):
    tamper("DELETE FROM core_ledgerseal; DELETE FROM core_ledgerline")
    assert "the tail was cut" in findings()


@pytest.mark.parametrize("table", ["core_ledgerline", "core_ledgerseal"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET id = id", "DELETE FROM {}", "ALTER TABLE {} DISABLE TRIGGER ALL", "DROP TABLE {}"],
)
def test_flt_19_the_application_may_only_add_to_the_trail(sealed, table, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["core_ledgerline", "core_ledgerseal", "documents_decision", "documents_review"])
def test_flt_19_the_application_may_not_empty_the_trail(table):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.django_db
def test_verify_says_ok_and_ends_with_nought_on_a_sound_portal(settings, tmp_path):
    settings.PORTAL_LEDGER_ANCHOR = tmp_path / "ledger.anchor"
    said = StringIO()
    call_command("verify", "--json", stdout=said)
    answer = json.loads(said.getvalue())
    assert answer["ok"] is True
    assert {"ledger", "outbox", "attachments", "catalogue", "constraints"} <= set(answer["checks"])


@pytest.mark.django_db
def test_verify_ends_with_one_and_names_what_it_found(settings, tmp_path, monkeypatch):
    settings.PORTAL_LEDGER_ANCHOR = tmp_path / "ledger.anchor"
    monkeypatch.setattr("core.verification._checks", {})
    register_check("shelf", lambda: ["A book is missing."])
    register_check("broken", lambda: 1 / 0)
    said = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify", stdout=said)
    assert ended.value.code == 1
    assert "A book is missing." in said.getvalue()
    assert "The check itself failed: ZeroDivisionError" in said.getvalue()


def test_a_check_that_does_not_exist_is_not_found_in_order():
    with pytest.raises(CommandError, match=r"no check ledgr\. There are: .*ledger"):
        call_command("verify", "ledgr")
