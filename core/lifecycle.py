"""How records change state: the one writer of every ``state`` field.

An app says *what* moves::

    class Version(LifecycleModel):
        MOVES = (
            Move("submit", {State.DRAFT}, State.IN_REVIEW, "documents.change_version", _("Submit for review")),
            ...
        )

and anyone, from page, API, task or shell, says ``version.move("submit", by=author, comment=...)``.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.dispatch import Signal
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.ledger import record_line, record_refusal
from core.questions import THE_PORTAL, Question, Slot

# Sent inside the transaction of the move, with: record, move, by, from_state, comment.
# Receivers write rows of their own app (a job, a task, a notice) and never move another family.
moved = Signal()


class Refused(Exception):
    """Something was asked that may not happen; the message is for the person who asked."""

    status = 409

    def __init__(self, message: Any = "") -> None:
        super().__init__(message)
        self.message = message or _("This cannot be done now.")


class NotAllowed(Refused):
    """The person lacks the permission for this move on this record."""

    status = 403


class Invalid(Refused):
    """What was sent makes no sense, whatever the state of the record."""

    status = 422


class WrongState(Refused):
    """The record, as locked, is not in a state from which the move starts."""


@dataclass(frozen=True)
class Move:
    """One arrow between states, with who may take it."""

    name: str
    sources: frozenset[str] | set[str]
    target: str
    permission: str
    label: Any
    needs_reason: bool = False
    icon: str = ""
    style: str = ""


class LifecycleModel(models.Model):
    """A record whose state changes by named moves only."""

    MOVES: ClassVar[tuple[Move, ...]] = ()

    state = models.CharField(_("state"), max_length=20)

    class Meta:
        abstract = True

    # --- what a model may say about itself -----------------------------------------------------

    def family(self) -> models.Model | None:
        """The row that is locked before this one, shared by all records that must not move at once."""
        return None

    def belongs_to(self, family: models.Model | None) -> None:
        """Remember the family as it was just read and locked."""

    def check_move(self, move: Move, *, by: Any, **facts: Any) -> None:
        """Refuse the move by this record's own rules (raise ``Refused``)."""

    def apply_move(self, move: Move, *, by: Any, **facts: Any) -> dict[str, Any]:
        """Set the fields that change with the move; what is returned is kept in the ledger line."""
        return {}

    def content_hash(self) -> str:
        """What the ledger line of a move vouches for."""
        return ""

    # --- the one way to move ---------------------------------------------------------------------

    @classmethod
    def find_move(cls, name: str) -> Move:
        for move in cls.MOVES:
            if move.name == name:
                return move
        raise Refused(_t("There is no move “%(name)s”.") % {"name": name})

    def locked(self) -> Self:
        """Lock the family row, then this one, and return it as it stands in the database.

        ``no_key``: a plain lock would also block rows that merely point here, such as comments.
        """
        family = self.family()
        if family is not None:
            family = _lock(family)
        record = _lock(self)
        record.belongs_to(family)
        return record

    def move(self, name: str, *, by: Any, comment: str = "", **facts: Any) -> Self:
        """Take the move ``name``; returns the record as stored. Raises ``Refused`` and leaves a trace of that too."""
        move = self.find_move(name)
        try:
            with transaction.atomic():
                record = self.locked()
                record._refuse_unless_possible(move, by=by, comment=comment)
                record.check_move(move, by=by, comment=comment, **facts)
                from_state, record.state = record.state, move.target
                kept = record.apply_move(move, by=by, comment=comment, **facts)
                record.save(by=by, reason=comment or move.name)  # type: ignore[call-arg]  # Record.save
                record_line(
                    record,
                    move.name,
                    by=by,
                    from_state=from_state,
                    to_state=record.state,
                    reason=comment,
                    content_hash=record.content_hash(),
                    data=kept,
                )
                moved.send(sender=type(record), record=record, move=move, by=by, from_state=from_state, comment=comment)
        except Refused as refusal:
            record_refusal(self, move.name, by=by, reason=str(refusal.message))
            raise
        self.refresh_from_db()
        return self

    def _refuse_unless_possible(self, move: Move, *, by: Any, comment: str) -> None:
        if self.state not in move.sources:
            raise WrongState(
                _t("“%(move)s” is not possible any more: the state is now “%(state)s”.")
                % {"move": move.label, "state": self.get_state_display()}
            )
        if not by.has_perm(move.permission, self):
            raise NotAllowed(_t("You may not do this: %(move)s.") % {"move": move.label})
        if move.needs_reason and not comment.strip():
            raise Refused(_t("Enter a reason."))

    def open_moves(self, person: Any) -> list[Move]:
        """The moves a button may show: right state, and the person may take them."""
        return [m for m in self.MOVES if self.state in m.sources and person.has_perm(m.permission, self)]


def _lock(record: models.Model) -> Any:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("A lock holds until its transaction ends: begin one")
    locked = _locking(type(record)).first(THE_PORTAL, pk=record.pk)
    if locked is None:
        raise type(record).DoesNotExist
    return locked


@cache
def _locking(model: type[models.Model]) -> Question:
    return Question(lambda _: model._base_manager.select_for_update(no_key=True).filter(pk=Slot("pk")))
