"""Days that people plan for: as far as they can be counted on from."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from core.day_field import DayField
from documents.models import DocumentGrant
from people.models import Delegation
from tests.cast import new_draft, released


@pytest.mark.parametrize("day", ["9999-12-31", "2200-01-01"])
def test_a_day_that_nobody_can_mean_is_asked_for_again(day):
    with pytest.raises(ValidationError, match="before the year 2200"):
        DayField().clean(day)


def test_an_ordinary_day_is_taken():
    assert DayField().clean("2026-12-01") == date(2026, 12, 1)


def test_every_form_with_a_day_says_so_instead_of_failing(author, owner, approver, reader, browse):
    document, draft = released(author, owner, approver).document, new_draft(author, owner, title="Next")
    far = "9999-12-31"
    sent = {
        reverse("documents:share", args=[document.code]): {"person": reader.email, "until": far, "reason": "Audit"},
        reverse("documents:facts", args=[document.code]): {"review_due_on": far},
        reverse("documents:submit", args=[draft.document.code, 1]): {"planned_on": far, "reason": "x"},
        reverse("people:my-delegation"): {"to": reader.email, "starts_on": "2026-12-01", "ends_on": far},
    }
    for address, form in sent.items():
        answer = browse(owner).post(address, form)
        assert answer.status_code == 422, address
        assert "Choose a day before the year 2200." in answer.content.decode(), address
    assert not DocumentGrant.objects.exists()
    assert not Delegation.objects.exists()
