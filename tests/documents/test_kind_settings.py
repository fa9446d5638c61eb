"""The settings of a kind are kept on a page: by administrators alone, with a trace."""

import pytest
from django.urls import reverse

from core.lifecycle import NotAllowed
from core.models import LedgerLine
from documents.kind_rules import FIELDS, fingerprint, reminder_words, save_kind
from documents.models import KindSettings
from tests.cast import new_draft

USUAL = {
    "signing": "signature",
    "review_months": 24,
    "retention_years": 10,
    "remind_days_before": 14,
    "weekly_after": "on",
    "escalate_after_days": 14,
}


def address(kind="sop"):
    return reverse("documents:kind", args=[kind])


def sent(kind="sop", **values):
    return {**USUAL, "seen": fingerprint(KindSettings.of(kind)), **values}


def test_an_administrator_changes_a_kind_and_it_holds_at_once(browse, administrator, author, owner):
    answer = browse(administrator).post(address(), sent(signing="click", review_months=6, escalate_after_days=30))
    assert answer.status_code == 302
    settings = KindSettings.of("sop")
    assert (settings.signing, settings.review_months, settings.escalate_after_days) == ("click", 6, 30)
    assert new_draft(author, owner).document.review_months == 6
    assert KindSettings.history.first().history_user == administrator
    line = LedgerLine.objects.get(event="kind_settings_changed")
    assert line.actor == administrator
    assert line.data["changes"] == {
        "signing": ["signature", "click"],
        "review_months": [24, 6],
        "escalate_after_days": [14, 30],
    }
    told = browse(administrator).get(address()).content.decode()
    assert "<del>24</del> <ins>6</ins>" in told
    assert "the manager after 30 days" in told


def test_who_writes_documents_reads_the_settings_and_does_not_loosen_them(browse, author, owner, reader):
    client = browse(author)
    page = client.get(address())
    assert page.status_code == 200
    assert "<button" not in page.content.decode().split("<h1", 1)[1].split("</main>", 1)[0]
    assert client.post(address(), sent(signing="click")).status_code == 403
    with pytest.raises(NotAllowed):
        save_kind("sop", by=author, values={"signing": "click"}, seen=fingerprint(KindSettings.of("sop")))
    assert KindSettings.of("sop").signing == "signature"
    assert LedgerLine.objects.filter(event="refused:keep kind").count() == 1
    for person in (owner, reader):
        assert browse(person).get(address()).status_code == 403
        assert browse(person).get(reverse("documents:kinds")).status_code == 403


def test_numbers_out_of_reason_are_told_at_the_field_and_kept(browse, administrator):
    answer = browse(administrator).post(address(), sent(review_months=9000, retention_years=""))
    assert answer.status_code == 422
    assert "9000" in answer.content.decode()
    assert "Enter a number" in answer.content.decode()
    assert not KindSettings.objects.exists()


def test_who_saves_from_an_old_page_is_told(browse, administrator):
    data = sent(review_months=12)
    save_kind("sop", by=administrator, values={"review_months": 36}, seen=fingerprint(KindSettings.of("sop")))
    client = browse(administrator)
    answer = client.post(address(), data)
    assert answer.status_code == 422
    assert KindSettings.of("sop").review_months == 36
    again = client.post(address(), {**data, "seen": answer.context["form"]["seen"].value()})
    assert again.status_code == 302
    assert KindSettings.of("sop").review_months == 12


def test_a_kind_says_itself_how_often_it_is_reviewed_until_somebody_else_does(browse, administrator):
    assert KindSettings.of("policy").review_months == 36
    assert "every 36 months" in browse(administrator).get(reverse("documents:kinds")).content.decode()


def test_an_unknown_kind_is_missing(browse, administrator):
    assert browse(administrator).get(address("spell")).status_code == 404


def test_the_ladder_is_told_in_words():
    settings = KindSettings(kind="sop")
    assert reminder_words(settings) == "14 days before, on the day, then weekly, the manager after 14 days"
    quiet = KindSettings(kind="sop", remind_days_before=0, weekly_after=False, escalate_after_days=0)
    assert reminder_words(quiet) == "on the day"
    assert set(FIELDS) == {field.name for field in KindSettings._meta.fields} - {"kind"}
