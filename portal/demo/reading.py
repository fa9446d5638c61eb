"""What the demo's people have to read: a policy that nearly everybody has acknowledged, and a work instruction that is
read on the floor before it takes effect."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from core.kinds.changes import create
from core.signing import CLICK, Signature
from documents.models import Version
from people.models import Department, JobRole
from portal.demo import clock
from portal.demo.documents import PLANS, Plan
from portal.demo.life import Life
from training.acknowledging import acknowledge
from training.assigning import assign
from training.kinds import READING_RULE
from training.models import Reading

LEFT_UNREAD = {"POL-QUA-001": 2, "WI-QUA-001": 4}  # people who have not read the newest version yet
DAYS = 4  # in which the others read it


def plan_reading(life: Life) -> None:
    """Two rules, and what becomes of them with each version."""
    life.plan(clock.moment(1065, 9), lambda: _make_rules(life))
    for plan in PLANS:
        if plan.code in LEFT_UNREAD:
            for number in range(1, len(plan.editions) + 1):
                _plan_version(life, plan, number)


def _make_rules(life: Life) -> None:
    officer = life.people["officer"]
    everybody: dict[str, Any] = {
        "title": "Everybody reads the quality policy",
        "owner": officer,
        "document_type": "policy",
        "document_department": Department.objects.get(code="QUA"),
        "is_for_everyone": True,
        "window_days": 21,
    }
    dock: dict[str, Any] = {
        "title": "The dock reads the work instructions of Quality",
        "owner": life.people["sian.evans"],
        "document_type": "instruction",
        "document_department": Department.objects.get(code="QUA"),
        "job_roles": list(JobRole.objects.filter(name__in=("Dock operative", "Dock lead", "Quality technician"))),
        "window_days": 10,
    }
    for values in (everybody, dock):
        create(READING_RULE, values, by=officer)


def _plan_version(life: Life, plan: Plan, number: int) -> None:
    """A version is given to its readers when it was approved; every day a part of them acknowledges it."""
    approved = life.done_at(plan, plan.editions[number - 1])
    unread = LEFT_UNREAD[plan.code] if number == len(plan.editions) else 0

    def version() -> Version:
        return Version.objects.select_related("document__department").get(document__code=plan.code, sequence=number)

    life.plan(approved + timedelta(hours=1), lambda: assign(version()) and None)
    for day in range(1, DAYS + 1):
        moment = clock.on_workday(approved + timedelta(days=day, hours=3))
        if approved + timedelta(hours=1) < moment < timezone.now():
            life.plan(moment, lambda day=day: _acknowledge(version(), unread, day))


def _acknowledge(version: Version, unread: int, day: int) -> None:
    readings = list(Reading.objects.open().filter(version=version).select_related("person").order_by("person__name"))
    # Whom people sign in as in the demo have something left to read.
    readings.sort(key=lambda reading: reading.person.email.partition("@")[0] in ("staff", "owner", "officer"))
    left = max(0, len(readings) - unread)
    for reading in readings[: -(-left // (DAYS + 1 - day))]:
        signature = Signature(reading.person_id, str(reading.person), CLICK, timezone.now())
        acknowledge(reading, by=reading.person, signature=signature, seen_hash=version.manifest_hash)
