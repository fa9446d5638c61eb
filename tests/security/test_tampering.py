"""Whoever holds the password of the application's database role writes what no page would: `verify` finds it.

The tests run as that role. Each does one kind of tampering with plain statements, and is named for what must not stay
unseen.
"""

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from core import attachments
from core.catalog import entry_of
from core.ledger import record_line
from core.models import LedgerLine
from core.verification import run_checks
from documents.models import State
from documents.submission import StepPlan, submit
from people.models import Person
from tests.cast import new_draft, released

pytestmark = pytest.mark.django_db
CHECKS = ("states", "history", "moments", "evidence", "people", "documents", "attachments", "catalogue")


@pytest.fixture(autouse=True)
def files_of_this_test(settings, tmp_path_factory):
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")


@pytest.fixture
def sound(author, owner, approver, reader, auditor):
    """A document in effect, whose people the audit log knows; `verify` finds nothing."""
    for person in Person.objects.all():
        groups = ", ".join(sorted(person.groups.values_list("name", flat=True)))
        record_line(person, "person_added", by=None, data={"groups": groups})
        person.save()
    version = released(author, owner, approver, audience="named")
    assert found() == ""
    return version


def found():
    return "\n".join(finding.message for findings in run_checks(CHECKS).values() for finding in findings)


