"""Who a visitor may sign in as. Plain words without Django: `make run` prints them before anything is set up."""

from enum import Enum

DOMAIN = "demo.example"
SIGN_INS = (
    (f"officer@{DOMAIN}", "process officer"),
    (f"owner@{DOMAIN}", "process owner"),
    (f"approver@{DOMAIN}", "approver"),
    (f"auditor@{DOMAIN}", "auditor"),
    (f"staff@{DOMAIN}", "staff"),
    (f"admin@{DOMAIN}", "administrator"),
)


def is_demo_address(email: str) -> bool:
    """Whether the address belongs to the demo; outside of it nobody signs in with one."""
    return email.strip().lower().endswith("@" + DOMAIN)


class Outcome(Enum):
    """What a run of the command came to."""

    MADE = "made"
    THERE = "there"
    IN_USE = "in use"
