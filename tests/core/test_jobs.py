"""Long work: asked, done once, resumed after a worker was killed, cancelled, seen by whom it concerns."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core import jobs
from core.jobs import LeaseLost, ask, forget_old, run_waiting, runs
from core.models import Job

pytestmark = pytest.mark.django_db

done: list[int] = []


class Killed(BaseException):
    """As if the process had been killed: nothing of the job's own code runs any more."""


@runs("test.count", label="Count")
def count(work):
    total = work.arguments["total"]
    for number in range(work.cursor.get("after", 0) + 1, total + 1):
        if number == work.arguments.get("die_at") and work.job.tries == 1:
            raise Killed
        done.append(number)
        work.job.done_count = number
        work.cursor["after"] = number
        work.save()
    return {"counted": total}


@runs("test.walk", label="Walk")
def walk(work):
    total = work.arguments["total"]
    for number in range(work.cursor.get("after", 0) + 1, total + 1):
        done.append(number)
        work.step(number, total, after=number)


@runs("test.fail", label="Fail")
def fail(work):
    raise ValueError("no such file")


@pytest.fixture(autouse=True)
def nothing_done():
    done.clear()


def silent_worker():
    """Time passes until the lease of a killed worker has run out."""
    Job.objects.filter(state="running").update(lease_until=timezone.now() - timedelta(seconds=1))


def test_work_is_done_once_with_progress_and_result(reader):
    job = ask("test.count", by=reader, total=3)
    assert run_waiting() == 1
    assert run_waiting() == 0
    job.refresh_from_db()
    assert (job.state, job.done_count, job.result) == ("done", 3, {"counted": 3})
    assert job.asked_by == reader


def test_flt_02_the_work_of_a_killed_worker_is_finished_once_by_the_next(reader):
    job = ask("test.count", by=reader, total=4, die_at=3)
    with pytest.raises(Killed):
        run_waiting()
    assert run_waiting() == 0  # its lease still runs: it might only be slow
    silent_worker()
    assert run_waiting() == 1
    job.refresh_from_db()
    assert (job.state, job.tries) == ("done", 2)
    assert "Interrupted" in job.message
    assert done == [1, 2, 3, 4]


def test_a_worker_that_was_only_slow_notices_that_another_took_over(reader):
    ask("test.count", by=reader, total=4, die_at=3)
    with pytest.raises(Killed):
        run_waiting()
    slow = jobs.Work(Job.objects.get())
    silent_worker()
    run_waiting()
    with pytest.raises(LeaseLost):
        slow.save()
    assert Job.objects.get().result == {"counted": 4}


def test_work_that_is_interrupted_again_and_again_is_given_up(reader):
    job = ask("test.count", by=reader, total=4)
    Job.objects.update(state="running", tries=jobs.MAX_TRIES, lease_until=timezone.now() - timedelta(seconds=1))
    run_waiting()
    job.refresh_from_db()
    assert job.state == "failed"


def test_a_failure_says_what_went_wrong(reader):
    job = ask("test.fail", by=reader)
    run_waiting()
    job.refresh_from_db()
    assert (job.state, job.message) == ("failed", "ValueError: no such file")


def test_waiting_work_can_be_stopped_and_running_work_stops_at_its_next_step(reader, client):
    client.force_login(reader)
    waiting = ask("test.count", by=reader, total=3)
    client.post(reverse("core:job-cancel", args=[waiting.pk]))
    assert run_waiting() == 0
    running = ask("test.count", by=reader, total=3, die_at=2)
    with pytest.raises(Killed):
        run_waiting()
    client.post(reverse("core:job-cancel", args=[running.pk]))
    silent_worker()
    run_waiting()
    running.refresh_from_db()
    assert running.state == "cancelled"
    assert done == [1]


def test_people_see_their_own_work_and_administrators_all(reader, outsider, administrator, client):
    job = ask("test.count", by=reader, total=3)
    for person, status in ((reader, 200), (outsider, 404), (administrator, 200)):
        client.force_login(person)
        assert client.get(job.get_absolute_url()).status_code == status
        assert ("Count" in client.get(reverse("core:jobs")).content.decode()) == (status == 200)


def test_the_page_asks_again_for_progress_until_the_work_is_over(reader, client):
    job = ask("test.count", by=reader, total=3)
    client.force_login(reader)
    assert 'hx-trigger="every 2s"' in client.get(job.get_absolute_url()).content.decode()
    run_waiting()
    fragment = client.get(job.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in fragment
    assert "<html" not in fragment


def test_finished_work_is_kept_for_thirty_days(reader):
    for days in (29, 31):
        ask("test.count", by=reader, total=1)
        run_waiting()
        Job.objects.filter(pk=Job.objects.latest("pk").pk).update(finished_at=timezone.now() - timedelta(days=days))
    forget_old()
    assert Job.objects.count() == 1


def test_work_of_an_unknown_kind_is_refused(reader):
    with pytest.raises(LookupError):
        ask("test.nothing", by=reader)


def test_work_pauses_when_its_worker_is_stopped_and_the_next_one_goes_on(reader):
    job = ask("test.walk", by=reader, total=4)
    assert run_waiting(stopping=lambda: len(done) == 2) == 1
    job.refresh_from_db()
    assert (job.state, job.done_count, job.tries, done) == ("waiting", 2, 0, [1, 2])
    assert run_waiting() == 1
    assert done == [1, 2, 3, 4]


def test_a_worker_that_is_stopped_begins_nothing_new(reader):
    ask("test.walk", by=reader, total=4)
    assert run_waiting(stopping=lambda: True) == 0


def test_flt_16_work_that_this_release_does_not_know_is_kept_for_one_that_does(reader):
    job = Job.objects.create(kind="test.newer", asked_by=reader, arguments={"total": 1})
    known = ask("test.walk", by=reader, total=1)
    assert run_waiting() == 1
    job.refresh_from_db()
    known.refresh_from_db()
    assert (job.state, known.state) == ("waiting", "done")
    Job.objects.filter(pk=job.pk).update(kind="test.walk")  # as if the newer worker had come
    assert run_waiting() == 1


def test_work_that_nobody_knows_for_a_week_has_failed_and_says_so(reader):
    job = Job.objects.create(kind="test.newer", asked_by=reader, arguments={})
    forget_old()
    job.refresh_from_db()
    assert job.state == "waiting"
    Job.objects.update(asked_at=timezone.now() - timedelta(days=8))
    forget_old()
    job.refresh_from_db()
    assert (job.state, "does not know" in job.message) == ("failed", True)
