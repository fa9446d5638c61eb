"""Forklifts as a kind of record: everything of the kit, and nothing beside it."""

from core.kinds import Fact
from people.kinds import OwnedKind
from tests.trial.models import Forklift, State


class ForkliftKind(OwnedKind):
    key = "forklift"
    model = Forklift
    icon = "case"
    group = "assure"
    code_prefix = "FL"
    facts = (
        Fact("energy", head=True),
        Fact("lift_height"),
        Fact("inspected_on"),
        Fact("serial", column=False),
        Fact("battery_life", column=False),
        Fact("is_leased", column=False),
        Fact("note", column=None),
        Fact("drivers", column=False),
    )
    states = {State.IN_USE: ("check-circle", "ok"), State.OUT_OF_SERVICE: ("stop", "late")}


FORKLIFT = ForkliftKind()
