"""Everything about signing in is logged, and the audit log shows nobody what is hidden from them."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from core.models import LedgerLine
from processportal.secrets_at_rest import encrypt_stored
from tests.cast import PASSWORD, flat, released

pytestmark = pytest.mark.django_db
PAGE = "core:audit-log"


def events(**wanted):
    return list(LedgerLine.objects.filter(**wanted).order_by("id").values_list("event", flat=True))


def test_sign_in_failure_and_sign_out_do_not_go_unlogged(reader):
    client, address = Client(), reverse("account_login")
    client.post(address, {"login": reader.email, "password": "wrong"})
    client.post(address, {"login": reader.email, "password": PASSWORD})
    client.post(reverse("account_logout"))
    assert events(data__person=reader.pk) == ["sign_in_failed", "signed_in", "signed_out"]
    failed = LedgerLine.objects.get(event="sign_in_failed")
    assert (failed.actor, failed.data["email"]) == (None, reader.email)
    assert "wrong" not in str(failed.data)


def test_what_was_typed_as_an_unknown_address_is_not_logged(db):
    Client().post(reverse("account_login"), {"login": "secret@example.org", "password": "x"})
    line = LedgerLine.objects.get(event="sign_in_failed")
    assert "secret" not in str(line.data)


def test_change_of_password_and_failed_proof_do_not_go_unlogged(reader, browse):
    client = browse(reader)
    client.post(reverse("account_reauthenticate"), {"password": "wrong"})
    data = {"oldpassword": PASSWORD, "password1": "another long one 7", "password2": "another long one 7"}
    client.post(reverse("account_change_password"), data)
    assert {"reauthentication_failed", "password_changed"} <= set(events(data__person=reader.pk))


def test_hidden_record_is_not_asked_for_without_a_trace(author, owner, approver, reader, browse):
    document = released(author, owner, approver, audience="named").document
    client = browse(reader)
    address = reverse("documents:history", args=[document.code])
    assert client.get(address).status_code == 404
    assert client.get(address).status_code == 404
    assert client.get("/documents/NO-SUCH-1/").status_code == 404
    [line] = LedgerLine.objects.filter(event="hidden_record_refused")
    assert (line.actor, line.data["address"]) == (reader, address)
    assert events(event="address_not_found") == ["address_not_found"]


def test_audit_log_is_not_read_by_others(author, owner, reader, auditor, administrator, browse):
    for person, status in ((auditor, 200), (administrator, 200), (author, 403), (owner, 403), (reader, 403)):
        for address in (reverse(PAGE), reverse("core:audit-log-file", args=["csv"])):
            assert browse(person).get(address).status_code == status, (person, address)


def test_audit_log_does_not_show_an_administrator_what_is_confidential(
    author, owner, approver, auditor, administrator, browse
):
    document = released(author, owner, approver, title="Canary", audience="named").document
    assert browse(administrator).get(document.get_absolute_url()).status_code == 404  # its address is logged
    for name, more in ((PAGE, []), ("core:audit-log-file", ["csv"])):
        address = reverse(name, args=more)
        assert document.code in browse(auditor).get(address).content.decode()
        assert document.code not in browse(administrator).get(address).content.decode()
    by_number = reverse(PAGE) + f"?record={document.code}"
    assert "Nothing matches" in browse(administrator).get(by_number).content.decode()
    assert "decided:approve" in browse(auditor).get(by_number).content.decode()


def test_audit_log_is_filtered_by_person_area_and_time(author, owner, approver, auditor, browse):
    released(author, owner, approver)
    client = browse(auditor)
    page = flat(client.get(reverse(PAGE) + f"?person={approver.email}&area=decisions").content.decode())
    assert "decided:approve" in page
    assert "submit" not in page.partition("<tbody>")[2]
    assert "Nothing matches" in client.get(reverse(PAGE) + "?last=2001-01-01").content.decode()
    assert client.get(reverse(PAGE) + "?person=Nobody").status_code == 422


def test_result_of_verify_is_not_hidden(auditor, browse, settings, tmp_path):
    settings.PORTAL_LEDGER_ANCHOR = tmp_path / "ledger.anchor"
    client = browse(auditor)
    assert "has not been verified yet" in client.get(reverse(PAGE)).content.decode()
    with pytest.raises(SystemExit):
        call_command("verify")  # the people of the tests came without a line in the audit log
    assert "has powers that the audit log does not tell of" in client.get(reverse(PAGE)).content.decode()


def test_secret_of_a_second_step_is_not_readable_in_the_database(reader):
    secret = generate_totp_secret()
    kept = TOTP.activate(reader, secret).instance
    kept.refresh_from_db()
    assert secret not in str(kept.data)
    assert kept.data["secret"].startswith("enc1:")
    plain = Authenticator.objects.create(
        user=reader, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "abcdef", "used_mask": 0}
    )
    assert encrypt_stored() == 1
    plain.refresh_from_db()
    assert plain.data["seed"].startswith("enc1:")
    assert authenticate(email=reader.email, password=PASSWORD) is not None
