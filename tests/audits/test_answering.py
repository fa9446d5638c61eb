"""Answers: each saved by itself and once, beside what was said before and by others, never into a closed audit."""

import io
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from audits.answering import progress, save_answer
from audits.evidence import add_file, add_photo, add_record
from audits.models import Answer, Evidence, Finding, Grade
from audits.planning import start_audit
from audits.team import join, leave
from audits.writing_findings import finding_from_question
from core.lifecycle import Invalid, NotAllowed, Refused, WrongState
from tests.audits.runs import again, checklist_json, day, make_audit, make_checklist, running
from tests.cast import released

pytestmark = pytest.mark.django_db


@pytest.fixture
def checklist(author, owner, approver):
    return make_checklist(author, owner, approver)


@pytest.fixture
def audit(auditor, owner, checklist):
    return running(auditor, owner, checklist)


@pytest.fixture
def second(make_person):
    return make_person("Bo Second", "staff", "auditor")


def answer(audit, person, key="q-alarm", value="yes", **more):
    return save_answer(audit, key, {"value": value}, by=again(person), **more)


def test_answer_remembers_question_and_version(audit, auditor, checklist):
    kept = answer(audit, auditor).answer
    assert (kept.question.key, kept.question_version, kept.outcome) == (
        "q-alarm",
        checklist.version_in_force(),
        "passed",
    )


def test_answer_remembers_the_step_as_it_was(auditor, owner, author, approver):
    procedure = released(author, owner, approver).document
    step = procedure.parts.create(key="s-2", label="Set the alarm")
    linked = [{"key": "q", "type": "yes_no", "text": "Is it set?", "step": {"document": procedure.code, "key": "s-2"}}]
    audit = running(auditor, owner, make_checklist(author, owner, approver, checklist_json(linked)))
    kept = answer(audit, auditor, "q").answer
    assert (kept.step, kept.step_version) == (step, procedure.version_in_force())


def test_sent_twice_is_stored_once(audit, auditor):
    device = uuid.uuid4()
    assert answer(audit, auditor, answer_id=device).is_new
    assert not answer(audit, auditor, answer_id=device).is_new
    assert not answer(audit, auditor).is_new  # the same words again
    assert Answer.objects.count() == 1


def test_id_of_another_auditor_is_refused(audit, auditor, second):
    device = uuid.uuid4()
    answer(audit, auditor, answer_id=device)
    join(audit, second, by=again(auditor))
    with pytest.raises(Refused, match="somebody else"):
        answer(audit, second, answer_id=device)


def test_changed_answer_keeps_what_was_there(audit, auditor):
    answer(audit, auditor, note="Set to 3")
    answer(audit, auditor, value="no", note="Set to 9")
    kept = [(one.value, one.note, one.replaced_at is None) for one in Answer.objects.all()]
    assert kept == [("yes", "Set to 3", False), ("no", "Set to 9", True)]


def test_two_auditors_both_answers_stay(audit, auditor, second):
    join(audit, second, by=again(auditor))
    answer(audit, auditor)
    answer(audit, second, value="no")
    how_far = progress(audit)
    assert (how_far.answered, how_far.differing, how_far.outcomes) == (
        1,
        frozenset({"q-alarm"}),
        {"q-alarm": "failed"},
    )


def test_dependent_question_comes_and_goes(audit, auditor):
    assert progress(audit).total == 2
    answer(audit, auditor, value="no")
    assert [one.key for one in progress(audit).shown] == ["q-alarm", "q-temp", "q-why"]


def test_number_outside_its_limits_does_not_conform(audit, auditor):
    assert answer(audit, auditor, "q-temp", "9,5").answer.outcome == "failed"
    assert answer(audit, auditor, "q-temp", "−1").answer.value == "-1"
    assert answer(audit, auditor, "q-temp", "5.4").answer.outcome == "passed"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("q-temp", "5 °C", "without a unit"),
        ("q-temp", "warm", "Enter a number"),
        ("q-temp", "1e9", "without a unit"),
        ("q-temp", "NaN", "Enter a number"),
        ("q-temp", "9" * 40, "15 digits"),
        ("q-alarm", "maybe", "Choose yes"),
        ("q-alarm", "", "Answer the question"),
        ("q-alarm", "\x00", "Answer the question"),
        ("q-unknown", "yes", "not in the checklist"),
    ],
)
def test_what_is_no_answer_is_refused(audit, auditor, key, value, words):
    with pytest.raises(Invalid, match=words):
        answer(audit, auditor, key, value)
    assert not Answer.objects.exists()


