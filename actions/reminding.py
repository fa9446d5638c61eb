"""How people are reminded of actions: a week before, on the day, then weekly, and their manager after two weeks."""

from actions.ladder import Ladder
from actions.reminders import ladder_for


@ladder_for("act", "verify_action")
def action_ladder(kind: str) -> Ladder:
    """Agreed work takes longer than a decision: the first reminder comes a week ahead."""
    return Ladder(days_before=7, weekly_after=True, manager_after_days=14)
