"""Accounts through their life: invited, changed, closed, opened again, handed over."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from core.ledger import lines_of
from core.lifecycle import NotAllowed, Refused
from core.models import LedgerLine, Notice, OutboxMessage
from documents.models import Document
from people import leaving
from people.changing import change_person
from people.confirming import confirm
from people.forms import GROUP_WORDS
from people.invitations import accept, open_invitation, send_link
from people.leaving import deactivate, holdings_of, reactivate
from people.models import ApiToken, Confirmation, Delegation, Invitation, Person
from processportal.json_log import JsonFormatter
from tests.cast import PASSWORD, released


@pytest.fixture
def superuser(make_person):
    return make_person("Ruth Root", "administrator", is_superuser=True, is_staff=True)


def events(person):
    return [line.event for line in lines_of(person)][::-1]


def invited(client, administrator, **fields):
    client.force_login(administrator)
    data = {"name": "Nina New", "email": "Nina.New@example.org", "groups": ["staff"], "language": "en", **fields}
    return client.post(reverse("people:invite"), data)


def link_in(message):
    return re.search(r"https?://\S+(/invitation/\S+/)", message.text).group(1)


def test_an_administrator_invites_and_the_link_sets_a_password_once(client, administrator, owner, department):
    answer = invited(client, administrator, manager=owner.email, department=department.pk)
    person = Person.objects.get(email="nina.new@example.org")
    assert answer.url == reverse("people:page", args=[person.pk])
    assert person.is_invited
    assert person.manager == owner
    message = OutboxMessage.objects.get(recipient=person.email)
    link = link_in(message)
    client.logout()
    assert client.get(link).status_code == 200
    answer = client.post(link, {"password": "many good words here", "again": "many good words here"})
    assert answer.status_code == 302
    person.refresh_from_db()
    assert person.check_password("many good words here")
    assert events(person) == ["person_added", "password_link_sent", "password_set"]
    assert client.get(link).status_code == 410
    again = client.post(link, {"password": "another good word", "again": "another good word"})
    assert again.status_code == 410
    person.refresh_from_db()
    assert person.check_password("many good words here")


def test_inviting_again_ends_the_earlier_link(client, administrator):
    invited(client, administrator)
    person = Person.objects.get(email="nina.new@example.org")
    first = link_in(OutboxMessage.objects.get(recipient=person.email))
    client.post(reverse("people:new-link", args=[person.pk]))
    second = link_in(OutboxMessage.objects.filter(recipient=person.email).order_by("-id")[0])
    client.logout()
    assert first != second
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200


def test_a_link_ends_after_seven_days(administrator, reader):
    invitation = send_link(reader, by=administrator)
    assert timedelta(days=6, hours=23) < invitation.expires_at - timezone.now() <= timedelta(days=7)
    token = link_in(OutboxMessage.objects.get(key=f"direct:invitation:{invitation.pk}")).split("/")[-2]
    assert open_invitation(token) == invitation
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert open_invitation(token) is None
    assert accept(token, password="many good words here") is None


def test_a_weak_password_is_refused_and_the_link_still_works(client, administrator):
    invited(client, administrator)
    link = link_in(OutboxMessage.objects.get(recipient="nina.new@example.org"))
    client.logout()
    answer = client.post(link, {"password": "short", "again": "short"})
    assert answer.status_code == 422
    assert client.get(link).status_code == 200


def test_an_address_that_is_taken_is_refused_with_a_message_at_the_field(client, administrator, reader):
    answer = invited(client, administrator, email=reader.email.upper())
    assert answer.status_code == 422
    assert b"Somebody has this address already" in answer.content


def test_a_change_is_kept_with_what_it_was_before_and_twice_is_once(
    administrator, reader, other_department, department
):
    assert change_person(reader, by=administrator, values={"department": other_department, "name": "Rita R"})
    line = LedgerLine.objects.get(event="person_changed")
    assert line.actor == administrator
    assert line.data == {"department": ["Inbound", "Finance"], "name": ["Rita Reader", "Rita R"]}
    assert reader.history.first().history_user == administrator
    assert change_person(reader, by=administrator, values={"department": other_department}) == []
    assert LedgerLine.objects.filter(event="person_changed").count() == 1


def test_moving_somebody_changes_at_once_what_opens_for_them(administrator, reader, other_department):
    change_person(reader, by=administrator, values={"department": other_department})
    assert f"department:{other_department.pk}" in set(Person.objects.get(pk=reader.pk).keys())


def test_deactivation_ends_the_session_with_the_next_request(client, administrator, reader):
    client.force_login(reader)
    assert client.get(reverse("people:list")).status_code == 200
    deactivate(reader, by=administrator, reason="left the company")
    assert client.get(reverse("people:list")).status_code == 302
    assert LedgerLine.objects.get(event="person_deactivated").reason == "left the company"
    assert Person.objects.filter(pk=reader.pk, is_active=False).exists()


def test_reactivation_does_not_bring_an_old_session_back(client, administrator, reader):
    client.force_login(reader)
    deactivate(reader, by=administrator, reason="on leave")
    person = reactivate(reader, by=administrator, reason="is back")
    assert person.is_active
    assert client.get(reverse("people:list")).status_code == 302
    assert client.login(email=reader.email, password=PASSWORD)


def test_a_reason_is_asked_for(client, administrator, reader):
    client.force_login(administrator)
    answer = client.post(reverse("people:deactivate", args=[reader.pk]), {"reason": " "})
    assert answer.status_code == 422
    assert Person.objects.get(pk=reader.pk).is_active


def test_nobody_closes_their_own_account_and_the_last_administrator_stays(administrator):
    with pytest.raises(Refused, match="own account"):
        deactivate(administrator, by=administrator, reason="x")
    with pytest.raises(Refused, match="last administrator"):
        deactivate(administrator, by=None, reason="x")
    with pytest.raises(Refused, match="last administrator"):
        change_person(administrator, by=administrator, values={"groups": ["staff"]})
    assert Person.objects.administrators().get() == administrator


def test_an_administrator_may_open_the_configuration_and_loses_it_with_the_group(administrator, superuser, reader):
    change_person(reader, by=administrator, values={"groups": ["staff", "administrator"]})
    assert Person.objects.get(pk=reader.pk).is_staff
    change_person(Person.objects.get(pk=reader.pk), by=administrator, values={"groups": ["staff"]})
    assert not Person.objects.get(pk=reader.pk).is_staff


def test_what_a_leaver_held_is_listed_and_handed_over(administrator, owner, reader, approver):
    change_person(reader, by=administrator, values={"manager": owner})
    today = timezone.localdate()
    Delegation.objects.create(person=reader, delegate=owner, starts_on=today, ends_on=today + timedelta(days=3))
    deactivate(owner, by=administrator, reason="left")
    names = [holding.name for holding, _held in holdings_of(owner, seen_by=administrator)]
    assert names == ["reports", "delegations"]
    moved = leaving.hand_over(owner, to=approver, by=administrator, names=names)
    assert moved == {"reports": 1, "delegations": 1}
    reader.refresh_from_db()
    assert reader.manager == approver
    confirm(Confirmation.objects.get(), by=reader)  # who is away says whether the other may stand in
    assert Delegation.objects.active().get(person=reader).delegate == approver
    assert holdings_of(owner, seen_by=administrator) == []


def test_after_deactivating_the_administrator_is_led_to_hand_over(client, administrator, owner, reader, approver):
    change_person(reader, by=administrator, values={"manager": owner})
    client.force_login(administrator)
    answer = client.post(reverse("people:deactivate", args=[owner.pk]), {"reason": "left"}, follow=True)
    assert b"Rita Reader" in answer.content
    answer = client.post(
        reverse("people:hand-over", args=[owner.pk]), {"to": approver.email, "names": ["reports"]}, follow=True
    )
    assert answer.status_code == 200
    assert Person.objects.get(pk=reader.pk).manager == approver


class TestNeg14:
    """A limited administrator reaches no account that stands above their own."""

    @pytest.mark.parametrize("name", ["change", "new-link", "deactivate", "reactivate", "hand-over", "delegation"])
    def test_every_page_about_a_superuser_is_refused(self, client, administrator, superuser, name):
        client.force_login(administrator)
        address = reverse(f"people:{name}", args=[superuser.pk])
        assert client.post(address, {"reason": "x", "groups": ["staff"]}).status_code == 403
        assert LedgerLine.objects.filter(actor=administrator, event__startswith="refused:").exists()
        superuser.refresh_from_db()
        assert superuser.is_active
        assert not OutboxMessage.objects.filter(person=superuser).exists()

    def test_the_verbs_refuse_as_well(self, administrator, superuser):
        with pytest.raises(NotAllowed):
            change_person(superuser, by=administrator, values={"email": "mine@example.org"})
        with pytest.raises(NotAllowed):
            send_link(superuser, by=administrator)
        with pytest.raises(NotAllowed):
            deactivate(superuser, by=administrator, reason="x")

    @pytest.mark.parametrize("name", ["change", "new-link", "deactivate", "reactivate", "hand-over", "delegation"])
    def test_who_is_no_administrator_is_refused_everywhere(self, client, author, reader, name):
        client.force_login(author)
        answer = client.post(reverse(f"people:{name}", args=[reader.pk]), {"reason": "x"})
        assert answer.status_code == 403
        assert Person.objects.get(pk=reader.pk).is_active


class TestNeg16:
    """A deactivated person is refused from the next request on, everywhere."""

    def test_session_link_reset_and_private_address(self, client, administrator, reader):
        client.force_login(reader)
        send_link(reader, by=administrator)
        link = link_in(OutboxMessage.objects.get(person=reader))
        secret = reader.feed_secret
        _token, text = ApiToken.make(reader, name="script")
        assert ApiToken.find(text)
        deactivate(reader, by=administrator, reason="left")
        assert client.get(reverse("people:preferences")).status_code == 302
        assert client.get(link).status_code == 410
        assert not client.login(email=reader.email, password=PASSWORD)
        person = Person.objects.get(pk=reader.pk)
        assert person.feed_secret != secret
        assert person.keys() == []
        assert ApiToken.find(text) is None
        reactivate(person, by=administrator, reason="is back")
        assert ApiToken.find(text) is None

    def test_a_group_that_was_taken_away_counts_no_more(self, client, administrator, make_person):
        second = make_person("Ben Second", "administrator", "staff")
        client.force_login(second)
        assert client.get(reverse("people:invite")).status_code == 200
        change_person(second, by=administrator, values={"groups": ["staff"]})
        assert client.get(reverse("people:invite")).status_code == 403

    def test_a_reset_link_that_was_sent_before_is_dead(self, client, administrator, reader):
        client.post(reverse("account_reset_password"), {"email": reader.email})
        message = OutboxMessage.objects.get(recipient=reader.email)
        link = re.search(r"https?://[^/]+(/accounts/\S+)", message.text).group(1)
        assert client.get(link, follow=True).status_code == 200
        deactivate(reader, by=administrator, reason="left")
        client.cookies.clear()
        page = client.get(link, follow=True)
        assert b"new-password" not in page.content


def test_neg_14_the_old_address_hears_of_the_new_one_and_opens_nothing_any_more(client, administrator, reader):
    """Who came by single sign-on has addresses with the sign-in package as well, and by each of them a way in."""
    old = reader.email
    EmailAddress.objects.create(user=reader, email=old, verified=True, primary=True)
    change_person(reader, by=administrator, values={"email": "rita@new.example.org"})
    told = OutboxMessage.objects.get(recipient=old)
    assert "Ada Min has changed the address" in told.text
    assert "rita@new.example.org" in told.text
    OutboxMessage.objects.all().delete()
    client.post(reverse("account_reset_password"), {"email": old})
    assert not OutboxMessage.objects.filter(person=reader).exists()
    client.post(reverse("account_login"), {"login": old, "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    client.post(reverse("account_login"), {"login": "rita@new.example.org", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(reader.pk)


def test_neg_14_who_is_stood_in_for_hears_of_it_when_somebody_else_arranged_it(
    client, administrator, owner, approver, reader
):
    """Who stands in for an approver reads and decides in their name."""
    client.force_login(administrator)
    today = timezone.localdate()
    data = {"to": administrator.email, "starts_on": today, "ends_on": today}
    assert client.post(reverse("people:delegation", args=[approver.pk]), data).status_code == 422
    client.post(reverse("people:delegation", args=[approver.pk]), data | {"to": reader.email})
    said = Notice.objects.get(person=approver).text
    assert said.startswith("Ada Min asks you to confirm: Rita Reader is delegate of Quinn Approver from ")
    client.force_login(owner)
    client.post(reverse("people:my-delegation"), data | {"to": approver.email})
    assert not Notice.objects.filter(person=owner).exists()


def test_neg_14_standing_in_is_handed_over_as_openly_as_it_is_arranged(
    administrator, superuser, owner, reader, approver
):
    """Else whoever hands over would get somebody behind an account that stands above their own, without a trace."""
    today = timezone.localdate()
    for away in (superuser, owner):
        Delegation.objects.create(person=away, delegate=reader, starts_on=today - timedelta(days=3), ends_on=today)
    assert leaving.hand_over(reader, to=approver, by=administrator, names=["delegations"]) == {"delegations": 1}
    assert Delegation.objects.active().get(person=superuser).delegate == reader
    assert not Delegation.objects.active().filter(person=owner).exists()
    confirm(Confirmation.objects.get(), by=owner)
    assert Delegation.objects.active().get(person=owner).delegate == approver
    keys = Person.objects.get(pk=approver.pk).keys()
    assert f"person:{superuser.pk}" not in keys
    assert set(events(owner)) >= {"delegated", "delegation_ended", "confirmation_confirmed"}


def test_a_link_that_still_works_stands_in_no_log(client, administrator, reader, caplog):
    """A password that is too short is answered with 422, and Django writes the address of every such answer."""
    send_link(reader, by=administrator)
    link = link_in(OutboxMessage.objects.get(person=reader))
    feed = reverse("actions:feed", args=[reader.feed_secret])
    assert client.post(link, {"password": "short", "again": "short"}).status_code == 422
    assert client.post(feed).status_code == 405
    written = "".join(JsonFormatter().format(line) for line in caplog.records)
    assert "/invitation/…" in written
    assert "/feeds/…" in written
    assert link.split("/")[-2] not in written
    assert reader.feed_secret not in written


def test_who_makes_somebody_an_auditor_is_told_what_that_opens(auditor, author, owner, approver):
    """docs/decisions/0008: auditors see what is confidential."""
    secret = released(author, owner, approver, audience="named").document
    assert Document.objects.visible_to(auditor).filter(pk=secret.pk).exists()
    assert "also what is confidential" in str(GROUP_WORDS["auditor"])


def test_a_token_is_made_and_ended_with_a_trace_and_its_person_hears_of_it(reader, capsys):
    call_command("create_token", reader.email, "--scope", "write", "--name", "Nightly export")
    text = capsys.readouterr().out.strip()
    assert ApiToken.find(text).person == reader
    assert events(reader) == ["token_made"]
    assert text not in str(lines_of(reader).get().data)
    assert "“Nightly export”" in Notice.objects.get(person=reader).text
    call_command("create_token", reader.email, "--revoke")
    assert ApiToken.find(text) is None
    assert events(reader) == ["token_made", "tokens_ended"]