def tamper(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_forged_approval_does_not_stay_unseen(sound, author, owner, approver):
    """A decision and a release are written and the index is built again."""
    version = new_draft(author, owner, title="Forged")
    route = submit(version, by=author, plan=[StepPlan("Approved", people=[approver])])
    seat = route.steps.get().seats.get()
    tamper(
        """INSERT INTO documents_decision (seat_id, by_id, by_name, by_email, by_job, verdict, meaning, comment,
               decided_at, manifest_hash, signing_method)
           VALUES (%s, %s, 'Quinn Approver', '', '', 'approve', 'Approved', '', now(), %s, 'password')""",
        *(seat.pk, approver.pk, version.manifest_hash),
    )
    tamper(
        "UPDATE documents_version SET state = 'approved', approved_at = now(), effective_from = now() WHERE id = %s",
        version.pk,
    )
    version.document.refresh_audience()
    call_command("reindex", verbosity=0)
    messages = found()
    assert "has no line in the audit log" in messages
    assert "the audit log has no release of it" in messages
    assert "its last move led to “in_review”" in messages


def test_forged_review_does_not_stay_unseen(sound, owner):
    tamper(
        """INSERT INTO documents_review (document_id, version_id, outcome, note, reviewed_at, reviewed_by_id,
               manifest_hash, signing_method)
           VALUES (%s, %s, 'no_change', '', now(), %s, %s, 'password')""",
        *(sound.document_id, sound.pk, owner.pk, sound.manifest_hash),
    )
    assert "A review “no_change”" in found()


def test_forged_line_of_a_decision_does_not_stay_unseen(sound, approver):
    record_line(sound, "decided:approve", by=approver, content_hash="0" * 64)
    assert "which is not stored" in found()


def test_ended_version_does_not_stay_unseen(sound):
    tamper("UPDATE documents_version SET effective_until = effective_from + interval '1 s' WHERE id = %s", sound.pk)
    assert "nothing in the audit log ended it" in found()


def test_changed_state_does_not_stay_unseen(sound):
    tamper("UPDATE documents_version SET state = 'retired' WHERE id = %s", sound.pk)
    tamper("UPDATE documents_document SET retired_at = now() WHERE id = %s", sound.document_id)
    messages = found()
    assert "is “retired”, but its last move led to “approved”" in messages
    assert "is retired, but the audit log does not say so" in messages


def test_changed_field_does_not_stay_unseen(sound, reader):
    tamper("UPDATE documents_document SET owner_id = %s WHERE id = %s", reader.pk, sound.document_id)
    assert f"documents.Document {sound.document_id}: changed without a line of history" in found()


def test_opened_audience_does_not_stay_unseen(sound):
    for statement in (
        "UPDATE documents_document SET audience_keys = audience_keys || '{everyone}' WHERE code = %s",
        "UPDATE core_catalogentry SET audience_keys = audience_keys || '{everyone}' WHERE code = %s",
    ):
        tamper(statement, sound.document.code)
    assert "opens to others than its readers" in found()


def test_group_membership_does_not_stay_unseen(sound, reader):
    tamper(
        """INSERT INTO people_person_groups (person_id, group_id)
           SELECT %s, id FROM auth_group WHERE name = 'auditor'""",
        reader.pk,
    )
    assert f"Person {reader.pk} (rita.reader@example.org) is in auditor, staff" in found()


def test_superuser_does_not_stay_unseen(sound, reader):
    tamper("UPDATE people_person SET is_superuser = true WHERE id = %s", reader.pk)
    assert f"Person {reader.pk} (rita.reader@example.org) has every power" in found()


def test_added_reader_does_not_stay_unseen(sound, reader):
    tamper(
        "INSERT INTO documents_document_readers (document_id, person_id) VALUES (%s, %s)", sound.document_id, reader.pk
    )
    assert "changed in “readers” without a line of history" in found()


def test_share_does_not_stay_unseen(sound, reader):
    tamper(
        """INSERT INTO documents_documentgrant (content_object_id, user_id, permission_id, granted_at)
           SELECT %s, %s, id, now() FROM auth_permission WHERE codename = 'read_shared'""",
        *(sound.document_id, reader.pk),
    )
    sound.document.refresh_audience()
    assert "but the audit log does not say so" in found()


def test_delegation_does_not_stay_unseen(sound, reader, owner):
    tamper(
        """INSERT INTO people_delegation (person_id, delegate_id, starts_on, ends_on)
           VALUES (%s, %s, current_date, current_date)""",
        *(owner.pk, reader.pk),
    )
    assert f"of person {owner.pk} has no line in the audit log" in found()


def test_exchanged_file_with_its_hash_does_not_stay_unseen(sound, author):
    kept = attachments.store(ContentFile(b"Five degrees", "limits.txt"), entry_of(sound.document), by=author)
    assert found() == ""
    with open(kept.file.path, "wb") as file:
        file.write(b"Nine degrees")
    assert "was altered" in found()
    tamper("UPDATE core_attachment SET sha256 = encode(sha256('Nine degrees'), 'hex') WHERE id = %s", kept.pk)
    assert "is not the one that the audit log has" in found()


def test_loosened_settings_do_not_stay_unseen(sound):
    tamper(
        """INSERT INTO documents_kindsettings (kind, signing, review_months, retention_years, remind_days_before,
               weekly_after, escalate_after_days) VALUES ('sop', 'click', 24, 10, 14, true, 14)"""
    )
    assert "documents.KindSettings sop: changed without a line of history" in found()


def test_line_does_not_bear_a_moment_that_its_writer_chose(sound, author):
    tamper(
        """INSERT INTO core_ledgerline (at, actor_name, event, record_kind, record_code, family_kind, from_state,
               to_state, reason, content_hash, request_id, data)
           VALUES ('2001-01-01', '', 'old', '', '', '', '', '', '', '', '', '{}')"""
    )
    assert LedgerLine.objects.get(event="old").at.year > 2020
    tamper(
        """INSERT INTO core_ledgerline (at, actor_name, event, record_kind, record_code, family_kind, from_state,
               to_state, reason, content_hash, request_id, data)
           VALUES ('2001-01-01', '', 'older', '', '', '', '', '', '', '', '', '{"demo": true}')"""
    )
    assert "bear a moment that somebody told" in found()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents_historicaldocument SET title = 'Never was'",
        "DELETE FROM documents_historicalversion",
        "DELETE FROM people_historicalperson",
        "UPDATE documents_decision SET by_name = 'Somebody else'",
        "DELETE FROM documents_review",
    ],
)
def test_history_and_decisions_are_not_written_anew(sound, statement):
    with pytest.raises(DatabaseError), transaction.atomic():
        tamper(statement)


def test_sound_portal_is_not_accused(sound, author, owner, approver):
    new_draft(author, owner, title="Another")
    assert sound.state == State.APPROVED
    assert found() == ""