@pytest.mark.parametrize("value", ["0000-01-01", "0001-01-01", "2026-02-30", "9999-12-31", "01.10.2026"])
def test_dates_nobody_means_are_refused(auditor, owner, author, approver, value):
    dated = make_checklist(author, owner, approver, checklist_json([{"key": "q", "type": "date", "text": "When?"}]))
    with pytest.raises(Invalid, match="date"):
        answer(running(auditor, owner, dated), auditor, "q", value)


def test_closed_audit_takes_no_answers(audit, auditor):
    audit.move("cancel", by=again(auditor), comment="Snow")
    with pytest.raises(Refused, match="Cancelled"):
        answer(audit, auditor)


def test_who_left_the_team_answers_no_more(audit, auditor, second):
    join(audit, second, by=again(auditor))
    answer(audit, second)
    leave(audit, second, by=again(auditor))
    with pytest.raises(NotAllowed, match="not on the team"):
        answer(audit, second, value="no")
    assert Answer.objects.get().answered_by == second


def test_device_clock_from_tomorrow_is_not_believed(audit, auditor):
    kept = answer(audit, auditor, answered_at=timezone.now() + timedelta(days=1)).answer
    assert kept.answered_at <= timezone.now()


def test_audit_starts_with_the_effective_version_only(auditor, owner, checklist, author):
    planned = make_audit(auditor, owner, None)
    with pytest.raises(Refused, match="Choose a checklist"):
        start_audit(planned, by=again(auditor))
    audit = running(auditor, owner, checklist)
    assert (audit.checklist_version, audit.question_count) == (checklist.version_in_force(), 3)
    with pytest.raises(WrongState):
        start_audit(audit, by=again(auditor))


def test_unanswered_questions_want_a_reason(audit, auditor):
    from audits.planning import finish_answering  # noqa: PLC0415

    answer(audit, auditor)
    with pytest.raises(Refused, match="1 questions are unanswered"):
        finish_answering(audit, by=again(auditor), comment="")
    finish_answering(audit, by=again(auditor), comment="The display was dark")
    assert (audit.state, audit.unanswered_reason) == ("reporting", "The display was dark")


def photo(size=(400, 300)) -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "green").save(out, "JPEG")
    return SimpleUploadedFile("IMG_1.jpg", out.getvalue(), "image/jpeg")


def test_photo_is_kept_clean_and_once(audit, auditor):
    device = uuid.uuid4()
    kept = add_photo(audit, "q-alarm", photo(), by=again(auditor), evidence_id=device, words="Panel at door 4")
    assert add_photo(audit, "q-alarm", photo(), by=again(auditor), evidence_id=device) == kept
    assert (kept.attachment.media_type, kept.attachment.purpose, Evidence.objects.count()) == (
        "image/jpeg",
        "evidence",
        1,
    )


@pytest.mark.parametrize("raw", [b"", b"MZ\x90", b"\xff\xd8\xff\xe0broken"])
def test_what_is_no_photo_leaves_nothing(audit, auditor, raw):
    with pytest.raises(Invalid):
        add_photo(audit, "q-alarm", SimpleUploadedFile("x.jpg", raw), by=again(auditor))
    assert not Evidence.objects.exists()


def test_file_of_a_wrong_type_leaves_nothing(audit, auditor):
    with pytest.raises(Refused):
        add_file(audit, "q-alarm", SimpleUploadedFile("tool.exe", b"MZ\x90\x00"), by=again(auditor))
    with pytest.raises(Refused, match="empty"):
        add_file(audit, "q-alarm", SimpleUploadedFile("x.pdf", b""), by=again(auditor))
    assert not Evidence.objects.exists()


def test_record_of_the_portal_is_evidence_with_its_own_day(audit, auditor, author, owner, approver):
    document = released(author, owner, approver, title="Calibration list").document
    kept = add_record(audit, "q-alarm", document.code.lower(), by=again(auditor))
    assert (kept.entry.code, kept.dated_on) == (document.code, timezone.localdate())
    with pytest.raises(Invalid, match="no record"):
        add_record(audit, "q-alarm", "NO-SUCH-1", by=again(auditor))
    with pytest.raises(Invalid, match="has not come"):
        add_record(audit, "q-alarm", document.code, by=again(auditor), dated_on=day(2))


