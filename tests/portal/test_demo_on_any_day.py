"""The demo is the same on whatever day it is made: weekends, a leap day, the last of the year, clock changes."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from actions.models import Task
from documents.models import Document
from people.models import Person

WEEK = [f"2026-11-{day} 10:30" for day in range(23, 30)]  # Monday to Sunday
TWO_YEARS_AFTER_28_FEBRUARY = -1  # no day two years before 29 February falls due on it
DAYS = [*WEEK, "2028-02-29 10:30", "2026-12-31 23:30", "2027-03-28 00:30", "2027-03-28 01:30", "2027-10-31 00:59"]


@pytest.mark.django_db
@pytest.mark.parametrize("moment", DAYS)
def test_what_waits_is_due_on_the_same_days(moment: str, settings: Any, tmp_path: Path) -> None:
    settings.PORTAL_DEMO, settings.PORTAL_DEMO_PASSWORD = True, "demo-of-the-tests"
    settings.PORTAL_LEDGER_ANCHOR = tmp_path / "anchor"
    with time_machine.travel(datetime.fromisoformat(f"{moment}+00:00"), tick=False):
        call_command("demo", verbosity=0)
        today = timezone.localdate()
        approver = Person.objects.get(email="approver@demo.example")
        decisions = Task.objects.waiting_for(approver).filter(kind="decide").select_related("entry")
        reviews = Document.objects.exclude(review_due_on=None).values_list("code", "review_due_on")
        assert {task.entry.code: (timezone.localdate(task.due_at) - today).days for task in decisions} == {
            "MAP-INB-003": 0,
            "SOP-QUA-001": 0,
            "SOP-TRA-001": -3,
        }
        assert {code: (day - today).days for code, day in reviews if (day - today).days < 7} == {
            "SOP-INB-002": -12,
            "SOP-OUT-002": TWO_YEARS_AFTER_28_FEBRUARY if (today.month, today.day) == (2, 29) else 0,
            "SOP-FIN-002": 6,
        }
