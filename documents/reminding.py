"""How people are reminded of decisions and reviews: as the settings of the document's kind say."""

from actions.ladder import Ladder
from actions.reminders import ladder_for
from documents.models import KindSettings


@ladder_for("review")
def review_ladder(kind: str) -> Ladder:
    """Reviews are announced early: they take work."""
    settings = KindSettings.of(kind)
    return Ladder(settings.remind_days_before, settings.weekly_after, settings.escalate_after_days)


@ladder_for("decide")
def decision_ladder(kind: str) -> Ladder:
    """A decision is asked for within days: the reminder comes two days before, later as the kind says."""
    settings = KindSettings.of(kind)
    return Ladder(2, settings.weekly_after, settings.escalate_after_days)
