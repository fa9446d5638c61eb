"""The door closes after wrong tries: it is kept, administrators are told, and nobody locks out somebody else."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from core import organisation
from core.models import LedgerLine, Notice, Organisation, OutboxMessage
from people.first_administrator import setup_token
from people.invitations import add_person, send_link
from people.models import ApiToken, Person
from processportal.demo_people import cut_off
from tests.cast import PASSWORD
from tests.passkey import Passkey

SECRET = "JBSWY3DPEHPK3PXP"
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.99"


@pytest.fixture(autouse=True)
def _no_earlier_tries(db):
    cache.clear()


def attempt(client, email, password="wrong", address=HERE):  # noqa: S107
    return client.post(reverse("account_login"), {"login": email, "password": password}, REMOTE_ADDR=address)


class TestClosing:
    def test_it_is_kept_once_and_the_administrator_is_told(self, client, reader, administrator):
        for _try in range(12):
            attempt(client, reader.email.upper())
        line = LedgerLine.objects.get(event="sign_in_locked")
        assert (line.record_id, line.data) == (reader.pk, {"email": reader.email, "from": HERE})
        notice = Notice.objects.get(person=administrator, topic="security")
        assert HERE in notice.text

    def test_four_wrong_tries_leave_no_trace_of_closing(self, client, reader, administrator):
        for _try in range(4):
            attempt(client, reader.email)
        attempt(client, reader.email, PASSWORD)
        assert not LedgerLine.objects.filter(event="sign_in_locked").exists()

    def test_the_person_comes_in_from_elsewhere_meanwhile(self, client, reader, administrator):
        for _try in range(8):
            attempt(client, reader.email)
        attempt(client, reader.email, PASSWORD, ELSEWHERE)
        assert client.session["_auth_user_id"] == str(reader.pk)

    def test_guessing_addresses_does_not_fill_the_notices(self, client, reader, administrator):
        for _try in range(8):
            attempt(client, "nobody@example.org")
        assert LedgerLine.objects.filter(event="sign_in_locked", record_id=None).count() == 1
        assert not Notice.objects.exists()

    def test_from_two_places_there_are_two_lines_and_one_notice_an_hour(self, client, reader, administrator):
        for address in (HERE, ELSEWHERE):
            for _try in range(6):
                attempt(client, reader.email, address=address)
        assert LedgerLine.objects.filter(event="sign_in_locked").count() == 2
        assert Notice.objects.filter(person=administrator).count() == 1


def right_code():
    return format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time())))


def second(client, code, address=HERE):
    return client.post(reverse("mfa_authenticate"), {"code": code}, REMOTE_ADDR=address)


class TestSecondStep:
    """Who knows a password and guesses at the second step is stopped, alone, and the administrators hear of it."""

    @pytest.fixture(autouse=True)
    def _with_a_second_step(self, reader):
        TOTP.activate(reader, SECRET)
        RecoveryCodes.activate(reader)

    def past_the_password(self, person, address=HERE):
        client = Client()
        attempt(client, person.email, PASSWORD, address)
        return client

    def guess(self, person, times, address=HERE, code="000000"):
        client = self.past_the_password(person, address)
        for _try in range(times):
            page = second(client, code, address)
        return client, page

    @pytest.mark.parametrize("guessed", ["000000", "12345678"], ids=["code", "recovery code"])
    def test_after_five_wrong_ones_the_right_one_waits_and_administrators_are_told(
        self, reader, administrator, guessed
    ):
        guesser, _page = self.guess(reader, 5, code=guessed)
        page = second(guesser, right_code())
        assert "_auth_user_id" not in guesser.session
        assert b"Wait five minutes" in page.content
        line = LedgerLine.objects.get(event="second_step_locked")
        assert (line.record_id, line.data) == (reader.pk, {"email": reader.email, "from": HERE})
        assert "got past the password of Rita Reader" in Notice.objects.get(person=administrator).text

    def test_a_wrong_passkey_counts_too(self, reader, administrator):
        Passkey().enrol(reader)
        client = self.past_the_password(reader)
        for _try in range(6):
            asked = client.get(reverse("mfa_authenticate"), REMOTE_ADDR=HERE).context["js_data"]["request_options"]
            answer = Passkey().answer(asked)  # of another device
            page = client.post(reverse("mfa_authenticate"), {"credential": answer}, REMOTE_ADDR=HERE)
        assert b"Wait five minutes" in page.content
        assert LedgerLine.objects.filter(event="second_step_locked").count() == 1

    def test_the_person_comes_in_from_elsewhere_meanwhile(self, reader, administrator):
        self.guess(reader, 9)
        there = self.past_the_password(reader, ELSEWHERE)
        second(there, right_code(), ELSEWHERE)
        assert there.session["_auth_user_id"] == str(reader.pk)

    def test_a_right_one_does_not_count_and_does_not_clear_the_count(self, reader, administrator):
        self.guess(reader, 4)
        there = self.past_the_password(reader)
        second(there, right_code())
        assert there.session["_auth_user_id"] == str(reader.pk)
        _guesser, page = self.guess(reader, 2)
        assert b"Wait five minutes" in page.content


class TestDemoPeople:
    @pytest.fixture
    def officer(self, make_person):
        return make_person("Demo Officer", "staff", email="officer@demo.example")

    def test_where_the_demo_is_switched_off_sessions_tokens_and_feeds_end(self, client, officer, reader, settings):
        settings.PORTAL_DEMO = True
        client.force_login(officer, backend="allauth.account.auth_backends.AuthenticationBackend")
        _token, text = ApiToken.make(officer, name="script")
        _other, kept = ApiToken.make(reader, name="script")
        feed = officer.feed_secret
        assert cut_off() == 0
        assert client.get(reverse("people:list")).status_code == 200
        settings.PORTAL_DEMO = False
        assert cut_off() == 1
        assert client.get(reverse("people:list")).status_code == 302
        assert client.get("/api/documents", headers={"Authorization": f"Bearer {text}"}).status_code == 401
        assert client.get("/api/documents", headers={"Authorization": f"Bearer {kept}"}).status_code == 200
        assert Person.objects.get(pk=officer.pk).feed_secret != feed
        assert Person.objects.get(pk=officer.pk).is_active
        assert LedgerLine.objects.get(event="demo_people_cut_off").data == {"people": 1}

    def test_without_demo_people_nothing_is_written(self, reader, settings):
        settings.PORTAL_DEMO = False
        assert cut_off() == 0
        assert not LedgerLine.objects.filter(event="demo_people_cut_off").exists()


class TestOrganisation:
    @pytest.fixture
    def form(self, settings):
        settings.PORTAL_ORGANISATION = organisation.UNNAMED
        return {
            "organisation": "Hafenkontor AG",
            "name": "Ada First",
            "email": "ada@example.org",
            "password": "four words in a row",
            "again": "four words in a row",
            "language": "en",
            "time_zone": "Europe/Berlin",
        }

    def test_set_up_asks_for_its_name_and_every_page_and_mail_shows_it(self, client, form, settings):
        address = reverse("people:setup-form", args=[setup_token()])
        assert client.post(address, form | {"organisation": ""}).status_code == 422
        assert client.post(address, form).status_code == 302
        assert b"Hafenkontor AG" in client.get(reverse("account_login")).content
        assert LedgerLine.objects.get(event="organisation_named").data == {"name": ["", "Hafenkontor AG"]}
        ada = Person.objects.get()
        send_link(add_person(by=ada, email="bo@example.org", name="Bo", values={}), by=ada)
        assert "Process Portal of Hafenkontor AG" in OutboxMessage.objects.get().text

    def test_what_the_settings_say_goes_first_and_is_not_asked_for(self, client, form, settings):
        settings.PORTAL_ORGANISATION = "Kontor by settings"
        address = reverse("people:setup-form", args=[setup_token()])
        assert b"Name of the organisation" not in client.get(address).content
        assert client.post(address, {k: v for k, v in form.items() if k != "organisation"}).status_code == 302
        assert not Organisation.objects.exists()
        assert b"Kontor by settings" in client.get(reverse("account_login")).content

    def test_a_portal_without_a_name_does_not_call_itself_its_owner(self, administrator, settings):
        settings.PORTAL_ORGANISATION = organisation.UNNAMED
        send_link(add_person(by=administrator, email="bo@example.org", name="Bo", values={}), by=administrator)
        assert "Process Portal of" not in OutboxMessage.objects.get().text

    def test_an_invitation_is_one_row_and_loses_its_link_once_delivered(self, administrator):
        invitation = send_link(
            add_person(by=administrator, email="bo@example.org", name="Bo", values={}), by=administrator
        )
        assert OutboxMessage.objects.get().key == f"direct:invitation:{invitation.pk}"
