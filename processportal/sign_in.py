"""Nobody signs up by themselves: people are invited, or come from the organisation's identity provider."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Refuses public sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
