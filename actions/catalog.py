"""How actions stand in the index."""

from actions.models import Action
from core.catalog import Listing, lists


@lists(Action)
def listings(actions: list[Action]) -> list[Listing]:
    return [
        Listing(
            kind="action",
            code=action.code,
            title=action.title,
            url=action.get_absolute_url(),
            state=action.state,
            department_id=action.department_id,
            owner_id=action.owner_id,
            audience_keys=action.audience_keys,
            changed_at=action.changed_at,
            body="\n".join([action.details, action.evidence, action.source_words]),
        )
        for action in actions
    ]
