"""The token of a link for a forgotten password. Apart from the rest of signing in: allauth loads it while it starts."""

from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator


class ResetToken(PasswordResetTokenGenerator):
    """Works once, and is dead as soon as the account is closed or its sessions are ended."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}:{user.is_active}:{user.session_round}"

    def check_token(self, user: Any, token: str | None) -> bool:
        return bool(user and user.is_active and super().check_token(user, token))
