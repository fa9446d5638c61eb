"""Kinds of record: register one, and its pages, addresses, index entry, bulk changes and API are there.

    from core.kinds import Fact, RecordKind, register

docs/new-record.md walks through a new kind; people.kinds.OwnedKind is the one to start from for records that belong to
somebody.
"""

from core.kind_registry import all_kinds, kind_named, kind_of_model
from core.kinds.facts import Fact
from core.kinds.forms import MoveForm, RecordForm
from core.kinds.record_kind import RecordKind


def register(kind: RecordKind) -> None:
    """Make a kind known everywhere; called from ``AppConfig.ready``."""
    kind.register()


__all__ = ["Fact", "MoveForm", "RecordForm", "RecordKind", "all_kinds", "kind_named", "kind_of_model", "register"]
