"""Where the demo may not be made, nothing is made."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from people.models import Department, Person
from portal.demo.sign_ins import Outcome
from processportal import run
from processportal.services.beforehand import DEMO_NOTE


def test_outside_the_demo_the_command_refuses(db: None) -> None:
    with override_settings(PORTAL_DEMO=False), pytest.raises(CommandError):
        call_command("demo")
    assert not Person.objects.exists()
    assert not Department.objects.exists()


def test_a_portal_in_use_is_left_alone_and_no_sign_ins_are_printed(
    reader: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_DEMO_PASSWORD", "demo-of-the-tests")
    monkeypatch.setenv("PORTAL_DEMO", "0")
    with override_settings(PORTAL_DEMO=True, PORTAL_DEMO_PASSWORD="demo-of-the-tests"):
        call_command("demo", verbosity=0, note=tmp_path / DEMO_NOTE)
    assert list(Person.objects.all()) == [reader]
    run._tell_address(tmp_path, 8000, 1.0)
    said = capsys.readouterr().out
    assert "Somebody works with this portal already" in said
    assert "demo.example" not in said
    (tmp_path / DEMO_NOTE).write_text(Outcome.MADE.value)
    monkeypatch.setenv("PORTAL_DEMO", "1")
    run._tell_address(tmp_path, 8000, 1.0)
    assert "officer@demo.example" in capsys.readouterr().out
