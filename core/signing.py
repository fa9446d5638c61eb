"""A signature as the record that is signed sees it. How a person proves who they are is the business of ``people``."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

FRESH = timedelta(minutes=5)
CLICK = "click"


@dataclass(frozen=True)
class Signature:
    """Evidence that a person proved just now who they are: printed name, how, and when (UTC)."""

    person_id: int
    name: str
    method: str  # "password", "code", "passkey", "sign-on", or "click" where no proof was asked for
    at: datetime

    @property
    def is_proof(self) -> bool:
        return self.method != CLICK

    def is_fresh_of(self, person_id: int) -> bool:
        """Whether it is this person's, and made within the last five minutes."""
        return self.person_id == person_id and timezone.now() - self.at <= FRESH
