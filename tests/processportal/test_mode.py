"""Whether a portal is a demo is a property of its data. Each test is named for what must not happen."""

import pytest
from django.urls import reverse

from core import demo
from core.ledger import record_line
from portal.demo.sign_ins import Outcome
from processportal import reset_demo, run
from processportal.services import beforehand
from processportal.services.mode import DEMO, LIVE, decide, mode_of
from tests.cast import PASSWORD


@pytest.fixture
def started(tmp_path, monkeypatch):
    """started("0") → what `make run DEMO=0` decides, as PORTAL_DEMO; None: without DEMO."""

    def start(wanted=None, outcome=None):
        monkeypatch.delenv("DEMO", raising=False)
        if wanted is not None:
            monkeypatch.setenv("DEMO", wanted)
        if outcome is not None:
            (tmp_path / beforehand.DEMO_NOTE).write_text(outcome.value)
        return run._decided(tmp_path)

    return start


def test_portal_made_without_the_demo_never_becomes_one(started, tmp_path):
    assert started("0") == "0"
    assert mode_of(tmp_path) == LIVE
    assert started() == "0"
    with pytest.raises(SystemExit, match="never becomes one"):
        started("1")
    decide(tmp_path, DEMO)
    assert mode_of(tmp_path) == LIVE


def test_portal_that_somebody_works_with_does_not_become_a_demo(started, tmp_path):
    assert started(outcome=Outcome.IN_USE) == "0"
    assert mode_of(tmp_path) == LIVE


def test_demo_stays_a_demo_when_it_is_switched_off_for_once(started, tmp_path):
    assert started(outcome=Outcome.MADE) == "1"
    assert started("0") == "0"
    assert mode_of(tmp_path) == DEMO
    assert started() == "1"


def test_portal_that_is_no_demo_is_not_reset(tmp_path, monkeypatch):
    decide(tmp_path, LIVE)
    monkeypatch.setenv("PORTAL_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(SystemExit, match="is no demo"):
        reset_demo.main()


@pytest.mark.django_db
def test_real_data_do_not_open_the_mailbox_whatever_the_settings_say(settings, reader, make_person, browse):
    settings.PORTAL_DEMO = True
    demo.forget()
    assert browse(reader).get(reverse("core:mailbox")).status_code == 200
    record_line(reader, "first_administrator", by=reader)
    demo.forget()
    assert browse(reader).get(reverse("core:mailbox")).status_code == 404
    ghost = make_person("Demo Ghost", "staff", email="ghost@demo.example")
    answer = browse(reader).post(reverse("account_login"), {"login": ghost.email, "password": PASSWORD})
    assert answer.status_code != 500
    demo.forget()
