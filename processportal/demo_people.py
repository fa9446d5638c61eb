"""The people of the demo exist for the demo only: wherever it is off, none of them signs in by any way."""

from typing import Any

from allauth.account.internal.stagekit import clear_login
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.demo.sign_ins import is_demo_address


class NoDemoPeopleOutsideTheDemo:
    """Part of the account adapter: treats a person of the demo as one whose account was closed."""

    def pre_login(self, request: HttpRequest, user: Any, **facts: Any) -> HttpResponse | None:
        """Asked before each sign-in, whether by password, passkey, code or link."""
        if is_demo_address(user.email) and not settings.PORTAL_DEMO:
            clear_login(request)
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **facts)