def test_failed_item_becomes_a_finding_once(audit, auditor, owner):
    minor = Grade.objects.get(pk="minor")
    with pytest.raises(Invalid, match="did not fail"):
        finding_from_question(audit, "q-alarm", by=again(auditor), observation="x", grade=minor, owner=owner)
    kept = answer(audit, auditor, value="no", note="Set to 9 minutes").answer
    made = finding_from_question(audit, "q-alarm", by=again(auditor), observation="", grade=minor, owner=owner)
    twice = finding_from_question(audit, "q-alarm", by=again(auditor), observation="", grade=minor, owner=owner)
    assert (made, made.answer, made.state, made.observation) == (twice, kept, "open", "Set to 9 minutes")
    assert Finding.objects.count() == 1


def many(count: int) -> bytes:
    questions = [{"key": f"q-{n}", "type": "yes_no", "text": f"Is rule {n} kept?"} for n in range(count)]
    return checklist_json(questions, sections=4)


@pytest.mark.parametrize("count", [10, 1189])
def test_saving_costs_the_same_whatever_the_size(auditor, owner, author, approver, browse, count):
    audit = running(auditor, owner, make_checklist(author, owner, approver, many(count)))
    client = browse(auditor)
    headers = {"Accept": "application/json"}
    client.post(f"/audits/{audit.code}/run/q-1/answer/", {"value": "yes"}, headers=headers)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        saved = client.post(f"/audits/{audit.code}/run/q-1/answer/", {"value": "no"}, headers=headers)
    assert (saved.status_code, saved.json()["outcome"], saved.json()["total"]) == (200, "failed", count)
    asked = [one["sql"] for one in queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(asked) <= 10, asked
    with CaptureQueriesContext(connection) as queries:
        page = client.get(f"/audits/{audit.code}/run/")
    assert (page.status_code, len(queries) <= 15) == (200, True), [one["sql"][:200] for one in queries]


def test_damaged_forms_are_refused_in_words(audit, auditor, browse):
    client, address = browse(auditor), f"/audits/{audit.code}/run/q-alarm"
    headers = {"Accept": "application/json"}
    for path, sent, words in (
        ("answer", {"value": "yes", "answer_id": "no-uuid"}, "damaged"),
        ("answer", {"value": "yes", "note": "x" * 5_001}, "5,000"),
        ("evidence", {"record": audit.code, "dated_on": "0000-01-01"}, "Enter a date"),
        ("evidence", {"record": audit.code, "dated_on": "0001-01-01"}, "between 1900"),
        ("evidence", {}, "Choose a photo"),
    ):
        refused = client.post(f"{address}/{path}/", sent, headers=headers)
        assert (refused.status_code, words in refused.json()["error"]) == (422, True), refused.content
    assert not Answer.objects.exists()
    assert not Evidence.objects.exists()


def test_hidden_record_is_no_evidence(audit, auditor, second, author, owner, approver, make_person):
    hidden = released(author, owner, approver, audience="named", title="Secret").document
    officer = make_person("Olaf Officer", "staff", "officer")
    join(audit, officer, by=again(auditor))
    with pytest.raises(Invalid, match="no record"):
        add_record(audit, "q-alarm", hidden.code, by=again(officer))


def test_run_works_without_script(audit, auditor, outsider, browse):
    client = browse(auditor)
    refused = client.post(f"/audits/{audit.code}/run/q-temp/answer/", {"value": "5 °C", "note": "Display 2"})
    page = refused.content.decode()
    assert (refused.status_code, "without a unit" in page) == (422, True)
    assert 'value="5 °C"' in page
    assert "Display 2" in page
    saved = client.post(f"/audits/{audit.code}/run/q-temp/answer/", {"value": "5"})
    assert saved.url == f"/audits/{audit.code}/run/?section=s0#q-q-temp"
    following = client.get(f"/audits/{audit.code}/run/?next=")
    assert following.url.endswith("#q-q-alarm")
    assert browse(outsider).post(f"/audits/{audit.code}/run/q-temp/answer/", {"value": "5"}).status_code == 403


def test_last_audits_answer_stands_beside_the_question(auditor, owner, checklist, browse):
    from audits.planning import finish_answering  # noqa: PLC0415

    first = running(auditor, owner, checklist)
    answer(first, auditor, value="no", note="Set to 9 minutes")
    finish_answering(first, by=again(auditor), comment="Enough")
    second = running(auditor, owner, checklist)
    page = browse(auditor).get(f"/audits/{second.code}/run/").content.decode()
    assert f"Last time ({first.code}): No" in page
    assert 'value="no" checked' not in page
