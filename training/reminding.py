"""How people are reminded of what they have to read."""

from actions.ladder import Ladder
from actions.reminders import ladder_for


@ladder_for("read")
def reading_ladder(kind: str) -> Ladder:
    """Three days before, on the day, then weekly; the manager hears of it after two weeks."""
    return Ladder(days_before=3, weekly_after=True, manager_after_days=14)
