"""The people of the demo exist for the demo only: wherever it is off, none of them signs in by any way."""

from typing import Any

from allauth.account.internal.stagekit import clear_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.demo import is_demo
from core.ledger import record_line
from people.models import ApiToken, Person
from portal.demo.sign_ins import DOMAIN, is_demo_address


def cut_off() -> int:
    """End sessions, tokens and private addresses of the demo's people, where the demo is off; returns how many people.

    Their accounts stay, so that every signature keeps its name, and work again when the demo is switched on.
    """
    people = list(Person.objects.filter(email__iendswith="@" + DOMAIN))
    if is_demo() or not people:
        return 0
    with transaction.atomic():
        for person in people:
            person.end_sessions()
        Person.objects.bulk_update(people, ["session_round", "feed_secret"])
        ApiToken.objects.filter(person__in=people, revoked_at=None).update(revoked_at=timezone.now())
        record_line(None, "demo_people_cut_off", by=None, data={"people": len(people)})
    return len(people)


class NoDemoPeopleOutsideTheDemo:
    """Part of the account adapter: treats a person of the demo as one whose account was closed."""

    def pre_login(self, request: HttpRequest, user: Any, **facts: Any) -> HttpResponse | None:
        """Asked before each sign-in, whether by password, passkey, code or link."""
        if is_demo_address(user.email) and not is_demo():
            clear_login(request)
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **facts)
