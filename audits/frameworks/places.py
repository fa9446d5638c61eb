"""Collecting what is wrong with a file, each with its place, so that one reading tells all of it."""

from __future__ import annotations

from dataclasses import dataclass

from core.safe.words import Said, gettext_noop

MAX_PROBLEMS = 20
MAX_ENTRIES = 20_000
MAX_ID = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where: a line, or a path into the file such as "groups 2 › controls 14"."""

    place: str
    message: Said

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else str(self.message)


class UnreadableFramework(ValueError):
    """The file is not taken; ``problems`` say why, at most twenty of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems[:3]))
        self.problems = problems

    @classmethod
    def because(cls, message: Said, place: str = "") -> UnreadableFramework:
        """One problem alone."""
        return cls([Problem(place, message)])


class Findings:
    """Problems of one file, and the ids that are taken in it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._places: dict[str, str] = {}

    def add(self, place: str, message: Said) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(place, message))

    def claim(self, external_id: str, place: str) -> bool:
        """Whether this id is usable here: present, not too long and not used before. Otherwise notes why not."""
        if not external_id:
            self.add(place, gettext_noop("It has no id. Each requirement needs one, so that links find it again."))
        elif len(external_id) > MAX_ID:
            self.add(place, gettext_noop("The id is longer than %(limit)d characters.", limit=MAX_ID))
        elif external_id in self._places:
            first = self._places[external_id]
            self.add(place, gettext_noop("The id “%(id)s” is used already at %(first)s.", id=external_id, first=first))
        elif len(self._places) >= MAX_ENTRIES:
            message = gettext_noop("The file has more than %(limit)d entries.", limit=MAX_ENTRIES)
            raise UnreadableFramework.because(message, place)
        else:
            self._places[external_id] = place
            return True
        return False

    def is_taken(self, external_id: str) -> bool:
        return external_id in self._places

    def refuse_any(self) -> None:
        """Raise ``UnreadableFramework`` if something was found."""
        if self.problems:
            raise UnreadableFramework(self.problems)
