"""The makers of all kinds (tests/contract.py)."""

from typing import Any

from tests.contract import World, made, maker
from tests.trial.kinds import FORKLIFT


@maker(FORKLIFT)
def forklift(world: World, text: str, **facts: Any) -> Any:
    return made(FORKLIFT, world, text, **{"drivers": [world.named], **facts})
