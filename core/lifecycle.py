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

from core.history import save_with_history
from core.ledger import line_of, record_line, record_lines, record_refusal
from core.questions import THE_PORTAL, Question, Slot

# Sent inside the transaction of the move, with: records (mostly one), move, by, from_states (by primary key), comment.
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

    @classmethod
    def look_ahead(cls, move: Move, records: list[Self]) -> list[dict[str, Any]]:
        """What ``apply_move`` would ask the database for each of many, asked once: further facts for each."""
        return [{} for _record in records]

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
                record_line(record, move.name, by=by, **record._told(from_state, comment, kept))
                record._announce([record], {record.pk: from_state}, move=move, by=by, comment=comment)
        except Refused as refusal:
            record_refusal(self, move.name, by=by, reason=str(refusal.message))
            raise
        self.refresh_from_db()
        return self

    @classmethod
    def move_together(
        cls, name: str, moving: list[tuple[Self, dict[str, Any]]], *, by: Any, comment: str = ""
    ) -> list[Self]:
        """Take one move with many records, each with its facts, in few statements: the rows that ``move`` writes for
        each. All of them, or none and ``Refused``; which of many, is found and traced by asking each alone."""
        move = cls.find_move(name)
        with transaction.atomic():
            records = cls._locked_together([record for record, _facts in moving])
            ahead = cls.look_ahead(move, records)
            from_states, lines = {record.pk: record.state for record in records}, []
            for record, (_asked, given), known in zip(records, moving, ahead, strict=True):
                facts = given | known
                record._refuse_unless_possible(move, by=by, comment=comment)
                record.check_move(move, by=by, comment=comment, **facts)
                record.state = move.target
                kept = record.apply_move(move, by=by, comment=comment, **facts)
                told = record._told(from_states[record.pk], comment, kept)
                lines.append(line_of(record, move.name, by=by, **told))
            save_with_history(records, by=by, reason=comment or move.name)
            record_lines(lines)
            cls._announce(records, from_states, move=move, by=by, comment=comment)
        return records

    @classmethod
    def _locked_together(cls, records: list[Self]) -> list[Self]:
        """Lock families, then records, each sorted by key: two that lock the same ones do not wait for each other."""
        families = [record.family() for record in records]
        kept = {family.pk: family for family in _lock_all([family for family in families if family is not None])}
        locked = {record.pk: record for record in _lock_all(records)}
        for record, family in zip(records, families, strict=True):
            locked[record.pk].belongs_to(kept[family.pk] if family is not None else None)
        return [locked[record.pk] for record in records]

    def _told(self, from_state: str, comment: str, kept: dict[str, Any]) -> dict[str, Any]:
        """What the ledger line of a move says."""
        return {
            "from_state": from_state,
            "to_state": self.state,
            "reason": comment,
            "content_hash": self.content_hash(),
            "data": kept,
        }

    @classmethod
    def _announce(cls, records: list[Self], from_states: dict[int, str], **facts: Any) -> None:
        moved.send(sender=cls, records=records, from_states=from_states, **facts)

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
    _refuse_outside_transaction()
    locked = _locking(type(record)).first(THE_PORTAL, pk=record.pk)
    if locked is None:
        raise type(record).DoesNotExist
    return locked


def _lock_all(records: list[Any]) -> list[Any]:
    _refuse_outside_transaction()
    if not records:
        return []
    model, keys = type(records[0]), {record.pk for record in records}
    locked = list(model._base_manager.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
    if len(locked) < len(keys):
        raise model.DoesNotExist
    return locked


def _refuse_outside_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("A lock holds until its transaction ends: begin one")


@cache
def _locking(model: type[models.Model]) -> Question:
    return Question(lambda _: model._base_manager.select_for_update(no_key=True).filter(pk=Slot("pk")))
