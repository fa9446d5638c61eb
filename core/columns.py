"""Which columns of a list are shown: some always, others as the address says (``?columns=owner&columns=review``)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict


@dataclass(frozen=True)
class Column:
    """One column that may be shown or not."""

    name: str
    label: Any
    usual: bool = True


@dataclass
class Columns:
    """The columns of one list as one address asks for them. ``columns.owner`` in a template: whether it is shown."""

    known: tuple[Column, ...]
    shown: set[str]
    are_chosen: bool = False  # by the person; such columns are not hidden where room is short

    @classmethod
    def read(cls, known: tuple[Column, ...], data: QueryDict) -> "Columns":
        """What the address names; nothing that is known means the usual ones."""
        names = {column.name for column in known}
        asked = set(data.getlist("columns")) & names
        return cls(known, asked or {column.name for column in known if column.usual}, bool(asked))

    def __getitem__(self, name: str) -> bool:
        if name not in self._names:
            raise KeyError(name)  # a template then looks for an attribute
        return name in self.shown

    @cached_property
    def _names(self) -> set[str]:
        return {column.name for column in self.known}

    @property
    def drawn(self) -> tuple[str, ...]:
        """The shown ones by name, in their order."""
        return tuple(column.name for column in self.known if column.name in self.shown)

    @property
    def choices(self) -> list[tuple[Column, bool]]:
        return [(column, column.name in self.shown) for column in self.known]
